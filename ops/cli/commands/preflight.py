"""`hannibal preflight`."""

from typing import TYPE_CHECKING

from ops.cli import options
from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session
from ops.errors import refuse

if TYPE_CHECKING:
    from ops.month.preflight import Preflight


@in_session()
def preflight(session: Session, assembly: options.Assembly = None) -> None:
    """Check whether the templates can be deployed into the running month without changing its traffic.

    Compares the live stack with the templates about to be deployed: service, listeners and target groups belong to
    CodeDeploy until the month ends. Each refusal says what to do instead. `hannibal start` runs this first.

    Examples:
        hannibal preflight: synthesizes, compares, and shows what prevents the deployment
        hannibal preflight --assembly cdk.out: with templates that exist already
    """
    from ops.month.preflight import preflighted
    from ops.stacks.checkout import this_checkout

    session.checked_caller()
    with preflighted(session.aws, this_checkout(), assembly) as (found, _):
        pass
    if session.json:
        screen.print_json(found)
    show(session.console, found)
    refuse(found.refusals)
    session.echo("Nothing prevents a deployment.", "green")


def show(console: Console, found: "Preflight") -> None:
    """Print the result without the refusals."""
    for note in found.notes:
        console.echo(f"Preflight: {note}")
