"""Reads JSON that others may have written: unusable input ends in an error of one line."""

import json
import re
import sys
from pathlib import Path
from typing import Final, NoReturn

from ops.errors import UnusableInputError
from ops.templates.values import Json, Map, items, mapping

# CloudFormation accepts templates of 1 MB; an assembly's other files have a few megabytes at most.
LARGEST_BYTES: Final = 32 * 1024 * 1024
# The CDK's templates are less than 40 levels deep. Walking a value takes two Python frames per level.
_DEEPEST = 200
_SECTIONS: Final = ("Conditions", "Mappings", "Metadata", "Outputs", "Parameters", "Rules")
_AGAIN = "Synthesize again."
# An escape that may be a lone surrogate.
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(file: Path) -> Json:
    """The content of a file.

    Raises:
        UnusableInputError: it is missing, too large, nested too deeply, no JSON, or has a key twice.
    """
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise UnusableInputError(f"{file} is larger than {LARGEST_BYTES // 1024 // 1024} MB", _AGAIN)
        text = file.read_text(encoding="utf-8")
        content: Json = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_number, parse_float=_finite)
        if _HALF.search(text) and _has_lone_surrogate(content):
            raise UnusableInputError(f"{file} is damaged: an escape is half of a surrogate pair", _AGAIN)
        if _depth(content) > _DEEPEST:
            raise UnusableInputError(f"{file} is nested more than {_DEEPEST} levels deep", _AGAIN)
    except FileNotFoundError:
        raise UnusableInputError(f"{file} is missing", _AGAIN) from None
    except OSError as error:
        raise UnusableInputError(f"{file} cannot be read: {error.strerror}", _AGAIN) from None
    except RecursionError:
        raise UnusableInputError(f"{file} is nested too deeply", _AGAIN) from None
    except ValueError as error:  # also text that is not UTF-8, and numbers with too many digits
        raise UnusableInputError(f"{file} is damaged: {error}", _AGAIN) from error
    return content


def read_object(file: Path) -> Map:
    """The content of a file that must be a JSON object.

    Raises:
        UnusableInputError: as `read_json`, or it is something else.
    """
    content = read_json(file)
    if not isinstance(content, dict):
        raise UnusableInputError(f"{file} holds {_type_name(content)} where an object is expected", _AGAIN)
    return content


def read_template(file: Path) -> Map:
    """A CloudFormation template.

    Raises:
        UnusableInputError: as `read_object`, or it has no resources, or a resource has no type.
    """
    return _check_template(read_object(file), str(file), _AGAIN)


def as_answered(text: str) -> str:
    """A template as GetTemplate returns it: with a question mark in place of each character that is not ASCII.

    Source: cloudformation-coverage-roadmap #1220; `mangleLikeCloudFormation` of the CDK.
    """
    return re.sub(r"[^\x00-\x7f]", "?", text)


def deployed_template(body: object, stack: str) -> Map:
    """A template as CloudFormation's GetTemplate returns it: boto3 gives JSON as an object, but other text as text.

    Raises:
        UnusableInputError: as `read_template`.
    """
    try:
        content: Json = json.loads(body if isinstance(body, str) else json.dumps(body))
    except ValueError as error:
        raise UnusableInputError(f"the template of {stack} is no JSON: {error}") from error
    return _check_template(mapping(content), f"what is deployed as {stack}")


def _check_template(template: Map, source: str, *advice: str) -> Map:
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise UnusableInputError(f"{source} is no template: its Resources are {_type_name(resources)}", *advice)
    for section in _SECTIONS:
        if not isinstance(template.get(section, {}), dict):
            kind = _type_name(template[section])
            raise UnusableInputError(f"{source} is no template: its {section} are {kind}", *advice)
    for logical_id, resource in resources.items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise UnusableInputError(f"{source} is no template: {logical_id[:100]} has no Type", *advice)
        if not isinstance(resource.get("Properties", {}), dict):
            what = f"the Properties of {logical_id[:100]} are no object"
            raise UnusableInputError(f"{source} is no template: {what}", *advice)
    return template


def _unique_keys(pairs: list[tuple[str, Json]]) -> Map:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:100]!r} stands twice in one object")
    return found


def _finite(text: str) -> float:
    """A number that JSON can represent: 1e999 is not one."""
    if (found := float(text)) in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:40]} is too large a number")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _has_lone_surrogate(value: Json) -> bool:
    """Whether a text has a lone surrogate, which cannot be written as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _depth(value: Json) -> int:
    level, depth = [value], 0
    while level and depth <= sys.getrecursionlimit():
        depth += 1
        inner = (part.values() if isinstance(part, dict) else items(part) for part in level)
        level = [child for children in inner for child in children if isinstance(child, dict | list)]
    return depth


def _type_name(value: Json) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "an empty object"
    return "a list" if isinstance(value, list) else "a single value"
