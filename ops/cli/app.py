"""Registers all commands. A command imports its modules only when it is called, so that help is fast."""

import errno
import os
import sys
import sysconfig
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, NoReturn

import typer

from ops.cli.advice import name_environment
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
    inventory,
    leftovers,
    local,
    logs,
    pause,
    preflight,
    release,
    releases,
    report,
    restore,
    review,
    rollback,
    runs,
    secrets,
    snapshots,
    start,
    status,
    stop,
)
from ops.cli.console.screen import print_error
from ops.cli.help import Group, block, document
from ops.errors import MEANINGS, CancelledError, ExitCode, FailedError, OpsError

_DIGITS_OF_A_WIDTH: Final = 4
# In the order of the help: the month, releases, trouble, daily work, and reports.
_COMMANDS: Final[tuple[Callable[..., None], ...]] = (
    *(bootstrap.bootstrap, start.start, stop.stop, pause.pause, pause.resume, restore.restore, status.status),
    *(release.release, rollback.rollback, releases.releases, preflight.preflight, doctor.doctor),
    *(frontend.invalidate, inventory.links, logs.logs, exec_.exec_, runs.run, runs.runs),
    *(inventory.settings, inventory.outputs, drift.drift, leftovers.leftovers, report.report, review.review),
)
_GROUPS: Final = (
    *(alarms.app, frontend.app, database.app, secrets.app, snapshots.app, exercise.app, image.app, cost.app),
    *(github.app, iam.app, local.app),
)


class _Commands(Group):
    """Turns errors that a person can act upon, and Ctrl-C, into a message and an exit code."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # typer's own name for the same class
        try:
            return super().invoke(ctx)
        except OpsError as error:
            name_environment(error, self)
            print_error(error)
            raise typer.Exit(error.exit_code) from error
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")  # pydantic's prefix of the message
            raise
        except KeyboardInterrupt:  # where the command itself did not handle it
            left = CancelledError("interrupted", "The same command may be run again: it continues.")
            print_error(left)
            raise typer.Exit(left.exit_code) from None


@cache
def build() -> typer.Typer:
    """The command `hannibal` with all of its commands."""
    app = typer.Typer(
        name="hannibal",
        cls=_Commands,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Operate a product on AWS that runs for a month at a time: from `start` to `stop`. Between two months "
        "its data, images and logs stay. Works the same against AWS and against the embedded AWS of `hannibal local`.",
        epilog=block("Exit codes:", {str(code.value): meaning for code, meaning in MEANINGS.items()}),
    )
    for command in _COMMANDS:
        app.command(command.__name__.rstrip("_"))(command)
    for group in _GROUPS:
        app.add_typer(group)
    document(app)
    return app


def run() -> None:
    """Run the command line of this process."""
    _prepare_streams()
    # So that Node, npx and the CDK's child processes are those that were installed with this command.
    os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
    # Some programs set 0 for an unknown width; with a huge width, a table pads every row with blanks.
    columns = os.environ.pop("COLUMNS", "").lstrip("0")
    if columns.isascii() and columns.isdecimal():
        os.environ["COLUMNS"] = columns if len(columns) <= _DIGITS_OF_A_WIDTH else "9" * _DIGITS_OF_A_WIDTH
    try:
        build()()
    except SystemExit as ended:
        # Typer ends with 1 here, the exit code of a failure. No message: most programs end by SIGPIPE then.
        if isinstance(ended.__context__, BrokenPipeError):
            os._exit(ExitCode.READER_LEFT)
        raise
    except OSError as error:
        _end_unwritable(error)


def _prepare_streams() -> None:
    # A caller may close streams: without stdout (`>&-`) the command must not fail, and without stdin (`<&-`) a question
    # must end as if nobody answers.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open until the process ends
    # Output with another encoding than UTF-8 (LANG=C) must not end with a traceback.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _end_unwritable(error: OSError) -> NoReturn:
    """End the command where this machine refuses a file: a full disk, a denied folder, or a file in place of one."""
    file = f" ({error.filename})" if error.filename else ""
    advice = "Look for space (`df -h`) and permissions there, then run the same command again: it continues."
    code = ExitCode.BROKEN if sys.argv[1:2] == ["review"] else ExitCode.FAILED  # its 1 means a risk
    if error.errno == errno.ENAMETOOLONG:
        advice, code = "Give a shorter name.", ExitCode.UNUSABLE_INPUT
    elif isinstance(error, NotADirectoryError | FileExistsError):
        advice = "Move the file away that is in the place of a folder, then run the same command again: it continues."
    with suppress(OSError):
        print_error(FailedError(f"this machine refuses to write or read{file}: {error.strerror or error}", advice))
    # Remaining output cannot be written, and Python would report that again at its end.
    os._exit(code)
