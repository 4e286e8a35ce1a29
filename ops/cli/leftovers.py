"""`hannibal leftovers`, and the table that the end of the month shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from ops.cli import options, screen
from ops.cli.session import connected, settings_of

if TYPE_CHECKING:
    from ops.leftovers import Leftover, Total


def leftovers(env: options.Environment = "dev", json: options.Json = False) -> None:
    """Show what bills by itself, with quantities: after the month has ended, all that is left of it."""
    from ops.leftovers import read_leftovers

    settings = settings_of(env)
    with connected(settings) as aws:
        found = read_leftovers(aws, settings.names)
    if json:
        screen.print_json(found)
    else:
        show_leftovers(screen.out(), found)


def show_leftovers(console: Console, leftovers: "Sequence[Leftover]") -> None:
    """One line a kind, and the names where there are few."""
    from ops.leftovers import totals

    if not leftovers:
        screen.line(console, "Nothing of this installation bills any more.")
        return
    screen.line(console, "Still billing:", "bold")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", style="dim")  # --json has all of them
    for total in totals(leftovers):
        names = [item.name.rpartition(":")[2] for item in leftovers if item.kind == total.kind]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        table.add_row(f"  {total.count}", total.kind, _quantity(total), shown)
    console.print(table)


def _quantity(total: "Total") -> str:
    if total.unit == "piece":
        return ""
    bound = "" if total.exact else "up to " if total.unit == "GiB" else "at least "
    digits = 2 if total.quantity < 10 else 0
    return f"{bound}{total.quantity:,.{digits}f} {total.unit}"
