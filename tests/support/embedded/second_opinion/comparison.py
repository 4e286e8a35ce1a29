"""Compares the values that the command reads from two emulations."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from installation import yaml_text

_FILE: Final = Path(__file__).with_name("differences.yaml")
# Values that each emulation chooses itself.
_MADE_UP: Final = (
    (re.compile(r"\b\d{12}\b"), "ACCOUNT"),
    (re.compile(r"\b(vpc|subnet|sg|rtb|igw|nat|eni|eipalloc)-[0-9a-f]+"), r"\1-ID"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"(?<=/)[0-9a-f]{16,32}\b"), "ID"),
    (re.compile(r"sha256:[0-9a-f]{64}"), "DIGEST"),
    (re.compile(r"\b(?:[\w-]+\.)+(?:amazonaws\.com|localhost|127\.0\.0\.1)(:\d+)?"), "HOST"),
    (re.compile(r"\b127\.0\.0\.1(:\d+)?|\blocalhost(:\d+)?"), "HOST"),
)


class Explained(BaseModel):
    """Known differences.

    Attributes:
        differences: reading and path, such as ``database: engine``; `*` means any text.
        reason: which emulation is right, and by which source.
    """

    differences: list[str]
    reason: str


def explained() -> list[Explained]:
    """All known differences."""
    return yaml_text.read(_FILE, list[Explained])


def plain(value: Any) -> Any:
    """A result as values that can be compared, without values that an emulation chooses itself."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime | date):
        return "TIME"
    return _without_what_is_made_up(str(value)) if isinstance(value, str) else value


def _without_what_is_made_up(text: str) -> str:
    for pattern, name in _MADE_UP:
        text = pattern.sub(name, text)
    return text


def differences(reading: str, actual: Any, expected: Any, path: str = "") -> Iterator[str]:
    """The paths at which two results differ, with both values."""
    if isinstance(actual, dict) and isinstance(expected, dict) and "error" not in (*actual, *expected):
        for name in sorted({*actual, *expected}):
            yield from differences(reading, actual.get(name), expected.get(name), f"{path}.{name}" if path else name)
    elif isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        for one, other in zip(actual, expected, strict=True):
            yield from differences(reading, one, other, f"{path}[]")
    elif actual != expected:
        yield f"{reading}: {path or 'all'}: here {actual!r}, moto {expected!r}"


def unexplained(found: list[str], known: list[Explained]) -> list[str]:
    """The differences that are not explained."""
    patterns = [pattern for each in known for pattern in each.differences]
    return [one for one in found if not any(_matches(one, pattern) for pattern in patterns)]


def stale(found: list[str], known: list[Explained]) -> list[str]:
    """The explained differences that no longer exist."""
    patterns = [pattern for each in known for pattern in each.differences]
    return [pattern for pattern in patterns if not any(_matches(one, pattern) for one in found)]


def _matches(difference: str, pattern: str) -> bool:
    return fnmatchcase(difference.partition(": here ")[0], pattern.replace("[", "[[]"))
