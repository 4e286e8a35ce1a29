"""JSON values."""

import json
from typing import Any

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None


def json_object(value: object) -> dict[str, Any] | None:
    """The object in a JSON text, or the given object itself; None where there is no object."""
    try:
        found = json.loads(value) if isinstance(value, str | bytes) else value
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_json(text: str) -> bool:
    """Whether a text is JSON of any kind."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def as_list(value: Any) -> list[Any]:
    """A value of a policy, which may be a list or a single item, as a list."""
    return value if isinstance(value, list) else [value]
