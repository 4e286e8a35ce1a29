"""Signals of a command at a terminal: held while a task starts, left to a program, or ended with clean-up."""

import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


def holding_interrupts(start: Callable[[], T], signals: Iterable[signal.Signals] = (signal.SIGINT,)) -> tuple[T, int]:
    """Delay signals that are not ignored while a task is started, so that no unnoticed task continues.

    Returns also the last signal that was received; 0 for none. A second Ctrl-C is not delayed.
    """
    received = 0

    def hold(number: int, frame: FrameType | None) -> None:
        nonlocal received
        if received == signal.SIGINT == number:
            signal.default_int_handler(number, frame)
        received = number

    held = [it for it in signals if signal.getsignal(it) != signal.SIG_IGN]
    before = {number: signal.signal(number, hold) for number in held}
    try:
        result = start()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return result, received  # only now: a signal between both would be in no answer


def call_at_terminal(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run a program at the terminal; returns its exit code. Only the program gets Ctrl-C: Python would end it soon.

    It sets a handler, not `SIG_IGN`, which the program would inherit.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.call(arguments, env=environment)  # noqa: S603 - no shell
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def ended_with_terminal() -> Iterator[None]:
    """Leave the block with its clean-up, by SystemExit, where the terminal is closed or the process is ended.

    An ignored signal stays ignored: with `nohup` the command must continue without its terminal.
    """

    def end(number: int, _frame: object) -> None:
        for each in before:  # shell and kernel may both send SIGHUP: the second must not interrupt the clean-up
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)  # the exit code of shells

    ending = [it for it in (signal.SIGHUP, signal.SIGTERM) if signal.getsignal(it) != signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in ending}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
