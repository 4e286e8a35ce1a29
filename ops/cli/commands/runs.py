"""`hannibal run` and `hannibal runs`."""

import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session
from ops.errors import CancelledError, FailedError, UnusableInputError

if TYPE_CHECKING:
    from ops.aws.clients import Aws
    from ops.release.one_off_command import RunPlan
    from ops.service.logs import LogLine
    from ops.service.one_off_record import Run
    from ops.service.one_off_tasks import OneOffTask

Command = Annotated[
    list[str] | None, typer.Argument(metavar="-- COMMAND...", help="Command to run, as separate words.")
]
Image = Annotated[
    str | None, typer.Option(metavar="URI", help="Image with tag or digest.", show_default="the one that serves")
]


@in_session(dry_run=True)
def run(
    session: Session,
    command: Command = None,
    image: Image = None,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for its end.")] = False,
) -> None:
    """Run a command once, in a task of its own with the service's network, roles, secrets and variables.

    Its log is shown while it runs, and its exit code is this command's. Ctrl-C stops it. Who ran what stays in the
    record (`hannibal runs`): the command is in this record and in CloudTrail, so it must not contain secrets. `hannibal
    exec` opens an interactive shell.

    Examples:
        hannibal run -- node dist/seed.js: in the image that serves
        hannibal run --image IMAGE -- node dist/check.js: in another one, before it is released
        hannibal run -- sh -c 'node a.js && node b.js': two commands
    """
    from ops.release.one_off_command import plan_run

    if not command or not command[0].strip():
        raise UnusableInputError("no command is given", "Write it behind two hyphens: `hannibal run -- node seed.js`")
    plan = plan_run(session.aws, tuple(command), image)
    _show_plan(screen.err(), plan)
    if session.dry_run and session.json:
        screen.print_json({"command": plan.command, "image": plan.image.uri, "revision": plan.running.revision.name})
    if session.dry_run:
        screen.err().echo("Dry run: nothing was run.")
        return
    ended = _carry_out(session, plan, detach=detach)
    if ended is None:
        return
    if session.json:
        screen.print_json(ended)
    raise typer.Exit(exit_code_of(ended))


def _carry_out(session: Session, plan: "RunPlan", *, detach: bool) -> "OneOffTask | None":
    from ops.aws.errors import with_advice
    from ops.release.one_off_command import begin_run, finish_run, unwatched_task_advice
    from ops.service.signals import holding_interrupts

    aws, settings = session.aws, session.settings
    unseen = f"aws ecs list-tasks --cluster {settings.names.cluster} --started-by hannibal/run"
    advice = f"The command may run nevertheless, if ECS has accepted it: `{unseen}`. See that before you run it again."
    try:
        with with_advice(advice):
            one_off_run, interrupted = holding_interrupts(lambda: begin_run(aws, plan))
    except KeyboardInterrupt:
        stop = f"Stop it: `aws ecs stop-task --cluster {settings.names.cluster} --task` with its ARN"
        raise CancelledError("interrupted before the task was seen to start", advice, stop) from None
    task_id = one_off_run.task.task_id

    def finish() -> "OneOffTask":
        return finish_run(aws, one_off_run, show=lambda line: _print(line, json=session.json))

    if interrupted:
        raise stop_interrupted(aws, one_off_run.task, finish)
    try:
        screen.err().echo(f"Task     {task_id}", "dim")
        if not detach:
            with with_advice(*unwatched_task_advice(aws, one_off_run.task)):
                return finish()
    except KeyboardInterrupt:
        raise stop_interrupted(aws, one_off_run.task, finish) from None
    screen.err().echo(f"  `hannibal logs --task {task_id} --follow` shows what it prints")
    screen.err().echo(f"  `aws ecs stop-task --cluster {settings.names.cluster} --task {task_id}` stops it")
    if session.json:
        screen.print_json(one_off_run.task)
    return None


def stop_interrupted(aws: "Aws", task: "OneOffTask", finish: "Callable[[], OneOffTask]") -> CancelledError:
    """Stop a task after Ctrl-C and wait for its end, or for a second Ctrl-C; returns the command's error.

    Raises:
        CancelledError: a second Ctrl-C came before ECS had accepted to stop it.
    """
    from ops.release.one_off_command import naming_at_interrupt
    from ops.service.one_off_tasks import stop_task

    screen.err().echo("Ctrl-C: stopping the task; its container has 30 seconds to end.", "yellow")
    with naming_at_interrupt(aws, task):
        stop_task(aws, task.arn, "Ctrl-C")
    try:
        finish()
    except KeyboardInterrupt:
        return CancelledError(
            f"interrupted; ECS is still stopping task {task.task_id}",
            f"See its end: `hannibal logs --task {task.task_id}`",
        )
    return CancelledError(f"interrupted; task {task.task_id} was stopped, and what it had done stays done")


def exit_code_of(task: "OneOffTask") -> int:
    """The exit code of the task's command, after printing how it ended; FailedError if it has none or was stopped."""
    # Many programs end with 0 at SIGTERM, for example when Fargate reclaims Spot capacity.
    if task.exit_code is None or (task.exit_code == 0 and not task.succeeded):
        raise FailedError(
            f"the command did not run to an end: {task.reason or task.stop_code or 'no reason given'}",
            "Why tasks do not start: `hannibal doctor ecs`",
        )
    took = f" after {screen.span(task.took)}" if task.took else ""
    style = "green" if task.exit_code == 0 else "bold red"
    screen.err().echo(f"Ended with {task.exit_text}{took}", style)
    return task.exit_code


def _print(line: "LogLine", *, json: bool) -> None:
    screen.print_text(line.message, flush=True, to_stderr=json)


def _show_plan(console: Console, plan: "RunPlan") -> None:
    from ops.cli.console.plan import show_caller

    show_caller(console, plan.caller, plan.environment)
    console.echo(f"Run      {shlex.join(plan.command)}", "bold")
    console.echo(f"in       {plan.image.uri}, with the configuration of {plan.running.revision.name}")


@in_session()
def runs(
    session: Session,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="How far back: 30m, 2h, 1d, 4w, or a moment in ISO 8601.")
    ] = "4w",
) -> None:
    """Show who ran what with `hannibal run`, and the migrations of releases, over all months.

    The record is kept as long as the service's log: `service.log_retention_days`.
    """
    from ops.service.logs import moment_of
    from ops.service.one_off_record import read_runs

    start = moment_of(since, datetime.now(UTC))
    session.require_own()
    found = read_runs(session.aws, start=start)
    if session.json:
        screen.print_json(found)
    elif found:
        _show_runs(session.console, found, datetime.now(UTC))
    else:
        screen.err().echo(f"Nothing was run since {start:%Y-%m-%d %H:%M:%S %Z}.", "dim")


def _show_runs(console: Console, records: "tuple[Run, ...]", now: datetime) -> None:
    folded = ("COMMAND", "IMAGE", "WHO")
    wide = console.width >= screen.WIDE
    table = screen.table("WHEN", "WHAT", "EXIT", "TASK", *folded, folded=folded)
    for record in records:
        ended = "-" if record.exit_code is None else str(record.exit_code)
        table.add_row(
            screen.ago(now, record.time),
            record.purpose,
            Text(ended, style="green" if record.exit_code == 0 else "bold red" if record.exit_code else "dim"),
            record.task_id[:8] or "-",
            Text(record.text),
            Text(record.image if wide else screen.short_image(record.image)),
            Text(record.who.rpartition(":")[2], style="dim"),
        )
    console.print(table)
