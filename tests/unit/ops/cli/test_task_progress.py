"""What the end of a task says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops.cli.commands.runs import exit_code_of
from ops.errors import FailedError
from ops.service.one_off_tasks import OneOffTask
from tests.support.fakes import NOW


def ended(code: int | None, stop_code: str) -> OneOffTask:
    return OneOffTask(
        arn="arn:task/a",
        status="STOPPED",
        command=("node", "seed.js"),
        started_by="hannibal/run",
        created=NOW,
        exit_code=code,
        reason="Your Spot Task was interrupted.",
        stop_code=stop_code,
        ended=NOW,
        took=timedelta(minutes=1),
    )


@pytest.mark.parametrize("code", [0, 1])
def test_the_exit_code_is_that_of_the_command(code: int) -> None:
    assert exit_code_of(ended(code, "EssentialContainerExited")) == code


def test_a_command_that_was_killed_for_its_memory_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    """Its log does not: the kernel lets it print nothing more."""
    reason = "Essential container in task exited OutOfMemoryError: Container killed due to memory usage"
    assert exit_code_of(replace(ended(137, "EssentialContainerExited"), reason=reason)) == 137
    assert "exit code 137 (it needed more memory than service.memory_mib)" in capfd.readouterr().err


@pytest.mark.parametrize(("code", "stop_code"), [(None, "TaskFailedToStart"), (0, "SpotInterruption")])
def test_a_command_that_was_ended_from_outside_has_not_succeeded(code: int | None, stop_code: str) -> None:
    """Many programs end with 0 at SIGTERM."""
    with pytest.raises(FailedError, match=r"did not run to an end: Your Spot Task was interrupted\."):
        exit_code_of(ended(code, stop_code))
