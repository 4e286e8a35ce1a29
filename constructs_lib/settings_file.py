"""Reads ``config/<environment>.yaml`` into `Settings`.

A file that does not fit ends in one `SettingsError` with the file, the field and what is allowed.
"""

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from constructs_lib.settings import Settings

CONFIG_FOLDER = Path(__file__).resolve().parent.parent / "config"


class SettingsError(Exception):
    """A configuration file cannot be used; the message is meant for the person who wrote it."""


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
        raise SettingsError(f"no configuration file {file}; environments are: {', '.join(known) or 'none'}")
    try:
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{file} cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{file} must hold fields with values, but holds {type(content).__name__}")
    if "environment" in content:
        raise SettingsError(f"{file}: environment: not allowed here, it is the file's name")
    try:
        # Through JSON, because only there a list may fill a tuple while all other types stay strict.
        return Settings.model_validate_json(json.dumps({**content, "environment": environment}, default=str))
    except ValidationError as error:
        problems = "\n".join(f"  {_describe(detail)}" for detail in error.errors())
        raise SettingsError(f"{file} does not fit:\n{problems}") from error


def _describe(detail: ErrorDetails) -> str:
    """One line for one problem: the field as it is written in the file, and what is allowed."""
    field = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = f"unknown field; known here are: {', '.join(_fields_at(detail['loc'][:-1]))}"
    elif detail["type"] != "missing" and not isinstance(detail["input"], dict):
        message = f"{message} (is {detail['input']!r})"
    return f"{field}: {message}" if field else message


def _fields_at(location: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in location:
        annotation = model.model_fields[str(part)].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return sorted(name for name in model.model_fields if name != "environment")
