"""Ctrl-C while a task is started: what began is known, and can be stopped. And what its end says."""

import os
import signal
from datetime import timedelta

import pytest

from ops.cli.console.task_progress import exit_code_of, holding_interrupts
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


@pytest.mark.parametrize(("code", "stop_code"), [(None, "TaskFailedToStart"), (0, "SpotInterruption")])
def test_a_command_that_was_ended_from_outside_has_not_succeeded(code: int | None, stop_code: str) -> None:
    """Many programs end with 0 at SIGTERM."""
    with pytest.raises(FailedError, match=r"did not run to an end: Your Spot Task was interrupted\."):
        exit_code_of(ended(code, stop_code))


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_started_task_is_known_although_ctrl_c_came_meanwhile() -> None:
    def start() -> str:
        press()
        return "task"

    assert holding_interrupts(start) == ("task", True)
    assert holding_interrupts(lambda: "task") == ("task", False)


def test_a_second_ctrl_c_is_not_held() -> None:
    def start() -> None:
        press()
        press()

    with pytest.raises(KeyboardInterrupt):
        holding_interrupts(start)


def test_afterwards_ctrl_c_is_as_before() -> None:
    def refused() -> None:
        raise ValueError("refused")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="refused"):
        holding_interrupts(refused)
    assert signal.getsignal(signal.SIGINT) is before
