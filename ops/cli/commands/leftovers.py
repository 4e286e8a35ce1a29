"""`hannibal leftovers`, and the table that the end of the month shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.cost.actual import RegionCost
    from ops.cost.prices import PriceBook
    from ops.month.leftovers import Leftover, Total


@in_session()
def leftovers(
    session: Session,
    all_regions: Annotated[
        bool, typer.Option("--all-regions", help="Also what other regions cost; Cost Explorer bills 0.01 USD a page.")
    ] = False,
) -> None:
    """Show every resource that costs money even if no month runs, with quantity and cost."""
    from datetime import UTC, datetime

    from ops.cost.actual import read_other_regions
    from ops.cost.prices import load_prices, price_file
    from ops.month.leftovers import read_leftovers

    aws, settings = session.aws, session.settings
    session.require_own()
    current = read_leftovers(aws)
    other_regions: tuple[RegionCost, ...] = ()
    if all_regions:
        screen.err().echo("Reading all regions from Cost Explorer; each page costs 0.01 USD.", "dim")
        other_regions = read_other_regions(aws.cost_explorer, settings.region, datetime.now(UTC).date())
    if session.json:
        screen.print_json({"leftovers": current, "other_regions": other_regions} if all_regions else current)
        return
    file = price_file(settings.region)
    show_leftovers(session.console, current, load_prices(file) if file.exists() else None)
    if all_regions:
        _show_regions(session.console, other_regions, settings)


def show_leftovers(console: Console, leftovers: "Sequence[Leftover]", prices: "PriceBook | None" = None) -> None:
    """Print one line per kind, with the names where there are few; with prices also the monthly cost."""
    from ops.month.leftovers import totals

    if not leftovers:
        console.echo("Nothing of this installation costs money any more.")
        return
    console.echo("Still costs money:", "bold")
    table = Table(box=None, pad_edge=False, show_header=False, expand=console.width < screen.WIDE)
    for justify in ("right", "left", "right", "right"):
        table.add_column(justify=justify, no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", style="dim", ratio=1)  # --json has all names
    sums = totals(leftovers)
    amounts = {total.kind: total.cost(prices) for total in sums} if prices else {}
    for total in sums:
        names = [item.name.rpartition(":")[2] for item in leftovers if item.kind == total.kind]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        amount = amounts.get(total.kind)
        dollars = "" if amount is None else f"{amount:.2f} USD"
        table.add_row(f"  {total.count}", total.kind, _quantity(total), dollars, shown)
    console.print(table)
    if amounts:
        total_usd = sum(usd or 0.0 for usd in amounts.values())
        console.echo(f"About {total_usd:.2f} USD a month before tax, if nothing changes.", "bold")
        if unpriced := [kind for kind, usd in amounts.items() if usd is None]:
            console.echo(
                f"Not in this sum: {', '.join(unpriced)}. `hannibal cost estimate` computes a month with them.", "dim"
            )


def _show_regions(console: Console, costs: "Sequence[RegionCost]", settings: "Settings") -> None:
    if not costs:
        console.echo(f"No region but {settings.region} cost a cent in the last 30 days.")
        return
    copy = settings.database.backup_copy
    own = "Cost Explorer's answers" + (f" and the copies of backups in {copy.region}" if copy else "")
    console.echo(f"In other regions, of the last 30 days; nothing of it is this installation's but {own}:", "bold")
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "left", "right"):
        table.add_column(justify=justify)
    for cost in costs:
        table.add_row(f"  {cost.region}", cost.service, f"{cost.usd:.2f} USD")
    console.print(table)


def _quantity(total: "Total") -> str:
    if total.unit == "piece":
        return ""
    bound = "" if total.exact else "up to " if total.unit == "GiB" else "at least "
    digits = 2 if total.quantity < 10 else 0
    return f"{bound}{total.quantity:,.{digits}f} {total.unit}"
