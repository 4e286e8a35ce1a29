"""`hannibal outputs`."""

from rich.table import Table
from rich.text import Text

from ops.cli import options, screen
from ops.cli.session import connected, settings_of


def outputs(env: options.Environment = "dev", json: options.Json = False) -> None:
    """Show what the stacks print: the names and addresses that runbook commands need."""
    from ops.stacks import read_stacks

    with connected(settings_of(env)) as aws:
        stacks = read_stacks(aws.cloudformation)
    if json:
        screen.print_json({name: stack.outputs for name, stack in stacks.items()})
        return
    console = screen.out()
    if not stacks:
        screen.line(console, "Nothing is deployed: `hannibal start`.")
        return
    for name, stack in stacks.items():
        screen.line(console, name, "bold")
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        table.add_column(overflow="fold", style="dim")
        for output in stack.outputs:
            table.add_row(f"  {output.name}", Text(output.value), Text(output.description))
        console.print(table)
