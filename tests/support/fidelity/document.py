"""Writes docs/fidelity.md: the used operations that the embedded AWS answers, with the part that does and its tests.

``python -m tests.support.fidelity.document`` (or ``make fidelity``) first adds the answers in the last test runs on
this machine, and then writes the document.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, TypeAdapter

from tests.conftest import ROOT
from tests.support.embedded.conformance.watching import Explained, explained
from tests.support.fidelity import used

DOCUMENT: Final = ROOT / "docs" / "fidelity.md"
_ANSWERED: Final = Path(__file__).parent / "answered.json"
_RUNS: Final = ROOT / ".pytest_cache" / "answered"
# The tests in which the unmodified CDK command line starts and ends a month.
_CDK_TESTS: Final = "test_months.py"
_SHOWN_TESTS: Final = 3
_PAGE: Final = Path(__file__).parent / "page.md"
_OWN_ALONE: Final = ""
# Used operations that no test calls, with the reason.
UNTESTED: Final = {
    "acm.ListCertificates": "a person looks at how long certificates last, which the embedded AWS does not end",
    "dynamodb.Scan": "named in the guide's map only, as what there was before",
    "fis.StopExperiment": "asked only where an exercise is broken off on AWS",
    "kms.DescribeKey": "an administrator asks for the key of AWS in the region of the backups' copies",
    "logs.TestMetricFilter": "asked once, whether AWS reads a pattern as the embedded AWS does",
    "rds.ModifyDBSnapshot": "an administrator upgrades a snapshot to a version that no PostgreSQL here has",
    "ssm.DescribeSessions": "the embedded AWS has no sessions to list",
    "ssm.TerminateSession": "the embedded AWS has no sessions to end",
}


class Answered(BaseModel):
    """The answers to an operation in tests.

    Attributes:
        tests: files of tests that called it.
        errors: error codes of its answers.
    """

    tests: list[str] = []
    errors: list[str] = []

    def joined(self, other: "Answered") -> "Answered":
        """The union of both."""
        tests, errors = {*self.tests, *other.tests}, {*self.errors, *other.errors}
        return Answered(tests=sorted(tests), errors=sorted(errors))


class _Served(BaseModel):
    operations: dict[str, list[str]]
    types: dict[str, list[str]]


_Record = TypeAdapter(dict[str, Answered])


def take_over() -> None:
    """Add the answers in the test runs on this machine to the known answers."""
    records = _Record.validate_json(_ANSWERED.read_bytes()) if _ANSWERED.exists() else {}
    for file in sorted(_RUNS.glob("*.json")):
        for name, one in _Record.validate_json(file.read_bytes()).items():
            records[name] = one.joined(records.get(name, Answered()))
        file.unlink()
    tests = {file.name for file in (ROOT / "tests").rglob("test_*.py")}
    kept = {
        name: one.model_copy(update={"tests": [it for it in one.tests if it in tests]}) for name, one in records.items()
    }
    lines = (f" {json.dumps(name)}: {json.dumps(one.model_dump())}" for name, one in sorted(kept.items()) if one.tests)
    _ANSWERED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


@cache
def _served() -> _Served:
    command = [sys.executable, "-m", "tests.support.fidelity.served"]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    return _Served.model_validate_json(output)


def text() -> str:
    """The text of the document."""
    answered = _Record.validate_json(_ANSWERED.read_bytes())
    uses = _uses(answered)
    operations = [_operation(name, by, answered.get(name, Answered())) for name, by in sorted(uses.items())]
    checked = sum(name in answered for name in uses)
    kinds = used.resource_types()
    return _PAGE.read_text(encoding="utf-8").format(
        operations="\n".join(operations),
        types="\n".join(_type(name, stacks) for name, stacks in kinds.items()),
        differences="\n".join(_difference(one) for one in explained()),
        number_of_operations=len(uses),
        checked=checked,
        number_of_types=len(kinds),
        all_answered=len(answered),
    )


def _uses(answered: Mapping[str, Answered]) -> dict[str, list[str]]:
    users = {
        "command": used.by_command(),
        "documents": used.by_documents(),
        "CDK": {name for name, one in answered.items() if _CDK_TESTS in one.tests},
    }
    names = set().union(*users.values())
    return {name: [user for user, operations in users.items() if name in operations] for name in names}


def _operation(name: str, by: Iterable[str], answered: Answered) -> str:
    errors = ", ".join(f"`{code}`" for code in answered.errors)
    tests = _tests(answered.tests) or f"by no test: {UNTESTED.get(name, 'nobody has said why')}"
    packages = _served().operations.get(name)
    # What no test asks for was answered by nothing: whether the emulator has it was never seen.
    part = _part(packages) if packages or answered.tests else "not asked"
    cells = (f"`{name}`", ", ".join(by), part, tests, errors)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _part(packages: list[str] | None) -> str:
    if not packages:
        return "ministack"
    own = ", ".join(f"`{package}`" for package in packages if package)
    return own if _OWN_ALONE in packages else f"ministack behind {own}"


def _tests(files: list[str]) -> str:
    shown = ", ".join(file.removeprefix("test_").removesuffix(".py") for file in files[:_SHOWN_TESTS])
    return shown + (f" and {len(files) - _SHOWN_TESTS} more" if len(files) > _SHOWN_TESTS else "")


def _type(name: str, stacks: Iterable[str]) -> str:
    parts = _served().types.get(name, [])
    packages = [part for part in parts if part != "drift"]
    custom = name.startswith("Custom::")
    part = "the function in the template" if custom else _part(packages)
    drift = "none, as in AWS" if custom else "yes" if "drift" in parts else "no"
    return f"| `{name}` | {', '.join(stacks)} | {part} | {drift} |"


def _difference(one: Explained) -> str:
    return "- " + "; ".join(f"`{it}`" for it in one.differences) + f". {one.reason}"


def main() -> None:
    """Write the document."""
    take_over()
    DOCUMENT.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
