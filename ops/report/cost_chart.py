"""A chart of a month's bill by day with its budget, for pages and as a file."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from markupsafe import Markup

from ops.cost.actual import Actual, Day
from ops.cost.formatting import money
from ops.web import charts

_WIDTH: Final = 720
_HEIGHT: Final = 290
_LEGEND: Final = "bars, left: each day; line, right: month so far; dashes: budget; pale: AWS may still change it"
_STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-size: 15px; font-weight: 600 }
.bar { fill: #4c78a8 } .pale { fill: #4c78a8; opacity: .45 } .sum { stroke: #e45756; stroke-width: 2 }
.limit { stroke: #888; stroke-dasharray: 4 4 } .axis { stroke: #bbb }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .bar, .pale { fill: #7aa6d8 } .axis { stroke: #555 } }
"""


def by_day(actual: Actual, days: Sequence[date]) -> Markup:
    """One bar per day, and the sum so far beside the budget."""
    sums = dict(zip((day.day for day in actual.days), accumulate(day.total for day in actual.days), strict=True))
    bars = {day.day: _bar(day, sums[day.day]) for day in actual.days}
    label = "Cost by day, and the sum so far"
    return charts.bars(days, bars, label=label, unit="USD a day", line=sums, limit=actual.budget)


def _bar(day: Day, so_far: float) -> charts.Bar:
    dearest = sorted(day.by_service.items(), key=lambda item: -item[1])[:5]
    lines = (
        f"{day.day:%d %b}: {money(day.total)} USD, {money(so_far)} so far",
        *(f"{cost:.2f} {name}" for name, cost in dearest),
    )
    return charts.Bar(value=day.total, tooltip="\n".join(lines), kind="bar" if day.final else "pale")


def svg(actual: Actual) -> str:
    """The chart as the text of an SVG file."""
    first = date.fromisoformat(f"{actual.month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    days = [first + timedelta(days=number) for number in range((after - first).days)]
    title = f"{actual.month}: {actual.total:.2f} of {actual.budget:.0f} USD"
    place = {"x": 12, "y": 44, "width": _WIDTH - 24, "height": _HEIGHT - 80, "overflow": "visible"}
    shapes = [
        charts.Shape(tag="text", attributes={"class": "title", "x": 12, "y": 24}, text=title),
        charts.Shape(tag="svg", attributes=place, text=by_day(actual, days)),
        charts.Shape(tag="text", attributes={"x": 12, "y": _HEIGHT - 10}, text=_LEGEND),
    ]
    frame = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {_WIDTH} {_HEIGHT}"}
    return str(charts.svg(shapes, label=title, title=title, style=_STYLE, attributes=frame))
