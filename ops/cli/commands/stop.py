"""`hannibal stop`."""

from typing import TYPE_CHECKING

from ops.cli.commands.leftovers import show_leftovers
from ops.cli.console import screen
from ops.cli.console.plan import show_caller, show_planned_actions
from ops.cli.console.screen import Console
from ops.cli.session import Session, changing, wait_for_cdk_lock

if TYPE_CHECKING:
    from installation.lifecycles import Lifecycles
    from installation.settings.edge import EdgeSettings
    from ops.month.stop import StopPlan, StopResult


@changing
def stop(session: Session) -> None:
    """End the month: delete the ephemeral stacks, keep the data in a final snapshot, list what still costs money.

    Asks to type the project's name. Refuses while a release is running, stops one-off tasks first. Waits for the final
    snapshot, checks that it is of this month, then prunes old final snapshots beyond `database.snapshots_kept`; never
    the newest, never one that was made by hand. After Ctrl-C or a failure run it again: it continues.

    Examples:
        hannibal stop --dry-run: what would be destroyed, and what stays
        hannibal stop: asks for the project's name
        hannibal stop --yes --json: for scripts
    """
    from ops.month.stop import plan_stop
    from ops.month.stop import stop as carry_out
    from ops.stacks.checkout import this_checkout

    checkout = this_checkout()
    checkout.require_tools()
    aws, settings = session.aws, session.settings
    if not session.dry_run:
        wait_for_cdk_lock(session, checkout)
    plan = plan_stop(aws)
    show_caller(session.console, plan.caller, plan.environment)
    session.refuse_unless_dry_run(plan.refusals)
    _show_plan(session.console, plan, settings.lifecycles)
    if session.dry_run and session.json:
        screen.print_json(plan)
    if not session.confirmed(refusals=plan.refusals, typed=settings.project):
        return
    with session.watched(f"hannibal stop --env {session.environment}") as watching:
        result = carry_out(aws, checkout, plan, watching)
    if session.json:
        screen.print_json(result)
    else:
        _show_result(session.console, result, settings.edge)


def _show_plan(console: Console, plan: "StopPlan", lifecycles: "Lifecycles") -> None:
    show_planned_actions(console, plan.stacks, lifecycles)
    for task in plan.tasks:
        console.echo(f"Stopped first: one-off task {task.text}", "yellow")
    if plan.starts_database:
        console.echo(
            "Started first: the database; RDS makes no final snapshot of one that a pause has stopped", "yellow"
        )
    for name in plan.former:
        console.echo(f"Deleted first, with a final snapshot of its own: former database {name}", "yellow")
    if plan.trial:
        console.echo(
            f"Deleted first, without a snapshot: {plan.trial}, a copy that a trial of a restore has left", "yellow"
        )
    for window in plan.backups:
        console.echo(f"Deleted with the database: its automatic backups, {window.text}", "yellow")
        console.echo(
            "  To keep data of an earlier time: first `hannibal restore --to TIME`, or `snapshots take`", "dim"
        )
    console.echo(f"Kept: {', '.join(plan.kept) or 'nothing, because nothing is there'}")
    stay = f"of final snapshots the newest {plan.snapshots_kept} stay."
    if plan.refusals:  # which may say that there would be no final snapshot
        return
    if plan.database:
        console.echo(f"The database's data is kept in a final snapshot; {stay}")
    else:
        console.echo(
            f"There is no database, so no final snapshot is made (`hannibal snapshots list`); {stay}", "yellow"
        )


def _show_result(console: Console, result: "StopResult", edge: "EdgeSettings") -> None:
    gone = [stack for stack in result.stacks if stack.status == "DELETE_COMPLETE"]
    console.echo(f"Done: {len(gone)} stacks destroyed." if gone else "Done: nothing was left to destroy.", "green")
    if result.snapshot is not None:
        console.echo(f"Data: {result.snapshot.name} ({result.snapshot.status}, {result.snapshot.made})")
    show_leftovers(console, result.leftovers)
    console.echo("Next:", "bold")
    if edge.domain and not edge.hosted_zone_id:
        console.echo(
            f"  delete the DNS record of {edge.domain}: while it leads to the distribution that is gone, CloudFront "
            "gives the domain to no other"
        )
    console.echo("  `hannibal start` begins the next month with this data")
    console.echo("  `hannibal snapshots list` shows what it can start from")
