"""`hannibal bootstrap`."""

from typing import TYPE_CHECKING

from rich.console import Console

from ops.cli import options
from ops.cli.console import screen
from ops.cli.session import connected, polling_for, settings_of

if TYPE_CHECKING:
    from ops.account.bootstrap import BootstrapPlan


def bootstrap(
    env: options.Environment = "dev",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Prepare an account: bootstrap the CDK, deploy IdentityStack, restrict CloudFormation to what the stacks need.

    Run it with an administrator's credentials, once, and again whenever IdentityStack has changed: CloudFormation may
    not change its own permissions. A second run changes nothing. After an interruption, run it again.
    """
    from ops.account.bootstrap import bootstrap as carry_out
    from ops.account.bootstrap import plan_bootstrap
    from ops.cli.console.stack_progress import reporter
    from ops.month.start import refuse
    from ops.stacks.checkout import here
    from ops.stacks.watch import interruptible

    settings = settings_of(env)
    project = here()
    project.require_tools()
    console = screen.err() if json else screen.out()
    with connected(settings) as aws:
        polling = polling_for(aws.endpoint)
        plan = plan_bootstrap(aws, settings, project, polling)
        _show_plan(console, plan)
        if json:
            screen.print_json(plan)
        refuse(plan.refusals)
        if dry_run:
            screen.line(console, "Dry run: nothing was changed.")
        elif plan.steps:
            screen.confirm(f"Bootstrap account {plan.caller.account} for {env}?", yes=yes)
            with interruptible(f"hannibal bootstrap --env {env}"), reporter(console) as report:
                carry_out(aws, settings, project, plan, view=report.view, tell=report.tell, polling=polling)
            screen.line(console, "Done: CloudFormation may do what the stacks need, and no more.", "green")
            screen.line(console, "Next: `hannibal start`.")


def _show_plan(console: Console, plan: "BootstrapPlan") -> None:
    from ops.cli.console.plan import show_caller

    show_caller(console, plan.caller, plan.environment)
    if plan.identity:
        screen.line(console, f"IdentityStack: {plan.identity}")
    if not plan.steps and not plan.refusals:
        screen.line(console, "Nothing to do: CloudFormation may do what the stacks need, and no more.", "green")
    for number, step in enumerate(plan.steps, 1):
        screen.line(console, f"{number}. {step.value}")
