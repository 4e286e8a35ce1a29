"""`hannibal start`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.cli import options
from ops.cli.commands import preflight
from ops.cli.console import screen
from ops.cli.session import connected, pace_for, settings_of

if TYPE_CHECKING:
    from ops.account.caller import Caller
    from ops.month.start import StartPlan, StartResult
    from ops.stacks.addresses import Address
    from ops.stacks.planned_actions import Outlook


def start(
    env: options.Environment = "dev",
    assembly: options.Assembly = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Start the month: check everything, deploy all stacks, restore the database from its newest snapshot.

    Runs `npx cdk deploy --all` and shows what CloudFormation does, one line a stack. A second run changes nothing.
    After Ctrl-C, or a failure whose cause was mended, run it again: it goes on from there. With --assembly it deploys
    templates that were synthesized and reviewed before, and synthesizes nothing.
    """
    from ops.cli.console.stack_progress import reporter
    from ops.month.start import plan_start, refuse
    from ops.month.start import start as carry_out
    from ops.stacks.checkout import here
    from ops.stacks.watch import interruptible

    settings = settings_of(env)
    project = here()
    project.require_tools()
    console = screen.err() if json else screen.out()
    with connected(settings) as aws:
        plan = plan_start(aws, settings, project, assembly)
        _show_plan(console, plan)
        if dry_run and json:
            screen.print_json(plan)
        refuse(plan.refusals)
        screen.line(console, "Comparing what is about to be deployed with what runs …", "dim")
        with preflight.compared(aws, settings, project, assembly) as (found, compared):
            preflight.show(console, found)
            refuse(found.refusals)
            if dry_run:
                screen.line(console, "Dry run: nothing was changed.")
                return
            question = f"Deploy {env} to account {plan.caller.account}? The running month bills from now on."
            screen.confirm(question, yes=yes)
            with interruptible(f"hannibal start --env {env}"), reporter(console) as report:
                pace = pace_for(plan.caller.endpoint)
                result = carry_out(
                    aws, settings, project, plan, assembly=compared, view=report.view, tell=report.tell, pace=pace
                )
    if json:
        screen.print_json(result)
    else:
        _show_result(console, result, env)


def show_caller(console: Console, caller: "Caller", environment: str) -> None:
    """Where everything that follows happens; the first line of whatever changes something."""
    where = f"embedded AWS at {caller.endpoint}" if caller.endpoint else "AWS"
    console.print(
        Text.assemble(
            ("environment ", "dim"),
            (environment, "bold"),
            ("  account ", "dim"),
            (caller.account, "bold"),
            ("  region ", "dim"),
            (caller.region, "bold"),
            f"  {where}",
        ),
        soft_wrap=True,
    )
    screen.line(console, f"as {caller.identity}", "dim")


def show_outlooks(console: Console, outlooks: "tuple[Outlook, ...]") -> None:
    """What will happen to each stack."""
    from ops.stacks.state import lifecycle_of

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("STACK", "LIFECYCLE", "STATE", "NEXT"):
        table.add_column(heading, no_wrap=True)
    for outlook in outlooks:
        state = Text(outlook.status or "-", style=screen.status_style(outlook.status or ""))
        table.add_row(outlook.stack, lifecycle_of(outlook.stack), state, outlook.step.value)
    console.print(table)
    for outlook in outlooks:
        if outlook.note:
            screen.line(console, f"{outlook.stack}: {outlook.note}", "dim")


def show_addresses(console: Console, addresses: "Sequence[Address]") -> None:
    """What a browser opens, in two columns."""
    width = max((len(address.url) for address in addresses), default=0)
    for address in addresses:
        screen.line(console, f"  {address.url:<{width}}  {address.description}")


def _show_plan(console: Console, plan: "StartPlan") -> None:
    show_caller(console, plan.caller, plan.environment)
    show_outlooks(console, plan.stacks)
    screen.line(console, f"Database: {plan.database}")
    if plan.bootstrap and plan.caller.endpoint:
        screen.line(console, "The embedded AWS is bootstrapped for the CDK first.")


def _show_result(console: Console, result: "StartResult", environment: str) -> None:
    changed = [stack for stack in result.stacks if stack.elapsed is not None]
    screen.line(
        console, f"Done: {len(changed)} stacks changed." if changed else "Done: nothing had to change.", "green"
    )
    if result.origin is not None:
        screen.line(console, f"Database: {result.origin.text}")
    show_addresses(console, result.addresses)
    option = "" if environment == "dev" else f" --env {environment}"
    screen.line(console, "Next:", "bold")
    screen.line(console, f"  hannibal status{option:<14}  how it is doing")
    screen.line(console, f"  hannibal outputs{option:<13}  names and addresses for the runbook")
    screen.line(console, f"  hannibal stop{option:<16}  end the month; the data is kept in a snapshot")
