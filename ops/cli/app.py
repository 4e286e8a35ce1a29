"""Puts the commands together. A command loads what it needs when it is called, so that help is fast."""

import inspect
import os
import sys
import sysconfig
from collections.abc import Callable
from typing import Final

import typer
from typer.core import TyperGroup

from ops.cli.commands import (
    alarms,
    bootstrap,
    cost,
    database,
    doctor,
    drift,
    exec_,
    exercise,
    frontend,
    github,
    iam,
    image,
    invalidate,
    leftovers,
    links,
    local,
    logs,
    outputs,
    pause,
    preflight,
    release,
    releases,
    report,
    restore,
    review,
    rollback,
    run_,
    runs,
    secrets,
    settings,
    snapshots,
    start,
    status,
    stop,
)
from ops.cli.console.screen import print_error
from ops.errors import OpsError
from ops.exit_codes import ExitCode

# In the order in which the help lists them: the month, releases, trouble, daily work, and what is read.
_COMMANDS: Final[tuple[Callable[..., None], ...]] = (
    *(bootstrap.bootstrap, start.start, stop.stop, pause.pause, pause.resume, restore.restore, status.status),
    *(release.release, rollback.rollback, releases.releases, preflight.preflight, doctor.doctor),
    *(invalidate.invalidate, links.links, logs.logs, exec_.exec_, run_.run, runs.runs),
    *(settings.settings, outputs.outputs, drift.drift, leftovers.leftovers, report.report, review.review),
)
_GROUPS: Final = (
    *(alarms.app, frontend.app, database.app, secrets.app, snapshots.app, exercise.app, image.app, cost.app),
    *(github.app, iam.app, local.app),
)
_HELP_WIDTH: Final = 78  # of a terminal of 80 columns, without the margins of the help page
# What a docstring has at its end, a row a line, and the help below the options.
_BLOCKS: Final = ("Examples:", "Exit codes:")


class _Commands(TyperGroup):
    """Ends with a message and an exit code where a command raises an error that a person can act upon."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # typer's own name for the same class
        try:
            return super().invoke(ctx)
        except OpsError as error:
            print_error(error)
            raise typer.Exit(error.exit_code) from error


def _block(title: str, rows: dict[str, str]) -> str:
    """A title and rows below a command's help: in two columns, or one below the other where a row is too long."""
    width = max(len(row) for row in rows)
    beside = [f"  {row:<{width}}   {text}" for row, text in rows.items()]
    below = [line for row, text in rows.items() for line in (f"  {row}", f"      {text}")]
    return "\n".join([title, *(beside if max(map(len, beside)) <= _HELP_WIDTH else below)])


def _document(app: typer.Typer) -> None:
    """Take help and examples from the docstrings, and have the terminal break the lines of paragraphs."""
    for command in app.registered_commands:
        paragraphs = (inspect.getdoc(command.callback) or "").split("\n\n")
        blocks = [paragraph for paragraph in paragraphs if paragraph.startswith(_BLOCKS)]
        command.help = _flowing(paragraphs[: len(paragraphs) - len(blocks)])
        command.epilog = "\n\n".join(map(_written, blocks)) or None
    for group in app.registered_groups:
        if group.typer_instance is not None:
            _document(group.typer_instance)
            if (callback := group.typer_instance.registered_callback) is not None:
                callback.help = _flowing((inspect.getdoc(callback.callback) or "").split("\n\n"))


def _flowing(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _written(block: str) -> str:
    title, *rows = block.split("\n")
    pairs = (row.strip().partition(": ") for row in rows)
    return _block(title, {row: text for row, _, text in pairs})


def build() -> typer.Typer:
    """The command `hannibal` with everything below it."""
    app = typer.Typer(
        name="hannibal",
        cls=_Commands,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Operate nestjs-hannibal-3: start and stop the month, see how it is doing. Works the same against AWS "
        "and against the embedded AWS of `hannibal local`.",
        epilog=_block("Exit codes:", {str(code.value): code.meaning for code in ExitCode}),
    )
    for command in _COMMANDS:
        app.command(command.__name__.rstrip("_"))(command)
    for group in _GROUPS:
        app.add_typer(group)
    _document(app)
    return app


def run() -> None:
    """Run the command line of this process."""
    # A pipe that is not UTF-8 (LANG=C) shall not end a status with a traceback.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # Node, npx and the CDK's own child processes are those that were set up with this command.
    os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
    build()()
