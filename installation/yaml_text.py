"""Reads YAML with the parser of libyaml, in a tenth of the time of PyYAML's own, where PyYAML has it."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

T = TypeVar("T")
# Several texts, of which a single one may be written without a list.
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda it: [it] if isinstance(it, str) else it)]
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Data(BaseModel):
    """What a file of this repository says: it cannot be changed, and has no field that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def parsed(text: str) -> Any:
    """What a text says.

    Raises:
        yaml.YAMLError: it is not YAML, or asks for objects of Python.
    """
    return yaml.load(text, _LOADER)  # noqa: S506 - both loaders are safe ones


def read(file: Path, kind: type[T]) -> T:
    """What a file says, as a model or another type that pydantic knows.

    Raises:
        yaml.YAMLError: it is not YAML, or asks for objects of Python.
        pydantic.ValidationError: it does not fit the type.
    """
    return TypeAdapter(kind).validate_python(parsed(file.read_text(encoding="utf-8")))


def once(file: Path, kind: type[T]) -> Callable[[], T]:
    """A function that gives what a file says, and reads it when it is first called; errors as for `read`."""
    return cache(partial(read, file, kind))
