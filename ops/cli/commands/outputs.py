"""`hannibal outputs`."""

from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.plan import show_addresses
from ops.cli.session import Session, in_session


@in_session()
def outputs(session: Session) -> None:
    """Show the outputs of the stacks: the names and addresses that runbook commands need."""
    from ops.stacks.addresses import read_addresses
    from ops.stacks.state import read_stacks

    aws, settings = session.aws, session.settings
    session.require_own()
    stacks = read_stacks(aws)
    addresses = read_addresses(stacks, settings, aws.endpoint) if stacks else ()
    if session.json:
        screen.print_json({name: stack.outputs for name, stack in stacks.items()})
        return
    console = session.console
    if not stacks:
        console.echo("Nothing is deployed: `hannibal start`.")
        return
    for name, stack in stacks.items():
        console.echo(name, "bold")
        for output in stack.outputs:
            if output.description:  # those without one are the CDK's own, which other stacks read
                line = Text.assemble(
                    "  ", output.name, " = ", (output.value, "green"), (f"  {output.description}", "dim")
                )
                console.print(line, soft_wrap=True)
    if addresses:
        console.echo("Addresses", "bold")
        show_addresses(console, addresses)
