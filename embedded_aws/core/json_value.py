"""What JSON can say."""

import json
from typing import Any

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None


def json_object(given: object) -> dict[str, Any] | None:
    """The object that a text says, or that was given as one; None where there is none."""
    try:
        found = json.loads(given) if isinstance(given, str | bytes) else given
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def as_list(value: Any) -> list[Any]:
    """What a policy says once or several times."""
    return value if isinstance(value, list) else [value]
