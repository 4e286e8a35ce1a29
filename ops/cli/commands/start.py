"""`hannibal start`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from installation.names import EDGE_STACK, RECORD_OUTPUT
from ops.cli import options
from ops.cli.commands import preflight
from ops.cli.console import screen
from ops.cli.console.plan import show_addresses, show_caller, show_planned_actions
from ops.cli.console.screen import Console
from ops.cli.session import Session, changing, wait_for_cdk_lock
from ops.errors import refuse

if TYPE_CHECKING:
    from installation.lifecycles import Lifecycles
    from ops.month.start import StartPlan, StartResult

# Many resources are faster, and do not affect the duration.
_SHOWN_SECONDS = 20


@changing
def start(session: Session, assembly: options.Assembly = None) -> None:
    """Start the month: check everything, deploy all stacks, restore the database from its newest snapshot.

    Runs `npx cdk deploy --all` and shows what CloudFormation does, one line a stack. A second run changes nothing.
    After Ctrl-C, or a failure whose cause was removed, run it again: it continues. With --assembly it deploys templates
    that were synthesized and reviewed before, and synthesizes nothing.

    Examples:
        hannibal start --dry-run: what would happen, and what prevents it
        hannibal start --env prod: asks before it begins
        hannibal start --yes --json: for scripts
    """
    from ops.month.preflight import preflighted
    from ops.month.start import add_template_results, add_validation, plan_start
    from ops.month.start import start as carry_out
    from ops.month.start_time import read_rehearsal
    from ops.stacks.checkout import this_checkout

    checkout = this_checkout()
    checkout.require_tools()
    aws, settings, console = session.aws, session.settings, session.console
    if not session.dry_run:
        wait_for_cdk_lock(session, checkout)
    plan = plan_start(aws, checkout, assembly)
    show_caller(console, plan.caller, plan.environment)
    session.refuse_unless_dry_run(plan.refusals)
    _show_plan(console, plan, settings.lifecycles)
    if session.dry_run and session.json and plan.refusals:
        screen.print_json(plan)
    refuse(plan.refusals)
    session.echo("Comparing what is about to be deployed with what runs …", "dim")
    # The estimated time is AWS's, so it is shown for the embedded AWS only in a dry run or a rehearsal.
    timed = session.dry_run or plan.caller.endpoint is None or read_rehearsal(plan.caller.endpoint).replayed
    with preflighted(aws, checkout, assembly, always=timed) as (checks, compared):
        preflight.show(console, checks)
        plan = add_template_results(aws, plan, compared)
        _show_time(console, plan, in_detail=session.dry_run)
        _show_administrator(console, plan)
        if session.dry_run and compared is not None and not plan.bootstrap:
            session.echo("Asking CloudFormation what would prevent the deployment …", "dim")
            plan = add_validation(aws, plan, checkout, compared)
            _show_validation(console, plan)
        if session.dry_run and session.json:
            screen.print_json(plan)
        refuse(plan.refusals)
        question = (
            f"Deploy {session.environment} to account {plan.caller.account}? The running month costs money from now on."
        )
        if not session.confirmed(refusals=checks.refusals, question=question):
            return
        with session.watched(f"hannibal start --env {session.environment}") as watching:
            result = carry_out(aws, checkout, plan, assembly=compared, watching=watching)
        result = _add_rehearsal(result, plan, compared)
    if session.json:
        screen.print_json(result)
    else:
        _show_result(console, result)
        _show_rehearsal(console, result, plan)


def _show_plan(console: Console, plan: "StartPlan", lifecycles: "Lifecycles") -> None:
    show_planned_actions(console, plan.stacks, lifecycles)
    console.echo(f"Database: {plan.database}")
    if plan.image:
        console.echo(f"Image: {plan.image}")
    for note in plan.notes:
        console.echo(f"To plan for: {note}.", "yellow")
    if plan.bootstrap and plan.caller.endpoint:
        console.echo("The embedded AWS is bootstrapped for the CDK first.")


def _show_validation(console: Console, plan: "StartPlan") -> None:
    for each in plan.unvalidated:
        console.echo(f"CloudFormation could not be asked: {each}", "yellow")
    if not plan.refusals and not plan.unvalidated:
        console.echo("CloudFormation's validation finds no problem.")


def _show_time(console: Console, plan: "StartPlan", *, in_detail: bool) -> None:
    if plan.time is None or plan.time.slowest is None:
        return
    slowest, where = plan.time.slowest, "On AWS it takes" if plan.caller.endpoint else "Takes"
    console.echo(
        f"{where} about {max(1, round(plan.time.seconds / 60))} min; {slowest.stack}/{slowest.path} decides most of it."
    )
    if in_detail:
        table = Table("begins", "takes", "what the start waits for", box=None, pad_edge=False, header_style="dim")
        for each in plan.time.longest_way:
            if each.seconds >= _SHOWN_SECONDS:
                table.add_row(_clock(each.begins), _clock(each.seconds), f"{each.stack}/{each.path}")
        console.print(table)


def _add_rehearsal(result: "StartResult", plan: "StartPlan", assembly: Path | None) -> "StartResult":
    from ops.month.start_time import rehearsed

    if assembly is None or plan.time is None:
        return result
    return replace(result, rehearsed_seconds=rehearsed(plan.caller.endpoint, assembly, made=plan.time.made))


def _show_rehearsal(console: Console, result: "StartResult", plan: "StartPlan") -> None:
    if result.rehearsed_seconds is not None and plan.time is not None:
        console.echo(
            f"Rehearsal: on AWS this start takes {_clock(result.rehearsed_seconds)} by typical durations as they were "
            f"replayed; the plan said {_clock(plan.time.seconds)}."
        )


def _show_administrator(console: Console, plan: "StartPlan") -> None:
    if plan.administrator:
        which, verb = " and ".join(plan.administrator), "differ" if plan.administrator[1:] else "differs"
        console.echo(
            f"{which} {verb} from this checkout, and AWS lets only an administrator change that: from the same commit, "
            f"`hannibal bootstrap --env {plan.environment}` first.",
            "yellow",
        )


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"


def _show_result(console: Console, result: "StartResult") -> None:
    changed = [stack for stack in result.stacks if stack.elapsed is not None]
    count = f"{len(changed)} stack{'' if len(changed) == 1 else 's'} changed"
    console.echo(f"Done: {count if changed else 'nothing had to change'}.", "green")
    if result.origin is not None:
        console.echo(f"Database: {result.origin.text}")
    show_addresses(console, result.addresses)
    console.echo("Next:", "bold")
    for output in result.outputs.get(EDGE_STACK, ()):
        if output.name == RECORD_OUTPUT:
            console.echo(f"  make the domain's DNS record, a CNAME or an alias: it has to lead to {output.value}")
    console.echo("  `hannibal status` shows its state")
    console.echo("  `hannibal outputs` prints names and addresses for the runbook")
    console.echo("  `hannibal stop` ends the month; the data is kept in a snapshot")
