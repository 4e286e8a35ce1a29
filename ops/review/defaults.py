"""Default values of properties, by the documentation of the services."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from installation import yaml_text
from ops.review.data import DATA
from ops.templates.differences import PropertyPath
from ops.templates.normal_form import scalar
from ops.templates.values import Json, is_function

_defaults = yaml_text.cached_reader(DATA / "defaults.yaml", dict[str, dict[str, Any]])  # by resource type and path


def default_of(resource_type: str, path: PropertyPath) -> Json:
    """The default value of a property; None where it is not known."""
    known: Mapping[str, Json] = _defaults().get(resource_type, {})
    if (exact := known.get("/".join(path))) is not None:
        return exact
    for pattern, value in known.items():
        parts = pattern.split("/")
        if "*" in parts and len(parts) == len(path) and all(map(fnmatchcase, path, parts)):
            return value
    return None


def means_the_same(resource_type: str, path: PropertyPath, old: Json, new: Json) -> bool:
    """Whether one side has the default value and the other side has no value."""
    return None in (old, new) and _is_default(resource_type, path, new if old is None else old)


def _is_default(resource_type: str, path: PropertyPath, value: Json) -> bool:
    default = default_of(resource_type, path)
    if default is not None:
        return _text(value) == _text(default)
    if isinstance(value, dict) and value and not is_function(value):
        # An attribute of a load balancer or target group is found by its key.
        rest = {key: it for key, it in value.items() if key != "Key" or path[-1:] != (f"{key}={it}",)}
        return bool(rest) and all(_is_default(resource_type, (*path, key), it) for key, it in rest.items())
    return False


def _text(value: Json) -> str:
    """A value as a text; lists with defaults are sorted, as their order has no meaning."""
    return " ".join(sorted(str(it) for it in value)) if isinstance(value, list) else str(scalar(value))
