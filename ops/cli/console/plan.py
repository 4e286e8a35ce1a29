"""What commands show before they change anything: environment and account, and what will happen to each stack."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.screen import Console

if TYPE_CHECKING:
    from installation.lifecycles import Lifecycles
    from ops.account.caller import Caller
    from ops.stacks.addresses import Address
    from ops.stacks.planned_actions import PlannedAction


def show_caller(console: Console, caller: "Caller", environment: str) -> None:
    """Print environment, account, region and caller, at the beginning of every command that changes something."""
    system = f"embedded AWS at {caller.endpoint}" if caller.endpoint else "AWS"
    console.print(
        Text.assemble(
            ("environment ", "dim"),
            (environment, "bold"),
            ("  account ", "dim"),
            (caller.account, "bold"),
            ("  region ", "dim"),
            (caller.region, "bold"),
            f"  {system}",
        ),
        soft_wrap=True,
    )
    console.echo(f"as {caller.identity}", "dim")


def show_planned_actions(console: Console, planned: "tuple[PlannedAction, ...]", lifecycles: "Lifecycles") -> None:
    """Print what will happen to each stack."""
    table = screen.table("STACK", "LIFECYCLE", "STATE", "NEXT")
    for action in planned:
        state = Text(action.status or "-", style=screen.status_style(action.status or ""))
        table.add_row(action.stack, lifecycles.of(action.stack), state, action.step.value)
    console.print(table)
    for action in planned:
        if action.note:
            console.echo(f"{action.stack}: {action.note}", "dim")


def show_addresses(console: Console, addresses: "Sequence[Address]") -> None:
    """Print addresses for a browser, in two columns."""
    width = max((len(address.url) for address in addresses), default=0)
    for address in addresses:
        console.echo(f"  {address.url:<{width}}  {address.description}")
