"""`hannibal start`."""

from typing import TYPE_CHECKING

from rich.console import Console

from ops.cli import options
from ops.cli.commands import preflight
from ops.cli.console import screen
from ops.cli.console.agreement import agreed, watched
from ops.cli.console.plan import show_addresses, show_caller, show_planned_actions
from ops.cli.session import connected, polling_for, settings_of, wait_for_other_run
from ops.errors import refuse

if TYPE_CHECKING:
    from ops.month.start import StartPlan, StartResult


def start(
    env: options.Environment = "dev",
    assembly: options.Assembly = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Start the month: check everything, deploy all stacks, restore the database from its newest snapshot.

    Runs `npx cdk deploy --all` and shows what CloudFormation does, one line a stack. A second run changes nothing.
    After Ctrl-C, or a failure whose cause was removed, run it again: it goes on from there. With --assembly it deploys
    templates that were synthesized and reviewed before, and synthesizes nothing.
    """
    from ops.month.start import plan_start
    from ops.month.start import start as carry_out
    from ops.stacks.checkout import here

    settings = settings_of(env)
    project = here()
    project.require_tools()
    console = screen.err() if json else screen.out()
    with connected(settings) as aws:
        if not dry_run:
            wait_for_other_run(aws, project, console)
        plan = plan_start(aws, settings, project, assembly)
        _show_plan(console, plan)
        if dry_run and json:
            screen.print_json(plan)
        refuse(plan.refusals)
        screen.line(console, "Comparing what is about to be deployed with what runs …", "dim")
        with preflight.compared(aws, settings, project, assembly) as (found, compared):
            preflight.show(console, found)
            question = f"Deploy {env} to account {plan.caller.account}? The running month bills from now on."
            if not agreed(console, refusals=found.refusals, dry_run=dry_run, yes=yes, question=question):
                return
            with watched(console, f"hannibal start --env {env}") as report:
                polling = polling_for(plan.caller.endpoint)
                result = carry_out(
                    aws, settings, project, plan, assembly=compared, view=report.view, tell=report.tell, polling=polling
                )
    if json:
        screen.print_json(result)
    else:
        _show_result(console, result, env)


def _show_plan(console: Console, plan: "StartPlan") -> None:
    show_caller(console, plan.caller, plan.environment)
    show_planned_actions(console, plan.stacks)
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
