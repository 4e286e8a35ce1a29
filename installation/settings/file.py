"""Reads ``config/<environment>.yaml`` into `Settings`.

A file that does not fit ends in one `SettingsError` with the file, the field and what is allowed.
"""

import json
import re
from collections.abc import Hashable
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from yaml.constructor import ConstructorError

from installation import operators_yaml
from installation.settings import Settings
from installation.settings.section import meanings

CONFIG_FOLDER = Path(__file__).resolve().parents[2] / "config"


_KEY: Final = "[key]"  # Where pydantic says that the name of an entry does not fit, and not its value
_MOST_SHOWN: Final = 60
_PLAIN_NUMBER: Final = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
# What YAML makes of unquoted texts, besides null.
_CHANGED: Final = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "float", "int", "timestamp"))


class SettingsError(Exception):
    """A configuration file cannot be used; the message is meant for the person who wrote it."""


class _StrictLoader(yaml.SafeLoader):
    """Without what YAML does silently.

    It lets the last of two fields of one name win, where the first may be meant. It reads 0100 as 64 and 12:30 as 750,
    and ``on`` as true: numbers are plain ones, and the variables of containers are texts as they are written.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        for key, value in node.value:
            if keys.count(key.value) > 1:
                problem = f"{key.value} is written {keys.count(key.value)} times"
                raise ConstructorError(None, None, problem, key.start_mark)
            if key.value == "environment" and isinstance(value, yaml.MappingNode):
                self._keep_texts(value)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        value = int(super().construct_yaml_int(node))
        if not _PLAIN_NUMBER.fullmatch(node.value):
            problem = f"{node.value} is {value} to YAML: write a plain number, or the text in quotes"
            raise ConstructorError(None, None, problem, node.start_mark)
        return value

    @staticmethod
    def _keep_texts(variables: yaml.MappingNode) -> None:
        for place, (key, value) in enumerate(variables.value):
            if isinstance(value, yaml.ScalarNode) and value.tag in _CHANGED:
                text = value.value.lower() if value.value.lower() in ("true", "false") else value.value
                # Another node, because an alias may stand for this one where a number is wanted.
                copy = yaml.ScalarNode("tag:yaml.org,2002:str", text, value.start_mark, value.end_mark)
                variables.value[place] = key, copy


_StrictLoader.add_constructor("tag:yaml.org,2002:int", _StrictLoader.construct_yaml_int)


def environments(folder: Path = CONFIG_FOLDER) -> list[str]:
    """The environments that have a configuration file."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_settings(environment: str, folder: Path = CONFIG_FOLDER) -> Settings:
    """Read the settings of an environment.

    Raises:
        SettingsError: the file is missing, is not YAML, or does not fit; the message names file and field.
    """
    file = folder / f"{environment}.yaml"
    known = environments(folder)
    if environment not in known:
        raise SettingsError(
            f"no environment {environment!r}: there is no file {file}; environments are: {', '.join(known) or 'none'}"
        )
    content = _content(file)
    if "environment" in content:
        raise SettingsError(f"{file}: environment: not allowed here, it is the file's name")
    try:
        return Settings.model_validate_json(_to_json({**content, "environment": environment}, file))
    except ValidationError as error:
        problems = "\n".join(f"  {_describe(detail)}" for detail in _causes(error.errors()))
        raise SettingsError(f"{file} does not fit:\n{problems}") from error


def _content(file: Path) -> dict[Any, Any]:
    """The fields of a file and their values, of whatever types."""
    try:
        content = operators_yaml.read(file, _StrictLoader)
    except operators_yaml.UnreadableError as error:
        raise SettingsError(f"{file} {error}") from error
    if content is None:
        raise SettingsError(f"{file} is empty; fields with values belong there, such as `project: my-product`")
    if not isinstance(content, dict):
        kind = "a list" if isinstance(content, list) else "a single value"
        raise SettingsError(f"{file} must hold fields with values, but holds {kind}")
    return content


def _to_json(content: dict[Any, Any], file: Path) -> str:
    """The content as JSON, because only there a list may fill a tuple while all other types stay strict."""
    try:
        text = json.dumps(content, default=str, ensure_ascii=False)
        text.encode()
    except TypeError as error:
        raise SettingsError(f"{file}: the name of a field must be text: {error}") from error
    except UnicodeEncodeError as error:
        raise SettingsError(f"{file}: {error.object[error.start]!r} is half of a surrogate pair") from error
    except ValueError as error:
        raise SettingsError(f"{file}: an alias names what it stands in: {error}") from error
    return text


def _causes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without those that only follow: a list whose items do not fit is said to have too few."""
    wrong = {detail["loc"][:-depth] for detail in details for depth in range(1, len(detail["loc"]))}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in wrong]


def _describe(detail: ErrorDetails) -> str:
    """One line for one problem: the field as it is written in the file, and what is allowed."""
    path = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "value_error":
        # Rules of several fields stand at their section, and their messages begin with the field.
        message = detail["msg"].removeprefix("Value error, ")
        return f"{path}.{message}" if path else message
    model, field = _location_text(detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = sorted(name for name in model.model_fields if (model, name) != (Settings, "environment"))
        return f"{path}: unknown field; known here are: {', '.join(known)}"
    if detail["type"] == "missing":
        return f"{path}: {detail['msg']}"
    if detail["loc"][-1] == _KEY:
        return f"{path.removesuffix('.' + _KEY)}: {detail['msg'].replace('String', 'the name')}"
    written = "the file's name" if path == "environment" else path
    return f"{written}: {detail['msg']} (is {_shorten(detail['input'])}){_allowed(detail, model, field)}"


def _shorten(value: object) -> str:
    """A value that does not fit, cut where it would fill the screen."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _allowed(detail: ErrorDetails, model: type[BaseModel], field: FieldInfo | None) -> str:
    """What is allowed, where the error itself says only which limit or pattern was broken."""
    if detail["type"] == "string_type" and isinstance(detail["input"], int | float):
        return ": write it in quotes"
    if detail["type"] == "tuple_type":
        return f": write a list{', such as [one, two]' if field else ''}"  # no field: its items are sections
    if field is None:
        return ""
    if detail["type"] == "string_pattern_mismatch":
        name = next(name for name, it in model.model_fields.items() if it is field)
        return f": {meanings(model).get(name, '')}"
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    limits = [
        f"{word} {getattr(limit, name)}"
        for name, word in words.items()
        for limit in field.metadata
        if hasattr(limit, name)
    ]
    return f": {', '.join(limits)}" if limits else ""


def _location_text(location: tuple[int | str, ...]) -> tuple[type[BaseModel], FieldInfo | None]:
    """The section that a problem is in, and the field, if it is one."""
    model: type[BaseModel] = Settings
    field: FieldInfo | None = None
    in_map = False  # of a map from names to sections, or of a list of them
    for part in location:
        if in_map:
            in_map = False
            continue
        field = model.model_fields.get(str(part))
        section, in_map = _section(field.annotation if field else None)
        if section is None:
            break
        model, field = section, None
    return model, field


def _section(annotation: object) -> tuple[type[BaseModel] | None, bool]:
    """The section that a field holds, if any, and whether it holds a map or a list of them."""
    if get_origin(annotation) in (Union, UnionType):  # one that may be missing
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (dict, tuple):
        value = get_args(annotation)[0 if get_origin(annotation) is tuple else 1]
        return _section(get_args(value)[0] if get_origin(value) is Annotated else value)[0], True
    is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return (annotation if is_section else None), False  # type: ignore[return-value]
