"""Fails the test during which an embedded AWS sent an answer that differs from botocore's models.

``differences.yaml`` lists allowed differences, with reasons.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import pytest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from installation import yaml_text
from tests.support.embedded.conformance.answers import Difference, differences, error_code
from tests.support.embedded.conformance.operations import Answer, operation, read

DIFFERENCES: Final = Path(__file__).parent / "differences.yaml"
_watched: Final[dict[Path, int]] = {}
_checked: Final[set[bytes]] = set()
# Answered operations, such as "rds.DescribeDBInstances", with their error codes and the files of the tests.
_answered: Final[dict[str, dict[str, set[str]]]] = {}
_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Explained(BaseModel):
    """An allowed difference.

    Attributes:
        differences: in the form of a report, with ``*`` for any text.
        reason: why it is allowed, with the source of AWS's behaviour.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    differences: Annotated[tuple[_Text, ...], Field(min_length=1)]
    reason: _Text

    def explains(self, difference: Difference) -> bool:
        """Whether this allows a difference."""
        return any(_pattern(one).fullmatch(str(difference)) for one in self.differences)


@cache
def explained() -> tuple[Explained, ...]:
    """All allowed differences."""
    return yaml_text.read(DIFFERENCES, tuple[Explained, ...])


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")))


def watch(file: Path) -> None:
    """Check all answers that are written to a file from now on."""
    _watched.setdefault(file, 0)


def unexplained(test: str) -> list[str]:
    """Check the answers since the last call, and return differences that are not explained.

    Args:
        test: the file of the running test.
    """
    found = [difference for answer in _new() for difference in _differences(answer, test)]
    return sorted({str(one) for one in found if not any(it.explains(one) for it in explained())})


def _new() -> Iterator[Answer]:
    for file, position in list(_watched.items()):
        try:
            with file.open("rb") as opened:
                opened.seek(position)
                lines = opened.read().splitlines(keepends=True)
        except FileNotFoundError:
            continue
        if lines and not lines[-1].endswith(b"\n"):
            del lines[-1]  # still being written
        _watched[file] = position + sum(map(len, lines))
        yield from (read(line.decode()) for line in lines)


def _differences(answer: Answer, test: str) -> Iterator[Difference]:
    model = operation(answer)
    if model is not None:
        seen = _answered.setdefault(
            f"{model.service_model.service_name}.{model.name}", {"errors": set(), "tests": set()}
        )
        seen["tests"].add(test)
        if answer.status >= 400 and (code := error_code(answer)):
            seen["errors"].add(code)
    digest = hashlib.blake2b(f"{answer.signed_for}{answer.target}{answer.action}{answer.body}".encode()).digest()
    if digest not in _checked:
        _checked.add(digest)
        yield from differences(answer)


def _look(item: pytest.Item) -> None:
    if _watched and (found := unexplained(item.path.name)):
        pytest.fail(
            "the embedded AWS answered what botocore's models do not know; mend it, or explain it in "
            f"{DIFFERENCES.name}:\n  " + "\n  ".join(found),
            pytrace=False,
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Check after each test."""
    yield
    _look(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Check again after the teardown of a test's fixtures."""
    yield
    _look(item)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Save the answered operations, for the table that `make fidelity` writes."""
    if _answered:
        folder = session.config.rootpath / ".pytest_cache" / "answered"
        folder.mkdir(parents=True, exist_ok=True)
        content = {name: {key: sorted(it) for key, it in one.items()} for name, one in sorted(_answered.items())}
        (folder / f"{os.getpid()}.json").write_text(json.dumps(content), encoding="utf-8")
