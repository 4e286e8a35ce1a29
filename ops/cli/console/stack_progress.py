"""Shows stacks while CloudFormation works: a live table on a terminal, lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Group
from rich.live import Live
from rich.text import Text

from ops.aws.polling import without_repeats
from ops.cli.console.screen import Console, span, status_style, table
from ops.stacks.progress import StackProgress
from ops.stacks.watch import Watching

_HEARTBEAT_SECONDS = 30.0  # CI systems end jobs without output


@contextmanager
def stack_progress_shown(console: Console) -> Iterator[Watching]:
    """Show a long operation while it runs, in the form that fits the output."""
    if not console.is_terminal:
        lines = _Lines(console)
        yield Watching(view=lines.view, notify=without_repeats(lines.echo))
        return
    with Live(console=console, auto_refresh=False) as live:
        yield Watching(
            view=lambda stacks: live.update(_picture(stacks), refresh=True),
            notify=without_repeats(lambda text: console.echo(text, "dim")),  # above the table
        )


class _Lines:
    """A line for each change, and one at intervals without changes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, tuple[str | None, int]] = {}
        self._spoke = time.monotonic()

    def view(self, stacks: tuple[StackProgress, ...]) -> None:
        """Print the stacks that changed, with new failures below them."""
        for stack in stacks:
            status, failures = self._shown.get(stack.name, (None, 0))
            if stack.status != status and (stack.elapsed is not None or stack.in_progress):
                self.echo(_stack_line(stack))
            for failure in stack.failures[failures:]:
                self.echo(f"  failed: {failure.logical_id} ({failure.resource_type}): {failure.reason}")
            self._shown[stack.name] = (stack.status, len(stack.failures))
        if time.monotonic() - self._spoke >= _HEARTBEAT_SECONDS:
            for stack in stacks:
                if stack.in_progress:
                    self.echo(f"{_stack_line(stack)}: {', '.join(stack.working_on[:3])}")

    def echo(self, text: str) -> None:
        """Print a line."""
        self._console.echo(text)
        self._spoke = time.monotonic()


def _stack_line(stack: StackProgress) -> str:
    parts = [f"{stack.name:<15}", stack.status or "", _count(stack), _elapsed(stack)]
    return " ".join(part for part in parts if part)


def _count(stack: StackProgress) -> str:
    if stack.elapsed is None:
        return ""
    return f"{stack.done}/{stack.total}" if stack.total is not None else f"{stack.done}/?"


def _elapsed(stack: StackProgress) -> str:
    return span(stack.elapsed) if stack.elapsed is not None else ""


def _picture(stacks: tuple[StackProgress, ...]) -> Group:
    stacks_table = table("STACK", "LIFECYCLE", "STATE", "DONE", "TIME", "WORKING ON", numbers=("DONE", "TIME"))
    failures = []
    for stack in stacks:
        state = Text(stack.status or "-", style=status_style(stack.status or ""))
        busy = ", ".join(stack.working_on[:3])
        stacks_table.add_row(
            stack.name, stack.lifecycle, state, _count(stack), _elapsed(stack), Text(busy, style="dim")
        )
        failures += [
            Text(f"  {stack.name}: {failure.logical_id} ({failure.resource_type}): {failure.reason}", style="red")
            for failure in stack.failures
        ]
    return Group(stacks_table, *failures)
