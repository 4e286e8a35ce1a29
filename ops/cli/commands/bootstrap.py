"""`hannibal bootstrap`."""

from typing import TYPE_CHECKING

from ops.cli import options
from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, changing

if TYPE_CHECKING:
    from ops.account.bootstrap.plan import BootstrapPlan


@changing
def bootstrap(session: Session, assembly: options.Assembly = None) -> None:
    """Prepare an account: deploy permissions and audit trail, and create the resources that stay between months.

    Run it with an administrator's credentials, once, and again whenever IdentityStack or AuditStack has changed: the
    pipeline may not change its own permissions, nor the record of what it did. A second run changes nothing. After an
    interruption, run it again. Each change set is compared with this checkout's template before it is executed.

    Examples:
        hannibal bootstrap --dry-run: what would be done, in which order
        hannibal bootstrap: with an administrator's credentials; asks before it begins
    """
    from dataclasses import replace

    from ops.account.bootstrap.plan import plan_bootstrap
    from ops.account.bootstrap.run import bootstrap as carry_out
    from ops.account.github_subject import SubjectCheck, check_subject
    from ops.stacks.checkout import this_checkout

    checkout = this_checkout()
    checkout.require_tools()
    aws, settings = session.aws, session.settings
    # No workflow runs against the embedded AWS.
    subject = SubjectCheck() if aws.endpoint else check_subject(settings)
    plan = plan_bootstrap(aws, checkout, assembly, subject)
    _show_plan(session.console, plan)
    if session.json:
        screen.print_json(replace(plan, desired=()))
    question = f"Bootstrap account {plan.caller.account} for {session.environment}?"
    confirmed = session.confirmed(refusals=plan.refusals, question=question, changes=bool(plan.steps))
    if not confirmed or not plan.steps:
        return
    with session.watched(f"hannibal bootstrap --env {session.environment}") as watching:
        carry_out(aws, plan, watching)
    session.echo("Done: the account matches these templates.", "green")
    session.echo("Next: `hannibal start`.")


def _show_plan(console: Console, plan: "BootstrapPlan") -> None:
    from ops.cli.console.plan import show_caller

    show_caller(console, plan.caller, plan.environment)
    if not plan.steps and not plan.refusals:
        console.echo("Nothing to do: the account matches these templates.", "green")
    for note in plan.notes:
        console.echo(f"Not checked whether GitHub's tokens will be trusted: {note}", "yellow")
    for number, step in enumerate(plan.steps, 1):
        console.echo(f"{number}. {step.text}")
