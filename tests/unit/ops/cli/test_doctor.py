"""What the doctor corrects, one finding after the other."""

from dataclasses import dataclass

import pytest

from ops.aws.clients import Aws
from ops.doctor.finding import Examination, Finding
from ops.doctor.subjects import Subject
from ops.errors import ExitCode
from tests.unit.ops.cli.conftest import Run


@dataclass(frozen=True)
class Continued:
    """A rollback that goes on, without a stack."""

    stack: str

    @property
    def question(self) -> str:
        return f"Continue {self.stack}?"

    def carry_out(self, aws: Aws) -> str:
        return f"{self.stack} is rolled back"


@pytest.fixture
def two_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two troubles with one cause."""
    findings = tuple(
        Finding(subject=Subject.STACK, cause="rollback-failed", level="trouble", summary=it, fix=Continued(it))
        for it in ("ComputeStack", "EdgeStack")
    )
    found = Examination(subject=Subject.STACK, findings=findings)
    monkeypatch.setattr("ops.doctor.examinations.examine", lambda *_, **__: (found,))


@pytest.mark.usefixtures("two_stacks")
def test_a_finding_whose_fix_was_declined_is_not_corrected(run: Run) -> None:
    ended = run("doctor", "stack", "--fix", text="y\nn\n")
    assert "ComputeStack is rolled back" in ended.output
    assert "1 trouble(s) found." in ended.output
    assert ended.exit_code == ExitCode.UNHEALTHY


@pytest.mark.usefixtures("two_stacks")
def test_json_says_all_that_was_corrected(run: Run) -> None:
    ended = run("doctor", "stack", "--fix", "--yes", "--json")
    assert '"rollback-failed": "ComputeStack is rolled back; EdgeStack is rolled back"' in ended.stdout
    assert ended.exit_code == ExitCode.DONE


@pytest.mark.parametrize(
    ("healthy", "exit_code"), [((), ExitCode.UNREACHABLE), (("tasks reach the internet",), ExitCode.DONE)]
)
def test_a_system_of_which_nothing_may_be_read_is_not_in_order(
    run: Run, monkeypatch: pytest.MonkeyPatch, healthy: tuple[str, ...], exit_code: ExitCode
) -> None:
    found = Examination(subject=Subject.ECS, findings=(), healthy=healthy, skipped=("tasks: these credentials …",))
    monkeypatch.setattr("ops.doctor.examinations.examine", lambda *_, **__: (found,))
    assert run("doctor", "ecs").exit_code == exit_code
