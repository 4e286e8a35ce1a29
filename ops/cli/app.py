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

_HELP_WIDTH: Final = 78  # of a terminal of 80 columns, without the margins of the help page


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


def _let_flow(app: typer.Typer) -> None:
    """Have the terminal break the lines of help texts: in the code they are broken where a file's line ends."""
    for command in app.registered_commands:
        command.help = _flowing(command.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            _let_flow(group.typer_instance)
            if (callback := group.typer_instance.registered_callback) is not None:
                callback.help = _flowing(callback.callback)


def _flowing(function: Callable[..., object] | None) -> str:
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


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
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal bootstrap --dry-run": "what would be done, in which order",
                "hannibal bootstrap": "with an administrator's credentials; asks before it begins",
            },
        )
    )(bootstrap.bootstrap)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal start --dry-run": "what would happen, and what stands in the way",
                "hannibal start --env prod": "asks before it begins",
                "hannibal start --yes --json": "for scripts",
            },
        )
    )(start.start)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal stop --dry-run": "what would be destroyed, and what stays",
                "hannibal stop": "asks for the project's name",
                "hannibal stop --yes --json": "for scripts",
            },
        )
    )(stop.stop)
    app.command()(pause.pause)
    app.command()(pause.resume)
    app.command()(restore.restore)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal status": "one screen",
                "hannibal status --check": "for a monitor: exit code 5 and the reasons when something is wrong",
                "watch -c hannibal status": "again and again",
            },
        )
    )(status.status)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal release --image REPOSITORY:TAG": "all traffic at once, about five minutes",
                "hannibal release --image IMAGE --mode canary": "a tenth of it first, about seven minutes",
                "hannibal release --configuration": "changed variables, secrets or size, with the image that serves",
                "hannibal release --wait": "pick up what was detached or killed",
                "hannibal release --image IMAGE --yes --json": "for scripts",
            },
        )
    )(release.release)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal rollback": "stop the running release, or go back to what served before",
                "hannibal rollback --to 7": "to image and configuration of revision 7",
            },
        )
    )(rollback.rollback)
    app.command()(releases.releases)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal preflight": "synthesizes, compares, says what stands in the way",
                "hannibal preflight --assembly cdk.out": "with templates that are there already",
            },
        )
    )(preflight.preflight)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal doctor": "everything, within seconds; exit code 5 when something is wrong",
                "hannibal doctor ecs": "only why tasks do not start",
                "hannibal doctor stack --fix": "continues a failed rollback, after asking",
            },
        )
    )(doctor.doctor)
    app.add_typer(alarms.app)
    app.add_typer(frontend.app)
    app.command()(invalidate.invalidate)
    app.command()(links.links)
    app.command()(logs.logs)
    app.command("exec")(exec_.exec_)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal run -- node dist/seed.js": "in the image that serves",
                "hannibal run --image IMAGE -- node dist/check.js": "in another one, before it is released",
                "hannibal run -- sh -c 'node a.js && node b.js'": "two commands",
            },
        )
    )(run_.run)
    app.command()(runs.runs)
    app.add_typer(_database())
    app.add_typer(_secrets())
    app.add_typer(_snapshots())
    app.add_typer(exercise.group())
    app.command()(settings.settings)
    app.command()(outputs.outputs)
    app.command()(drift.drift)
    app.command()(leftovers.leftovers)
    app.add_typer(image.app)
    app.add_typer(cost.app)
    app.command()(report.report)
    app.add_typer(github.app)
    app.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal review --base-ref main": "this branch against main; synthesizes both",
                "hannibal review --base DIR --head DIR": "two folders of `cdk synth`",
                "hannibal review … --format sarif --output FILE": "for the security tab; the verdict is printed",
            },
        )
        + "\n\n"
        + _block("Exit codes:", {"0": "nothing risky", "1": "a risk that nobody accepted", "2": "unusable input"})
    )(review.review)
    app.add_typer(iam.app)
    app.add_typer(local.app)
    _let_flow(app)
    return app


def _secrets() -> typer.Typer:
    group = typer.Typer(name="secrets", no_args_is_help=True, help="Secrets of the containers, kept across months.")
    group.command("list")(secrets.list_secrets)
    group.command(
        "set",
        epilog=_block(
            "Examples:",
            {
                "hannibal secrets set jwt": "asks for the value twice, and shows nothing",
                "openssl rand -base64 32 | hannibal secrets set jwt": "takes it from standard input",
                "hannibal secrets set tls-key < key.pem": "takes it from a file",
            },
        ),
    )(secrets.set_secret)
    group.command("remove")(secrets.remove_secret)
    return group


def _database() -> typer.Typer:
    group = typer.Typer(name="db", no_args_is_help=True, help="The month's database.")
    group.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal db connect": "psql in the database",
                "hannibal db connect -- -c 'SELECT 1'": "one statement",
            },
        )
    )(database.connect)
    return group


def _snapshots() -> typer.Typer:
    group = typer.Typer(name="snapshots", no_args_is_help=True, help="The data between two months.")
    group.command("list")(snapshots.list_snapshots)
    group.command("try")(snapshots.try_newest)
    group.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal snapshots take": "before something that may go wrong; waits until it is there",
                "hannibal snapshots take --before-release": "named as those of release.snapshot",
            },
        )
    )(snapshots.take)
    group.command(
        epilog=_block(
            "Examples:",
            {
                "hannibal snapshots prune --dry-run": "which would go, and why the others stay",
                "hannibal snapshots prune --keep 1": "only the newest stays",
            },
        )
    )(snapshots.prune)
    return group


def run() -> None:
    """Run the command line of this process."""
    # A pipe that is not UTF-8 (LANG=C) shall not end a status with a traceback.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # Node, npx and the CDK's own child processes are those that were set up with this command.
    os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
    build()()
