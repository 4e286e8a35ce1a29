"""`hannibal stop`."""

from typing import TYPE_CHECKING

from rich.console import Console

from ops.cli import options
from ops.cli.commands.leftovers import show_leftovers
from ops.cli.console import screen
from ops.cli.console.plan import show_caller, show_planned_actions
from ops.cli.session import open_session, wait_for_other_run

if TYPE_CHECKING:
    from installation.lifecycles import Lifecycles
    from ops.month.stop import StopPlan, StopResult


def stop(
    env: options.Environment = "dev",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """End the month: destroy what is ephemeral, keep the data in a final snapshot, say what still bills.

    Asks to type the project's name. Refuses while a release is running, stops one-off tasks first. Waits for the final
    snapshot, sees that it is of this month, then prunes old final snapshots beyond `database.snapshots_kept`; never the
    newest, never one that was made by hand. After Ctrl-C or a failure run it again: it goes on from there.

    Examples:
        hannibal stop --dry-run: what would be destroyed, and what stays
        hannibal stop: asks for the project's name
        hannibal stop --yes --json: for scripts
    """
    from ops.month.stop import plan_stop
    from ops.month.stop import stop as carry_out
    from ops.stacks.checkout import here

    checkout = here()
    checkout.require_tools()
    with open_session(env, json=json, dry_run=dry_run, yes=yes) as session:
        aws, settings = session.aws, session.settings
        if not dry_run:
            wait_for_other_run(session, checkout)
        plan = plan_stop(aws)
        show_caller(session.console, plan.caller, plan.environment)
        session.refused_unless_looking(plan.refusals)
        _show_plan(session.console, plan, settings.lifecycles)
        if dry_run and json:
            screen.print_json(plan)
        if not session.agreed(refusals=plan.refusals, typed=settings.project):
            return
        with session.watched(f"hannibal stop --env {env}") as watching:
            result = carry_out(aws, checkout, plan, watching)
    if json:
        screen.print_json(result)
    else:
        _show_result(session.console, result)


def _show_plan(console: Console, plan: "StopPlan", lifecycles: "Lifecycles") -> None:
    show_planned_actions(console, plan.stacks, lifecycles)
    for task in plan.tasks:
        screen.line(console, f"Stopped first: one-off task {task.text}", "yellow")
    for name in plan.former:
        screen.line(
            console, f"Deleted first, with a final snapshot of its own: {name}, put aside by a restore", "yellow"
        )
    for window in plan.backups:
        screen.line(console, f"Ends with the database: its automatic backups, {window.text}", "yellow")
        screen.line(
            console, "  Rows of a moment in between: `hannibal restore --to TIME` before, or `snapshots take`", "dim"
        )
    screen.line(console, f"Kept: {', '.join(plan.kept) or 'nothing, because nothing is there'}")
    screen.line(
        console,
        f"The database's data is kept in a final snapshot; of final snapshots the newest {plan.snapshots_kept} stay.",
    )


def _show_result(console: Console, result: "StopResult") -> None:
    gone = [stack for stack in result.stacks if stack.status == "DELETE_COMPLETE"]
    screen.line(
        console, f"Done: {len(gone)} stacks destroyed." if gone else "Done: nothing was left to destroy.", "green"
    )
    if result.snapshot is not None:
        made = f"{result.snapshot.created:%Y-%m-%d %H:%M:%S %Z}" if result.snapshot.created else "just now"
        screen.line(console, f"Data: {result.snapshot.name} ({result.snapshot.status}, made {made})")
    show_leftovers(console, result.leftovers)
    screen.line(console, "Next:", "bold")
    screen.line(console, "  hannibal start            the next month, with this data")
    screen.line(console, "  hannibal snapshots list   what it can start from")
