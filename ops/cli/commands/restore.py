"""`hannibal restore`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.console import screen
from ops.cli.session import Session, changing
from ops.errors import CancelledError, UnusableInputError, refuse

if TYPE_CHECKING:
    from ops.month.restore.plan import RestorePlan


@changing
def restore(
    session: Session,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME|SNAPSHOT", help="A time, such as 2026-11-26T09:30+09:00, or a snapshot."),
    ] = None,
    let_go: Annotated[
        bool, typer.Option("--let-go", help="Delete the former databases, each with a final snapshot.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Restore again what was restored already.")] = False,
) -> None:
    """Restore the database to a point in time of this month, or from a snapshot.

    The data is restored into a second instance, which then gets the name, the address and the password of the current
    one: stacks, secrets and templates stay as they are. The former database is kept with all its rows, and costs money,
    until `--let-go`. After an interruption, run the same command again: it continues. Without --to, it shows what can
    be restored.
    """
    if let_go and to is not None:
        raise UnusableInputError("give one of --to and --let-go", "See `hannibal restore --help`.")
    if let_go:
        _delete_former(session)
    elif to is None:
        _show_windows(session)
    else:
        _restore(session, to, again=again)


def _restore(session: Session, to: str, *, again: bool) -> None:
    from ops.month.restore.plan import plan_restore
    from ops.month.restore.target import parse_target

    target = parse_target(to)
    session.checked_caller()
    plan = plan_restore(session.aws, target, again=again)
    if session.json and session.dry_run and plan.refusals:
        screen.print_json({"plan": plan, "kept": ()})
    refuse(plan.refusals)
    for number, step in enumerate(plan.steps, start=1):
        session.echo(f"  {number}. {step}")
    for note in plan.notes:
        session.echo(f"  - {note}", "dim")
    for name in plan.former:
        session.echo(f"  kept already, and costs money: {name}", "yellow")
    if not plan.steps:
        session.echo(f"The restore to {target.text} is done. To repeat it, add --again.", "green")
    kept: tuple[str, ...] = ()
    changes = bool(plan.steps)
    if session.confirmed(typed=session.settings.project, changes=changes) and changes:
        kept = _carry_out(session, plan)
    if session.json:
        screen.print_json({"plan": plan, "kept": kept})


def _carry_out(session: Session, plan: "RestorePlan") -> tuple[str, ...]:
    from ops.aws.errors import with_advice
    from ops.month.restore.run import Restore

    target, settings, notify = plan.target.text, session.settings, screen.detail_printer(session.console)
    advice = f"Go on: `hannibal restore --to {target} --env {settings.environment}`"
    try:
        with with_advice("RDS continues what it has begun, and nothing new begins. All rows are kept.", advice):
            instances = Restore(session.aws, plan, notify=notify).carry_out()
    except KeyboardInterrupt:
        problem = "interrupted. RDS continues what it has begun, and nothing new begins"
        raise CancelledError(problem, advice) from None
    session.echo(f"Done: the rows are those of {target}.", "green")
    for instance in instances[:1]:
        session.echo(f"Kept, and costs money until `hannibal restore --let-go`: {instance.name}", "yellow")
    return tuple(it.name for it in instances)


def _show_windows(session: Session) -> None:
    from ops.month.restore.target import read_windows
    from ops.service.database_instances import read_databases

    session.require_own()
    databases = read_databases(session.aws)
    windows = read_windows(session.aws, (databases.current, *databases.former))
    if session.json:
        screen.print_json({"restoring": databases.restoring, "windows": windows})
        return
    if windows:
        session.echo("Any moment in here can be restored by `hannibal restore --to MOMENT`:")
    for window in windows:
        session.echo(f"  {window.text}")
    if not windows:
        session.echo("No automatic backup can be restored now.")
    if databases.restoring:
        session.echo(f"Not ended: `hannibal restore --to {databases.restoring}` goes on", "yellow")
    session.echo("A snapshot can be restored too: `hannibal snapshots list` names them.", "dim")


def _delete_former(session: Session) -> None:
    from ops.month.restore.former_databases import delete_former_databases, plan_former_deletion

    session.checked_caller()
    plan = plan_former_deletion(session.aws)
    refuse(plan.refusals)
    for instance, snapshot in plan.kept:
        session.echo(f"  {instance.name} is deleted; its rows are kept in the snapshot {snapshot}")
    for instance in plan.copies:
        session.echo(f"  {instance.name} is deleted: a copy that is no longer needed")
    has_former = bool(plan.kept or plan.copies)
    if not has_former:
        session.echo("No former database is kept, so there is nothing to delete.")
    if session.confirmed(typed=session.settings.project, changes=has_former) and has_former:
        delete_former_databases(session.aws, plan, screen.detail_printer(session.console))
        session.echo("Done. Snapshots that were made cost money until they are deleted.", "green")
    if session.json:
        screen.print_json({"plan": plan, "carried_out": not session.dry_run and has_former})
