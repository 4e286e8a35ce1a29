"""Shows stacks while CloudFormation works: a table that moves on a terminal, lines elsewhere."""

import time
from collections.abc import Callable
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from ops.cli.console.screen import line, span, status_style, table
from ops.stacks.progress import StackProgress

_HEARTBEAT_SECONDS = 30.0  # a log without a line for long looks dead, and CI systems end what looks dead


class Reporter(Protocol):
    """What a long operation tells while it runs."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def view(self, stacks: tuple[StackProgress, ...]) -> None:
        """Show the stacks as they are now."""

    def tell(self, text: str) -> None:
        """Say one line; the same one again is not repeated."""


def reporter(console: Console) -> Reporter:
    """The right one for where the output goes."""
    return LiveReporter(console) if console.is_terminal else PlainReporter(console)


class LiveReporter:
    """A table that is drawn again in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False)
        self._told = ""

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def view(self, stacks: tuple[StackProgress, ...]) -> None:
        """Draw the table again."""
        self._live.update(_picture(stacks), refresh=True)

    def tell(self, text: str) -> None:
        """Print a line above the table."""
        if text != self._told:
            line(self._console, text, "dim")
        self._told = text


class PlainReporter:
    """A line for each change, and one now and then where nothing changes."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._shown: dict[str, tuple[str | None, int]] = {}
        self._spoke = clock()
        self._told = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def view(self, stacks: tuple[StackProgress, ...]) -> None:
        """Print the stacks that changed, with new failures below them."""
        for stack in stacks:
            status, failures = self._shown.get(stack.name, (None, 0))
            if stack.status != status and (stack.elapsed is not None or stack.in_progress):
                self._say(_words(stack))
            for failure in stack.failures[failures:]:
                self._say(f"  failed: {failure.logical_id} ({failure.resource_type}): {failure.reason}")
            self._shown[stack.name] = (stack.status, len(stack.failures))
        if self._clock() - self._spoke >= _HEARTBEAT_SECONDS:
            for stack in stacks:
                if stack.in_progress:
                    self._say(f"{_words(stack)}: {', '.join(stack.working_on[:3])}")

    def tell(self, text: str) -> None:
        """Print a line."""
        if text != self._told:
            self._say(text)
        self._told = text

    def _say(self, text: str) -> None:
        line(self._console, text)
        self._spoke = self._clock()


def _words(stack: StackProgress) -> str:
    parts = [f"{stack.name:<15}", stack.status or "", _count(stack), _elapsed(stack)]
    return " ".join(part for part in parts if part)


def _count(stack: StackProgress) -> str:
    if stack.elapsed is None:
        return ""
    return f"{stack.done}/{stack.total}" if stack.total is not None else f"{stack.done}/?"


def _elapsed(stack: StackProgress) -> str:
    return span(stack.elapsed) if stack.elapsed is not None else ""


def _picture(stacks: tuple[StackProgress, ...]) -> Group:
    made = table("STACK", "LIFECYCLE", "STATE", "DONE", "TIME", "WORKING ON", numbers=("DONE", "TIME"))
    failures = []
    for stack in stacks:
        state = Text(stack.status or "-", style=status_style(stack.status or ""))
        busy = ", ".join(stack.working_on[:3])
        made.add_row(stack.name, stack.lifecycle, state, _count(stack), _elapsed(stack), Text(busy, style="dim"))
        failures += [
            Text(f"  {stack.name}: {failure.logical_id} ({failure.resource_type}): {failure.reason}", style="red")
            for failure in stack.failures
        ]
    return Group(made, *failures)
