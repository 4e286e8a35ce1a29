"""Tags that a request adds or removes, by each service's parameter."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from installation.permissions.variables import Values
from ops.iam.review import fields
from ops.iam.review.recorded_keys import HIDDEN
from ops.templates.values import Json, at, items

_TAG: Final = "aws:requesttag/"
_NAMES: Final = "aws:tagkeys"
# The beginnings of tag keys, in lower case.
KEYS: Final = (_TAG, _NAMES)
# The parameters as CloudTrail writes them: of most services, EC2's two, CloudTrail's, for removal, S3's.
PARAMETERS: Final = ("tags", "tagSpecificationSet", "tagSet", "tagsList", "tagKeys", "Tagging")
_KEY, _VALUE = ("key", "Key", "tagKey", "TagKey"), ("value", "Value", "tagValue", "TagValue")


def values(key: str, record: Mapping[str, str], *, complete: bool) -> Values | None:
    """The request's values of a tag key in lower case, by a record's fields; None where they are not known.

    In a complete record, no parameter of tags means a request without tags.
    """
    parameters = {
        name: json.loads(record[fields.parameter(name)]) for name in PARAMETERS if fields.parameter(name) in record
    }
    if not parameters:
        return () if complete else None
    try:
        tags = [tag for name, value in parameters.items() for tag in _tags(name, value)]
    except ValueError:
        return None
    if any(HIDDEN in tag for tag in tags):
        return None
    if key == _NAMES:
        return tuple(dict.fromkeys(name for name, _ in tags))
    wanted = key.removeprefix(_TAG)
    return tuple(dict.fromkeys(value for name, value in tags if name.lower() == wanted and value is not None))


def _tags(parameter: str, value: Json) -> Iterator[tuple[str, str | None]]:
    """Tags with their values; None for a removed tag.

    Raises:
        ValueError: they have an unknown form, or are for several resources.
    """
    if parameter == "tagSpecificationSet":
        listed = items(at(value, "items"))
        if len(listed) > 1:
            raise ValueError("each resource has tags of its own")
        value = [tag for one in listed for tag in items(at(one, "tags"))]
    elif parameter == "tagSet":
        value = at(value, "items")
    elif parameter == "Tagging":
        value = at(value, "TagSet", "Tag")
    if parameter != "Tagging" and isinstance(value, dict):
        yield from ((name, _text(one)) for name, one in value.items())
        return
    for tag in items(value):
        if isinstance(tag, str):
            yield tag, None
        else:
            value = _first_value(tag, _VALUE)
            yield _text(_first_value(tag, _KEY)), None if value is None else _text(value)


def _first_value(tag: Json, names: tuple[str, ...]) -> Json:
    return next((found for name in names if (found := at(tag, name)) is not None), None)


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("it is no tag")
