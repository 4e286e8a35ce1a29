"""`hannibal snapshots list`, `take` and `prune`."""

import shlex
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, changing, in_session
from ops.errors import CancelledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.month.snapshots import Snapshot, SnapshotDecision
app = typer.Typer(name="snapshots", no_args_is_help=True, help="The data between two months.")


@app.command("list")
@in_session()
def list_snapshots(session: Session) -> None:
    """Show all manual snapshots of the database, the newest first: the next month starts from that one."""
    from ops.month.snapshots import decide_retention, read_former_snapshots, read_snapshots

    aws, settings = session.aws, session.settings
    session.require_own()
    snapshots = read_snapshots(aws)
    former = read_former_snapshots(aws)
    if session.json:
        screen.print_json((*snapshots, *former))
        return
    console = session.console
    for snapshot in former:
        console.echo(f"{snapshot.name}: {snapshot.status}, of a former or unfinished database of a restore", "yellow")
    if not snapshots:
        console.echo(f"No snapshot of {settings.names.database} yet. A start without one makes an empty database.")
        return
    _show(console, decide_retention(snapshots, settings.database.snapshots_kept))


@app.command()
@changing
def take(
    session: Session,
    before_release: Annotated[
        bool, typer.Option("--before-release", help="Name it like those that `release.snapshot` takes.")
    ] = False,
) -> None:
    """Take a snapshot of the running database and wait until it can be restored.

    It holds the data of the moment at which it was begun, stays when the month ends, and is billed by the GB until it
    is deleted: pruning never deletes it. After an interruption, run it again: it waits for the snapshot that was begun.
    `hannibal restore --to` goes back to it.

    Examples:
        hannibal snapshots take: before something that may fail; waits until it can be restored
        hannibal snapshots take --before-release: named as those of release.snapshot
    """
    from ops.aws.errors import with_advice
    from ops.month.take_snapshot import create_snapshot as carry_out
    from ops.month.take_snapshot import plan_snapshot

    session.checked_caller()
    plan = plan_snapshot(session.aws, before_release=before_release)
    snapshot = None
    if plan.name:
        waits = "is being made already; this command waits for it" if plan.begun else f"of up to {plan.size_gib} GiB"
        session.echo(f"Snapshot {plan.name} {waits}")
    if session.confirmed(question="Take it?", refusals=plan.refusals, changes=not plan.begun):
        progress = show_progress(session.console)
        with with_advice(
            "RDS continues by itself; until it is done, the same command waits for it and takes no second one."
        ):
            snapshot = carry_out(session.aws, plan, progress)
        session.echo(f"Done: {snapshot.name} can be restored.", "green")
    if session.json:
        screen.print_json({"plan": plan, "snapshot": snapshot})


@app.command("try")
@changing
def try_newest(session: Session) -> None:
    """Test the newest snapshot: restore it into a temporary instance, read it, delete the instance.

    The command of `database.restore_check` reads it, as a one-off task of the image that serves; without one, only RDS
    does. The exit code is 1 if that command fails. The instance is billed for the half hour that it takes.
    """
    from ops.errors import FailedError
    from ops.month.restore.trial import newest_restorable, run_trial
    from ops.service.signals import ended_with_terminal

    session.checked_caller()
    snapshot, trial = newest_restorable(session.aws), None
    session.echo(f"Restore  {snapshot} into {session.aws.names.trial_database}, which is deleted again")
    check = session.settings.database.restore_check
    session.echo(f"Read by  {shlex.join(check) if check else 'RDS alone: database.restore_check names no command'}")
    if session.confirmed(question=f"Try to restore {snapshot}?"):
        try:
            with ended_with_terminal():
                trial = run_trial(session.aws, screen.detail_printer(session.console))
        except KeyboardInterrupt:
            left = "Where it was not, `hannibal status` names it, and `hannibal restore --let-go` deletes it."
            raise CancelledError("interrupted: the instance of the trial was deleted again", left) from None
        for line in trial.printed:
            session.echo(f"  {line}")
        session.echo(f"{snapshot} restores, within {screen.span(timedelta(seconds=trial.seconds))}.", "green")
    if session.json:
        screen.print_json({"snapshot": snapshot, "trial": trial})
    if trial is not None and trial.succeeded is False:
        raise FailedError("the command of database.restore_check failed on the restored data", "Its output is above.")


def show_progress(console: Console) -> "Callable[[Snapshot], None]":
    """A function that prints a snapshot's progress when it changes."""
    from ops.aws.polling import without_repeats

    notify = without_repeats(lambda text: console.echo(text, "dim"))
    return lambda it: notify(f"  snapshot {it.name}: {it.status}, {it.progress_percent} %")


@app.command()
@changing
def prune(
    session: Session,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Final snapshots to leave.", show_default="database.snapshots_kept of the settings"),
    ] = None,
    untagged: Annotated[
        bool,
        typer.Option("--untagged", help="Also those without the tag `Prunable`; needs an administrator's credentials."),
    ] = False,
) -> None:
    """Delete old final snapshots; each is billed by the GB.

    Never deletes the newest, nor one that was made by hand, nor one that is being made. One without the tag `Prunable`
    stays until AuditStack's function has tagged it, which it does once a day with those that are old enough.

    Examples:
        hannibal snapshots prune --dry-run: which would go, and why the others stay
        hannibal snapshots prune --keep 1: only the newest stays
    """
    from ops.month.snapshots import decide_retention, delete, plan_pruning, read_snapshots

    session.checked_caller()
    kept = session.settings.database.snapshots_kept if keep is None else keep
    verdicts = decide_retention(read_snapshots(session.aws), kept)
    now, later = plan_pruning(verdicts, untagged=untagged)
    _show(session.console, verdicts, untagged=untagged)
    deleted: tuple[str, ...] = ()
    if now and not session.dry_run:
        screen.confirm(f"Delete {len(now)} snapshot(s) permanently?", yes=session.yes)
        deleted = delete(session.aws, now)
    if session.json:
        screen.print_json({"verdicts": verdicts, "deleted": deleted})
    elif session.dry_run:
        if not now:
            session.echo("There is nothing to prune.")
        session.echo("Dry run: nothing was changed.")
    else:
        session.echo(f"Deleted: {', '.join(deleted)}" if deleted else "Nothing was pruned.")
        if later:
            note = f"{len(later)} old snapshot(s) stay: not tagged as prunable yet."
            session.echo(f"{note} An administrator deletes them with --untagged.", "yellow")


def _show(console: Console, verdicts: "Sequence[SnapshotDecision]", *, untagged: bool = False) -> None:
    for verdict in verdicts:
        snapshot = verdict.snapshot
        state = snapshot.status if snapshot.status != "creating" else f"creating, {snapshot.progress_percent} % done"
        waits = verdict.prune and not (snapshot.prunable or untagged)
        action = ("pruned", "yellow") if verdict.prune and not waits else ("kept", "green")
        reason = f"{verdict.why}; not tagged as prunable yet" if waits else verdict.why
        console.echo(snapshot.name, "bold")
        console.print(
            Text.assemble(
                f"    {snapshot.made}, {state}, {snapshot.size_gib} GiB, PostgreSQL {snapshot.engine_version}; ",
                action,
                f": {reason}",
            ),
            soft_wrap=True,
        )
