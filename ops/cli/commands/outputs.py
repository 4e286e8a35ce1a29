"""`hannibal outputs`."""

from rich.text import Text

from ops.cli import options
from ops.cli.console import screen
from ops.cli.console.plan import show_addresses
from ops.cli.session import connected, settings_of


def outputs(env: options.Environment = "dev", json: options.Json = False) -> None:
    """Show the outputs of the stacks: the names and addresses that runbook commands need."""
    from ops.stacks.addresses import read_addresses
    from ops.stacks.state import read_stacks

    settings = settings_of(env)
    with connected(settings) as aws:
        stacks = read_stacks(aws)
        addresses = read_addresses(stacks, settings, aws.endpoint) if stacks else ()
    if json:
        screen.print_json({name: stack.outputs for name, stack in stacks.items()})
        return
    console = screen.out()
    if not stacks:
        screen.line(console, "Nothing is deployed: `hannibal start`.")
        return
    for name, stack in stacks.items():
        screen.line(console, name, "bold")
        for output in stack.outputs:
            if output.description:  # those without one are the CDK's own, for other stacks to read
                line = Text.assemble(
                    "  ", output.name, " = ", (output.value, "green"), (f"  {output.description}", "dim")
                )
                console.print(line, soft_wrap=True)
    if addresses:
        screen.line(console, "Addresses", "bold")
        show_addresses(console, addresses)
