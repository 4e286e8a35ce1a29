"""Printing: colours only on a terminal (rich honours NO_COLOR), JSON for scripts, errors and questions."""

import errno
import os
import select
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import nullcontext, redirect_stdout
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import typer
from rich.text import Text

from ops.cli.advice import naming_environment
from ops.errors import CancelledError, OpsError, RefusedError
from ops.escaping.terminal import EscapingConsole, document, json_document

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, JustifyMethod, RenderableType
    from rich.segment import Segment
    from rich.table import Table

# Without a terminal rich uses 80 columns, and a table would cut or fold values that the next program needs. The
# variable COLUMNS sets another width, with and without a terminal.
_WIDTH_WITHOUT_TERMINAL: Final = 240
WIDE: Final = 160  # from this width on, long names are not shortened

# Keys of `--json` on which scripts rely, by their better names in the code.
_PUBLISHED_KEYS = {"remediations": "mends", "phase": "word"}


class Console(EscapingConsole):
    """A console that adds the environment to the commands in its lines."""

    def render(self, renderable: "RenderableType", options: "ConsoleOptions | None" = None) -> "Iterable[Segment]":
        """Add the environment to the commands in a text."""
        return super().render(naming_environment(renderable) if isinstance(renderable, Text) else renderable, options)

    def echo(self, text: str, style: str = "") -> None:
        """Print one line as it is, without breaking it."""
        self.print(text, style=style, soft_wrap=True)


def out() -> Console:
    """The console for results. Made at each call, so that it uses the current stdout."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    width = None if "COLUMNS" in os.environ else _WIDTH_WITHOUT_TERMINAL
    return Console(highlight=False, soft_wrap=True, width=width)


def err() -> Console:
    """The console for errors, and for progress where the result is JSON."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(content: object, *, indent: int | None = 2) -> None:
    """Print data (a dataclass, a model, or collections of them) as one JSON document.

    Without an indent it is one line, which is flushed at once, so that a script can follow.
    """
    import pydantic_core

    plain = _with_published_keys(pydantic_core.to_jsonable_python(content))
    sys.stdout.write(json_document(pydantic_core.to_json(plain, indent=indent).decode()) + "\n")
    if indent is None:
        sys.stdout.flush()


def print_text(text: str, *, flush: bool = False, to_stderr: bool = False) -> None:
    """Print a long text, such as a report or a program's output: without colours, and without wrapping."""
    print(document(text), end="" if text.endswith("\n") else "\n", flush=flush, file=sys.stderr if to_stderr else None)


def pause(seconds: float) -> None:
    """Wait before the next line; BrokenPipeError where the reader, such as `head`, has ended, even without a line."""
    time.sleep(seconds)
    polling = select.poll()
    polling.register(sys.stdout, 0)  # POLLERR and POLLHUP are reported without a request
    if any(event & (select.POLLERR | select.POLLHUP) for _, event in polling.poll(0)):
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def _with_published_keys(content: object) -> object:
    """Data with the keys that `--json` has always had."""
    if isinstance(content, dict):
        return {_PUBLISHED_KEYS.get(key, key): _with_published_keys(value) for key, value in content.items()}
    return [_with_published_keys(value) for value in content] if isinstance(content, list) else content


def print_error(error: OpsError) -> None:
    """Print what is wrong and what to do, on stderr."""
    console = err()
    console.print(Text.assemble(("error: ", "bold red"), error.problem))
    for step in error.advice:
        console.echo(f"  {step}")


def confirm(question: str, *, yes: bool) -> None:
    """Ask whether to continue.

    Raises:
        RefusedError: the answer is no, or nobody is there to answer.
        CancelledError: the answer is Ctrl-C.
    """
    if not yes and _ask(f"{question} [y/N]").lower() not in ("y", "yes"):
        raise RefusedError("not confirmed; nothing was changed")


def confirm_typed(expected: str, *, yes: bool) -> None:
    """Ask to type a name, where "y" would be too easy; the errors are those of `confirm`."""
    if not yes and (answer := _ask(f"Type {expected} to go on")) != expected:
        raise RefusedError(f"not confirmed: {answer!r} is not {expected!r}; nothing was changed")


def _ask(question: str) -> str:
    try:
        # Click also writes a space to stdout, for readline; a script would read it.
        with nullcontext() if sys.stdout.isatty() else redirect_stdout(sys.stderr):
            answer: str = typer.prompt(document(question), default="", show_default=False, err=True)
    except typer.Abort as left:
        typer.echo(err=True)  # ends the question's line
        if isinstance(left.__context__, KeyboardInterrupt):
            raise CancelledError("interrupted at the question, which counts as no") from None
        raise RefusedError(
            "not confirmed, and there is no terminal to ask; nothing was changed", "In a script, add --yes."
        ) from None
    return answer.strip()


def span(length: timedelta) -> str:
    """A length of time in its two largest useful units, such as ``3 h`` or ``1m20s``."""
    seconds = int(length.total_seconds())
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02}s"
    if seconds < 2 * 86_400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86_400} days"


def ago(now: datetime, time: datetime | None) -> str:
    """How long ago something was, for messages."""
    return "-" if time is None else f"{span(max(now - time, timedelta()))} ago"


def size(number: float) -> str:
    """A number of bytes in the largest useful unit, such as ``12 kB``."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


def short_image(image: str) -> str:
    """An image without its registry and with a short digest, for a line that has no room for all of it."""
    name, _, digest = image.rpartition("/")[2].partition("@")
    return f"{name}@{digest.removeprefix('sha256:')[:12]}" if digest else name


def table(*headings: str, numbers: Collection[str] = (), folded: Collection[str] = ()) -> "Table":
    """A table without borders, in the style of all commands.

    Args:
        numbers: headings of right-aligned columns.
        folded: headings of columns that may wrap; all others are shortened where there is no room.
    """
    from rich.table import Table

    result = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        justify: JustifyMethod = "right" if heading in numbers else "left"
        result.add_column(
            heading,
            justify=justify,
            no_wrap=heading not in folded,
            overflow="fold" if heading in folded else "ellipsis",
        )
    return result


def detail_printer(console: Console) -> Callable[[str], None]:
    """A function that prints each step of a command, indented and dim."""
    return lambda text: console.echo(f"  {text}", "dim")


def status_style(status: str) -> str:
    """The colour of a state, the same in all commands."""
    styles: Mapping[str, str] = {"FAILED": "bold red", "ROLLBACK": "red", "IN_PROGRESS": "yellow", "COMPLETE": "green"}
    return next((style for part, style in styles.items() if part in status), "")
