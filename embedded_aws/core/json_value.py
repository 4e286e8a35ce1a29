"""JSON values."""

import json
from typing import Any

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None


def json_object(value: object, *, nulls: bool = True) -> dict[str, Any] | None:
    """The object in a JSON text, or the given object itself; None where there is no object.

    Without nulls, a text's objects have no members that are null; the items of lists stay.
    """
    try:
        hook = None if nulls else _given
        found = json.loads(value, object_pairs_hook=hook) if isinstance(value, str | bytes) else value
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _given(members: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in members if value is not None}


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
