"""Reads YAML with the parser of libyaml, in a tenth of the time of PyYAML's own, where PyYAML has it."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

T = TypeVar("T")
# A list of texts; a single text may be written without a list.
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda it: [it] if isinstance(it, str) else it)]
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Data(BaseModel):
    """Base model of data files of this repository: immutable, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def parsed(text: str) -> Any:
    """The content of a YAML text. Raises yaml.YAMLError: it is not YAML, or has tags for Python objects."""
    return yaml.load(text, _LOADER)  # noqa: S506 - both loaders are safe ones


def read(file: Path, kind: type[T]) -> T:
    """The content of a file, as a model or another type that pydantic knows.

    Raises:
        yaml.YAMLError: it is not YAML, or has tags for Python objects.
        pydantic.ValidationError: it does not fit the type.
    """
    return TypeAdapter(kind).validate_python(parsed(file.read_text(encoding="utf-8")))


def cached_reader(file: Path, kind: type[T]) -> Callable[[], T]:
    """A function that returns the content of a file and reads it at its first call; errors as for `read`."""
    return cache(partial(read, file, kind))
