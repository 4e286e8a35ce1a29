"""Ctrl-C while a task is started, or a program has the terminal."""

import os
import signal
from pathlib import Path

import pytest

from ops.service.signals import call_at_terminal, holding_interrupts
from tests.support.python_program import write_python_program


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_started_task_is_known_although_ctrl_c_came_meanwhile() -> None:
    def start() -> str:
        press()
        return "task"

    assert holding_interrupts(start) == ("task", signal.SIGINT)
    assert holding_interrupts(lambda: "task") == ("task", 0)


@pytest.mark.parametrize("ignored", [False, True])
def test_other_signals_are_held_unless_they_are_ignored(*, ignored: bool) -> None:
    """Shell and kernel may both send SIGHUP: the second one is held too."""

    def start() -> None:
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.default_int_handler)
    try:
        assert holding_interrupts(start, [signal.SIGHUP]) == (None, 0 if ignored else signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_first_ctrl_c_after_another_signal_is_held() -> None:
    """Else the task would go on unseen, which the other signal alone would have stopped."""

    def start() -> None:
        signal.raise_signal(signal.SIGTERM)
        press()

    assert holding_interrupts(start, [signal.SIGINT, signal.SIGTERM]) == (None, signal.SIGINT)


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


def test_ctrl_c_belongs_to_the_program_at_the_terminal(tmp_path: Path) -> None:
    """The terminal sends it to all in front of it; the plugin and psql take it, and go on."""
    program = tmp_path / "program"
    write_python_program(
        program,
        "import os, signal, time\n"
        "signal.signal(signal.SIGINT, lambda *_: os._exit(3))\n"
        "os.kill(os.getppid(), signal.SIGINT)\ntime.sleep(0.5)\n"  # longer than Python lets a child live after it
        "os.kill(os.getpid(), signal.SIGINT)\n",
    )
    before = signal.getsignal(signal.SIGINT)
    assert call_at_terminal([str(program)], dict(os.environ)) == 3
    assert signal.getsignal(signal.SIGINT) is before
