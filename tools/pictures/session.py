"""``make session``: run the commands that a newcomer runs first, and save the terminal's output as a picture.

The commands really run, against a separate embedded AWS; only the middle of long outputs is left out, and the picture
says so.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from string import Template
from typing import Final

from rich.console import Console
from rich.text import Text

from ops.stacks.checkout import Checkout, this_checkout
from tools.pictures.all_pictures import folder_of

_COLUMNS: Final = 100
_OMITTED: Final = "  …"
_TITLE: Final = "Hannibal on this machine, without an AWS account"
_FONTS: Final = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command of the session."""

    command: str  # as typed by the user
    first: int = 100  # number of lines shown from the beginning of its output
    last: int = 0  # number of lines shown from the end


# Twenty times as fast as real time, so that a canary does not take five minutes.
STEPS: Final = (
    Step(command="hannibal local up --clock-factor 20", first=1),
    Step(command='eval "$(hannibal local env)"'),
    Step(command="hannibal start --yes", first=2, last=11),
    Step(command="hannibal release --image ghcr.io/mendhak/http-https-echo:42 --mode canary --yes", first=0, last=16),
    Step(command="hannibal status"),
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A command with its output, including the terminal's colours."""

    step: Step
    output: str


def render(session: Sequence[Shown]) -> str:
    """The picture of a terminal as SVG, which loads no font."""
    console = Console(record=True, width=_COLUMNS, file=StringIO(), force_terminal=True, highlight=False)
    for number, shown in enumerate(session):
        if number:
            console.print()
        console.print(Text.assemble(("$ ", "bold green"), (shown.step.command, "bold")), soft_wrap=False)
        for line in _kept(shown):
            text = Text.from_ansi(line)
            text.truncate(_COLUMNS, overflow="ellipsis")
            console.print(text, no_wrap=True)
    # Without this id, rich would write another one each time.
    svg = console.export_svg(title=_TITLE, unique_id="session")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family: Fira Code, monospace|font-family: Fira Code", f"font-family: {_FONTS}", svg)


def _kept(shown: Shown) -> Iterator[str]:
    lines = [line.rstrip() for line in shown.output.splitlines()]
    first, last = shown.step.first, shown.step.last
    if len(lines) <= first + last:
        yield from lines
        return
    yield from lines[:first]
    yield _OMITTED
    yield from lines[len(lines) - last :]


def record(project: Checkout, steps: Sequence[Step], environment: Mapping[str, str]) -> list[Shown]:
    """Run the commands in order as a shell would, with their exports. Raises CalledProcessError: one of them failed."""
    variables = dict(environment)
    session = []
    for step in steps:
        evaluated = re.fullmatch(r'eval "\$\((?P<command>.+)\)"', step.command)
        output = _run(project, evaluated["command"] if evaluated else step.command, variables)
        if evaluated:
            variables |= dict(_exports(output, variables))
            output = ""
        session.append(Shown(step=step, output=output))
    return session


def _exports(output: str, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for line in output.splitlines():
        words = shlex.split(line)
        if words[:1] == ["export"]:
            name, _, value = words[1].partition("=")
            yield name, Template(value).safe_substitute(known)  # PATH continues with its previous value


def _run(project: Checkout, command: str, environment: Mapping[str, str]) -> str:
    program, *arguments = shlex.split(command)
    if program != "hannibal":
        raise ValueError(f"a session runs hannibal, not {program}")
    # Commands that draw while they wait do so only on a terminal; other commands print in colour for the picture.
    colours = {"FORCE_COLOR": "1"} if arguments[0] == "status" else {}
    return subprocess.run(  # noqa: S603 - our own command with this interpreter, no shell
        [sys.executable, "-m", "ops", *arguments],
        cwd=project.root,
        env={**environment, **colours},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def main() -> None:
    """Record the session on a separate embedded AWS, and write the picture."""
    project = this_checkout()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with tempfile.TemporaryDirectory() as state:
        environment |= {"HANNIBAL_STATE": state, "COLUMNS": str(_COLUMNS)}
        try:
            session = record(project, STEPS, environment)
        except subprocess.CalledProcessError as error:
            sys.exit(f"error: {shlex.join(error.cmd)} ended with {error.returncode}:\n{error.stdout}{error.stderr}")
        finally:
            _run(project, "hannibal local down", environment)
    file = folder_of(project) / "session.svg"
    file.write_text(render(session), encoding="utf-8")
    sys.stdout.write(f"{file.relative_to(project.root)}\n")


if __name__ == "__main__":
    main()
