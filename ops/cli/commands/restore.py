"""`hannibal restore`."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ops.cli import options
from ops.cli.console import screen
from ops.cli.console.agreement import agreed, checked_caller
from ops.cli.session import connected, polling_for, settings_of
from ops.errors import CancelledError, UnusableInputError

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.aws.clients import Aws
    from ops.aws.polling import Polling
    from ops.month.restore.plan import RestorePlan


def restore(
    to: Annotated[
        str | None, typer.Option("--to", metavar="TIME|SNAPSHOT", help="Such as 2026-11-26T09:30+09:00.")
    ] = None,
    let_go: Annotated[
        bool, typer.Option("--let-go", help="Delete what was put aside, each with a final snapshot.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Even where this restore was done already.")] = False,
    env: options.Environment = "dev",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Go back to the rows of a moment of this month, or of a snapshot.

    They are restored into a second instance, which then takes over name, address and password of the month's: stacks,
    secrets and templates stay as they are. The database of before is kept with all its rows, and bills, until
    `--let-go`. Interrupted at any moment, the same command goes on; without --to, what can be restored is shown.
    """
    if let_go and to is not None:
        raise UnusableInputError("give one of --to and --let-go", "See `hannibal restore --help`.")
    settings = settings_of(env)
    console = screen.err() if json else screen.out()
    with connected(settings) as aws:
        if let_go:
            _let_go(aws, settings, console, dry_run=dry_run, yes=yes, json=json)
        elif to is None:
            _show_windows(aws, settings, console, json=json)
        else:
            _restore(aws, settings, console, to, again=again, dry_run=dry_run, yes=yes, json=json)


def _restore(
    aws: "Aws", settings: "Settings", console: Console, to: str, *, again: bool, dry_run: bool, yes: bool, json: bool
) -> None:
    from ops.month.restore.plan import plan_restore
    from ops.month.restore.target import parse_target

    target = parse_target(to)
    caller = checked_caller(aws, settings, console)
    plan = plan_restore(aws, settings, target, again=again)
    for number, step in enumerate(plan.steps, start=1):
        screen.line(console, f"  {number}. {step}")
    for note in plan.notes:
        screen.line(console, f"  - {note}", "dim")
    for name in plan.former:
        screen.line(console, f"  kept already, and bills: {name}", "yellow")
    if not plan.steps and not plan.refusals:
        screen.line(console, f"The restore to {target.text} is done. Once more: add --again.", "green")
    typed = settings.project if plan.steps else ""
    kept: tuple[str, ...] = ()
    if agreed(console, dry_run=dry_run, yes=yes or not plan.steps, typed=typed, refusals=plan.refusals) and plan.steps:
        kept = _carry_out(aws, settings, console, plan, polling_for(caller.endpoint))
    if json:
        screen.print_json({"plan": plan, "kept": kept})


def _carry_out(
    aws: "Aws", settings: "Settings", console: Console, plan: "RestorePlan", polling: "Polling"
) -> tuple[str, ...]:
    from ops.month.restore.run import Restore

    target = plan.target.text
    try:
        kept = Restore(aws, settings, plan, tell=screen.teller(console), polling=polling).carry_out()
    except KeyboardInterrupt:
        raise CancelledError(
            "interrupted. What RDS has begun goes on by itself, and nothing new begins",
            f"Go on: `hannibal restore --to {target} --env {settings.environment}`",
        ) from None
    screen.line(console, f"Done: the rows are those of {target}.", "green")
    for instance in kept[:1]:
        screen.line(console, f"Kept, and bills until `hannibal restore --let-go`: {instance.name}", "yellow")
    return tuple(it.name for it in kept)


def _show_windows(aws: "Aws", settings: "Settings", console: Console, *, json: bool) -> None:
    from ops.month.restore.target import read_windows
    from ops.service.databases import read_databases

    databases = read_databases(aws.rds, settings.names)
    windows = read_windows(aws.rds, (databases.current, *databases.former))
    if json:
        screen.print_json({"restoring": databases.restoring, "windows": windows})
        return
    if windows:
        screen.line(console, "Any moment in here can be restored by `hannibal restore --to MOMENT`:")
    for window in windows:
        screen.line(console, f"  {window.text}")
    if not windows:
        screen.line(console, "No automatic backup can be restored now.")
    if databases.restoring:
        screen.line(console, f"Not ended: `hannibal restore --to {databases.restoring}` goes on", "yellow")
    screen.line(console, "A snapshot can be restored too: `hannibal snapshots list` names them.", "dim")


def _let_go(aws: "Aws", settings: "Settings", console: Console, *, dry_run: bool, yes: bool, json: bool) -> None:
    from ops.month.restore.let_go import let_go, plan_let_go

    caller = checked_caller(aws, settings, console)
    plan = plan_let_go(aws, settings)
    for instance, snapshot in plan.kept:
        screen.line(console, f"  {instance.name} is deleted; its rows are kept in the snapshot {snapshot}")
    for instance in plan.copies:
        screen.line(console, f"  {instance.name} is deleted: a copy that nothing needs any more")
    there = bool(plan.kept or plan.copies)
    if not there and not plan.refusals:
        screen.line(console, "Nothing is kept, so there is nothing to let go.")
    if agreed(console, dry_run=dry_run, yes=yes or not there, typed=settings.project, refusals=plan.refusals) and there:
        let_go(aws, settings, plan, screen.teller(console), polling_for(caller.endpoint))
        screen.line(console, "Done. Snapshots that were made bill until they are deleted.", "green")
    if json:
        screen.print_json({"plan": plan, "carried_out": not dry_run and there})
