"""`hannibal release`."""

import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session
from ops.errors import CancelledError, RefusedError, UnusableInputError, refuse
from ops.release.timing import Mode

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.release.plan import ReleasePlan
    from ops.service.logs import LogLine

ModeOption = Annotated[
    Mode,
    typer.Option(metavar="MODE", help="bluegreen: all traffic at once. canary: a tenth of it for five minutes first."),
]
Detach = Annotated[bool, typer.Option("--detach", help="Do not watch. `hannibal release --wait` must be run later.")]
SnapshotOption = Annotated[
    bool | None,
    typer.Option(
        "--snapshot/--no-snapshot",
        help="Take a snapshot of the database first. Default: the setting release.snapshot.",
        show_default=False,
    ),
]
_JsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON event a line; words go to stderr.")]
releasing = in_session(dry_run=True, yes=True, json=_JsonLines)


@releasing
def release(
    session: Session,
    image: Annotated[
        str | None,
        typer.Option(
            metavar="URI", help="Image with tag or digest; a tag of the project's repository is released by its digest."
        ),
    ] = None,
    configuration: Annotated[
        bool, typer.Option("--configuration", help="Release the configuration deployed since, with the running image.")
    ] = False,
    mode: ModeOption = Mode.BLUEGREEN,
    wait: Annotated[bool, typer.Option("--wait", help="Watch the release that was begun last.")] = False,
    detach: Detach = False,
    again: Annotated[bool, typer.Option("--again", help="Release even the running image, to start new tasks.")] = False,
    ignore_alarms: Annotated[
        bool,
        typer.Option(
            "--ignore-alarms",
            help="Release although alarms are in ALARM or tasks are missing, and let no alarm end it: this image fixes "
            "the cause.",
        ),
    ] = False,
    snapshot: SnapshotOption = None,
    ignore_findings: Annotated[
        bool, typer.Option("--ignore-findings", help="Release even if ECR's scan has findings.")
    ] = False,
) -> None:
    """Release an image: check it, start new tasks beside the old ones, shift traffic, end old tasks, write the record.

    The deployed configuration (variables, secrets, size) ships with it, shown as a difference first; `--configuration`
    ships it alone.

    An alarm, tasks that do not become healthy or a failed verification roll it back; Ctrl-C asks. If this command is
    killed, the release continues in AWS; `hannibal release --wait` watches it again and writes the record.

    Examples:
        hannibal release --image REPOSITORY:TAG: all traffic at once, about 2.5 minutes
        hannibal release --image IMAGE --mode canary: a tenth of it first, about 7.5 minutes
        hannibal release --configuration: changed variables, secrets or size, with the running image
        hannibal release --wait: watch a release again that was detached or killed
        hannibal release --image IMAGE --yes --json: for scripts
    """
    if sum((image is not None, configuration, wait)) != 1:
        raise UnusableInputError(
            "give one of --image URI, --configuration and --wait", "See `hannibal release --help`."
        )
    if wait and session.dry_run:
        raise UnusableInputError(
            "--wait has no dry run: it writes the record of a release that succeeded", "See it: `hannibal status`."
        )
    if wait or (not session.json and not session.dry_run and not session.yes and _watches_instead(session)):
        _pick_up(session)
        return
    from ops.release.plan import ReleaseRequest, plan_release

    request = ReleaseRequest(image=image, mode=mode, ignore_alarms=ignore_alarms, ignore_findings=ignore_findings)
    plan = plan_release(session.aws, request)
    plan = replace(plan, snapshot=_takes_snapshot(session.settings, plan, snapshot))
    carry_out(session, plan, again=again, detach=detach)


def _takes_snapshot(settings: "Settings", plan: "ReleasePlan", requested: bool | None) -> bool:
    """Whether a snapshot is taken first: as requested, else by the setting where the image changes."""
    if requested is not None:
        return requested
    return settings.release.snapshot and plan.running is not None and plan.running.revision.image != plan.image.uri


def _watches_instead(session: Session) -> bool:
    """Whether a release is running, and the person at the terminal wants to watch it instead."""
    from ops.release.rollback import running_release

    if not sys.stdin.isatty() or (running := running_release(session.aws)) is None:
        return False
    question = f"A release is running already: {running.deployment_id} is {running.status}. Watch it?"
    try:
        return typer.confirm(question, default=True, err=True)
    except typer.Abort:
        raise RefusedError("not answered; nothing was changed") from None


def carry_out(session: Session, plan: "ReleasePlan", *, again: bool, detach: bool) -> None:
    """Show a plan, ask, begin, and watch it to its end.

    Raises:
        RefusedError: the plan cannot be carried out, or the person said no.
        FailedError: the snapshot before the release failed.
    """
    from ops.cli.console.release_progress import print_event
    from ops.cli.console.release_watch import conclude, watch_release
    from ops.release.watch import complete_record

    aws = session.aws
    show_plan(session.console, plan)
    if session.json:
        print_event("plan", plan)
    refuse(plan.refusals)
    if plan.already_running and not again:
        session.echo(
            "It runs already, with this configuration: nothing to do. To start new tasks of it, add --again.", "green"
        )
        if not session.dry_run and complete_record(aws):
            session.echo("The release record was out of date; it is correct now.")
        return
    if not session.confirmed(question=f"{'Go back' if plan.back else 'Release'} in {plan.environment}?"):
        return
    complete_record(aws)  # of an earlier release that nobody watched to its end
    if plan.snapshot:
        _snapshot_before(session)
    deployment_id = _begin_release(session, plan)
    if session.json:
        print_event("begun", {"deployment": deployment_id})
    if detach:
        session.echo(f"Begun: {deployment_id}. It continues by itself; the command that watches it writes the record.")
        session.echo("  `hannibal release --wait` watches it to its end and writes the record")
        session.echo("  `hannibal rollback` rolls it back")
        return
    conclude(session, watch_release(session, deployment_id), migrated=bool(plan.migrate))


def _begin_release(session: Session, plan: "ReleasePlan") -> str:
    """Begin the release in CodeDeploy; returns the deployment's id. CancelledError at Ctrl-C."""
    from ops.aws.errors import with_advice
    from ops.release.plan import begin_release

    advice = ["If CodeDeploy has it already, it continues by itself: the same command says so, or releases it."]
    if session.settings.service.autoscaling:
        advice.append("If it has not, tasks may not scale until the next release or `hannibal release --wait`.")
    try:
        with with_advice(*advice):
            return begin_release(session.aws, plan, show=_show_line(session))
    except KeyboardInterrupt:
        raise CancelledError("interrupted while the release began", *advice) from None


def _snapshot_before(session: Session) -> None:
    from ops.cli.commands.snapshots import show_progress
    from ops.month.take_snapshot import create_release_snapshot

    made = create_release_snapshot(session.aws, show_progress(session.console))
    session.echo(f"Snapshot {made.name} is there")


def _show_line(session: Session) -> "Callable[[LogLine], None]":
    """A function that shows the migration's output."""
    from ops.cli.console.release_progress import print_event

    if session.json:
        return lambda line: print_event("migration", {"task": line.task_id, "line": line.message})
    return lambda line: session.echo(f"  migration: {line.message}", "dim")


def _pick_up(session: Session) -> None:
    from ops.cli.console.release_watch import conclude, watch_release
    from ops.release.history import newest_deployment
    from ops.release.watch import complete_record
    from ops.service.autoscaling import resume_scaling

    session.checked_caller()
    corrected = resume_scaling(session.aws)  # a killed command may have suspended scaling without a deployment
    if corrected:
        session.echo("No release runs: the number of tasks follows the load again.", "green")
    newest = newest_deployment(session.aws)
    # After a success `watch_release` writes the record; otherwise it is written here.
    if (newest is None or newest.status in ("Failed", "Stopped")) and complete_record(session.aws):
        session.echo("The release record did not name the running image; it is correct now.", "green")
        corrected = True
    if newest is None and corrected:
        return
    if newest is None:
        raise RefusedError("nothing was released in this month, so there is nothing to wait for")
    conclude(session, watch_release(session, newest.deployment_id))


def show_plan(console: Console, plan: "ReleasePlan") -> None:
    """Print what will happen, in a few lines."""
    from ops.cli.console.plan import show_caller

    show_caller(console, plan.caller, plan.environment)
    image = plan.image
    console.echo(f"{'Back to' if plan.back else 'Release'}  {image.uri}", "bold")
    if image.asked != image.uri:
        console.echo(f"         which is {image.asked} now", "dim")
    if not image.fixed:
        console.echo("         by a tag, which its owner can move to another image", "yellow")
    if plan.scan is not None:
        bad = plan.scan.counts.get("critical") or not plan.scan.done
        console.echo(f"Scan     {plan.scan.text(datetime.now(UTC))}", "yellow" if bad else "")
    if plan.running is None or plan.timing is None:
        return
    console.echo(f"Now      {plan.running.revision.image} ({plan.running.revision.name})")
    _show_differences(console, plan)
    timing = plan.timing
    shift = (
        f"{timing.first_percent} % for {screen.span(timing.shift)}, then the rest" if timing.shift else "all at once"
    )
    if plan.snapshot:
        console.echo("Before   a snapshot of the database is taken and waited for")
    if plan.migrate:
        console.echo(f"Migrates by `{shlex.join(plan.migrate)}` of the new image, before anything else")
    console.echo(f"Traffic  {shift}: from {plan.running.colour} to the other group, {plan.mode.value}")
    console.echo(f"Verified {'by ' + plan.hook + ', before a user sees it' if plan.hook else 'by health checks'}")
    ends = "rolled back by failure, stop or alarm" if plan.watch_alarms else "alarms are ignored this time"
    console.echo(f"Takes    about {screen.span(timing.typical)}; {ends}")


def _show_differences(console: Console, plan: "ReleasePlan") -> None:
    like = plan.like.rpartition("/")[2]
    if not plan.differences:
        console.echo(f"Config   as it runs ({like})")
    for number, each in enumerate(plan.differences):
        heading = "" if number else "Config"
        change = f"{each.before or 'new'} → {each.after or 'gone'}"
        console.echo(f"{heading:<9}{each.what}: {change}", "yellow")
    if plan.differences:
        console.echo(f"         as in {like}", "dim")
