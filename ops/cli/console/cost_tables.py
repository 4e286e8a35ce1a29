"""Estimates, prices and bills as tables."""

from typing import TYPE_CHECKING, Final

from rich.padding import Padding
from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.screen import Console

if TYPE_CHECKING:
    from ops.cost import Estimate
    from ops.cost.actual import Actual
    from ops.cost.estimation import Amounts
    from ops.cost.refresh import Refresh
    from ops.cost.variants import Variant


_WIDE: Final = 76  # columns of a terminal that fit a name and six figures


def show_price_region(console: Console, estimate: "Estimate", region: str) -> None:
    """Print the prices' region, where it is not the installation's."""
    if region != estimate.region:
        console.echo(f"The prices are those of {estimate.region}; in {region} they differ.", "yellow")


def show_estimate(console: Console, estimate: "Estimate") -> None:
    """Print every line by stack, then what has no price, what is free, and the assumptions."""
    from ops.cost.estimation import DAYS_A_MONTH
    from ops.cost.formatting import by_stack, rows

    partial = estimate.days < DAYS_A_MONTH
    # On narrow terminals names are more important than quantities.
    wide = console.width >= _WIDE
    columns = (
        *(("QUANTITY", "PRICE") if wide else ()),
        "RUNNING",
        "STOPPED",
        *([f"{estimate.days:g} DAYS"] if partial else []),
        "",
    )
    table = screen.table("USD A MONTH", *columns, numbers=columns, folded=("USD A MONTH",))
    nothing = ("", "") if wide else ()
    notes: dict[str, int] = {}  # a source is long and many lines share it
    for stack, stack_rows in by_stack(rows(estimate)).items():
        table.add_row(Text(stack), *nothing, *_figures(estimate.by_stack[stack], partial=partial), "", style="bold")
        for row in stack_rows:
            note = Text(str(notes.setdefault(row.source, len(notes) + 1)), style="dim")
            figures = _figures(row.cost, partial=partial)
            bought = (row.quantity, row.unit_price) if wide else ()
            table.add_row(Padding(Text(row.what), (0, 0, 0, 2)), *bought, *figures, note)
    table.add_row("TOTAL", *nothing, *_figures(estimate.total, partial=partial), "", style="bold")
    console.print(table)
    console.echo("Sources of the prices:", "dim")
    for source, number in notes.items():
        console.echo(f"  {number:>2}  {source}", "dim")
    _show_unpriced(console, estimate)


def _figures(amounts: "Amounts", *, partial: bool) -> list[str]:
    from ops.cost.formatting import money

    shown = (amounts.running, amounts.stopped, *([amounts.month] if partial else []))
    return [money(value) for value in shown]


def _show_unpriced(console: Console, estimate: "Estimate") -> None:
    from ops.cost.formatting import plain

    for missing in estimate.not_priced:
        console.echo(
            f"not priced: {missing.stack}, {missing.resource_type} {missing.resource}: {missing.reason}", "yellow"
        )
    count = sum(free.count for free in estimate.free)
    console.echo(f"Free: {count} resources of {len(estimate.free)} types; --json and docs/cost.md say why.", "dim")
    console.echo(f"Not computed: {'; '.join(estimate.left_out)}.", "dim")
    assumed = ", ".join(f"{name} {plain(assumption.value)}" for name, assumption in estimate.assumptions.items())
    console.echo(f"Assumed (config/usage/{estimate.environment}.yaml says why): {assumed}.", "dim")


def show_variants(console: Console, variants: "tuple[Variant, ...]") -> None:
    """Print one line per variant, with its difference."""
    from ops.cost.formatting import money, signed

    figures_of = ("RUNNING", "DIFFERENCE", "STOPPED", "NOT PRICED")
    table = screen.table("VARIANT", *figures_of, numbers=figures_of)
    for one in variants:
        figures = (money(one.total.running), signed(one.difference.running), money(one.total.stopped))
        table.add_row(one.name, *figures, str(one.not_priced or ""))
    console.print(table)


def show_refresh(console: Console, refresh: "Refresh") -> None:
    """Print the changed prices, and those that the price list lacks."""
    for change in refresh.changes:
        console.echo(f"{change.name}: {change.before:g} -> {change.after:g} USD")
    console.echo(f"{len(refresh.changes)} changed, {len(refresh.confirmed)} as they were.", "green")
    for name in refresh.missing:
        console.echo(f"not in the price list any more, kept as it was: {name}", "yellow")
    console.echo(f"Maintained by hand: {', '.join(refresh.by_hand)}.", "dim")


def show_actual(console: Console, actual: "Actual") -> None:
    """Print the bill by service beside the estimate, then a bar per day."""
    from ops.cost.formatting import money, signed

    share = f"{actual.total / actual.budget:.0%}" if actual.budget else "-"
    console.echo(f"{actual.month}: {money(actual.total)} USD, {share} of the budget of {actual.budget:,.0f}", "bold")
    console.echo(
        f"Estimated for a whole month with {actual.days_up} of its days up: {money(actual.estimated)} USD", "dim"
    )
    figures = ("BILLED", "ESTIMATED", "DIFFERENCE")
    table = screen.table("SERVICE", *figures, numbers=figures)
    for one in actual.services:
        table.add_row(one.service, money(one.actual), money(one.estimated), signed(one.actual - one.estimated))
    console.print(table)
    for day, bar, total in bars(actual):
        console.echo(f"{day} {money(total):>8} {bar}")
    if not all(day.final for day in actual.days):
        console.echo("AWS may still change the last days.", "dim")


def bars(actual: "Actual", width: int = 40) -> tuple[tuple[str, str, float], ...]:
    """Day, bar and US dollars."""
    largest = max((day.total for day in actual.days), default=0) or 1.0
    return tuple(
        (f"{day.day:%a %d}", "█" * round(width * max(day.total, 0) / largest), day.total) for day in actual.days
    )
