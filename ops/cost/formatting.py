"""Formats an estimate for terminal and document: equal lines merged, figures as text."""

from collections.abc import Iterable
from dataclasses import dataclass

from ops.cost.estimation import Amounts, Estimate, Line


@dataclass(frozen=True, kw_only=True)
class Row:
    """Lines of one stack that differ in the resource only."""

    stack: str
    what: str
    resources: str
    quantity: str
    unit_price: str
    cost: Amounts
    source: str


def rows(estimate: Estimate) -> tuple[Row, ...]:
    """All lines, equal ones merged, in the order of the templates."""
    groups: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in estimate.lines:
        groups.setdefault((line.stack, line.resource_type, line.price_name, line.detail), []).append(line)
    return tuple(_row(group) for group in groups.values())


def money(value: float) -> str:
    """US dollars with cents; an amount below half a cent that is not zero is shown as such."""
    return "<0.01" if 0 < value < 0.005 else f"{value:,.2f}"


def plain(value: float, digits: int = 6) -> str:
    """A number without an exponent and without trailing zeros."""
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".")


def signed(value: float) -> str:
    """A difference in US dollars."""
    return f"{value:+,.2f}" if abs(value) >= 0.005 else "0.00"


def _row(group: list[Line]) -> Row:
    first_line = group[0]
    price = first_line.price
    quantity = sum((line.quantity for line in group), Amounts())
    amount = quantity.running or quantity.stopped  # the latter for costs of a stopped month only
    kind = first_line.resource_type.removeprefix("AWS::")
    return Row(
        stack=first_line.stack,
        what=f"{price.what} ({first_line.detail})" if first_line.detail else price.what,
        resources=f"{len(group)} {kind}" if len(group) > 1 else kind,
        quantity=f"{plain(amount, 3)} {price.unit}",
        unit_price=plain(price.price),
        cost=sum((line.cost for line in group), Amounts()),
        source=f"{price.source}, {price.as_of} ({price.certainty})",
    )


def by_stack(all_rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each stack."""
    found: dict[str, list[Row]] = {}
    for row in all_rows:
        found.setdefault(row.stack, []).append(row)
    return found
