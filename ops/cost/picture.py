"""A month's bill as a picture: a bar a day, and how the sum stands to the budget. No script, light and dark."""

from collections.abc import Iterator
from html import escape
from itertools import accumulate
from typing import Final

from ops.cost.actual import Actual

_WIDTH: Final = 720
_HEIGHT: Final = 300
_LEFT: Final = 48
_TOP: Final = 40
_BOTTOM: Final = 262
_STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-size: 15px; font-weight: 600 }
.bar { fill: #4c78a8 } .open { fill: #4c78a8; opacity: .45 } .sum { fill: none; stroke: #e45756; stroke-width: 2 }
.budget { stroke: #888; stroke-dasharray: 4 4 } .axis { stroke: #bbb }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .bar, .open { fill: #7aa6d8 } .axis { stroke: #555 } }
"""


def svg(actual: Actual) -> str:
    """The picture as SVG text. Bars have the scale of the largest day, the line that of budget or sum."""
    title = f"{actual.month}: {actual.total:.2f} of {actual.budget:.0f} USD"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">',
        f"<title>{title}</title><style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="20">{title}</text>',
        *_days(actual),
        *_sum(actual),
        f'<line class="axis" x1="{_LEFT}" y1="{_BOTTOM}" x2="{_WIDTH - 10}" y2="{_BOTTOM}"/>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{_legend(actual)}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend(actual: Actual) -> str:
    scale = f"bars: each day, at most {_largest(actual):.2f} USD"
    return f"{scale}; line: the month so far; dashes: the budget; pale: AWS may still change it"


def bars(actual: Actual, width: int = 40) -> tuple[tuple[str, str, float], ...]:
    """The same for a terminal: day, bar and US dollars."""
    largest = _largest(actual)
    return tuple(
        (f"{day.day:%a %d}", "█" * round(width * max(day.total, 0) / largest), day.total) for day in actual.days
    )


def _largest(actual: Actual) -> float:
    return max((day.total for day in actual.days), default=0) or 1.0


def _days(actual: Actual) -> Iterator[str]:
    step = _step(actual)
    for index, day in enumerate(actual.days):
        height = (_BOTTOM - _TOP) * max(day.total, 0) / _largest(actual)
        x = _LEFT + index * step
        dearest = sorted(day.by_service.items(), key=lambda item: -item[1])[:5]
        words = escape(f"{day.day}: {day.total:.2f} USD\n" + "\n".join(f"{cost:.2f} {name}" for name, cost in dearest))
        kind = "bar" if day.final else "open"
        yield (
            f'<rect class="{kind}" x="{x + 1:.1f}" y="{_BOTTOM - height:.1f}" width="{step - 2:.1f}" '
            f'height="{height:.1f}"><title>{words}</title></rect>'
        )
        if index % 5 == 0:
            yield f'<text x="{x + 1:.1f}" y="{_BOTTOM + 16}">{day.day.day}</text>'


def _sum(actual: Actual) -> Iterator[str]:
    top = max(actual.total, actual.budget, 1)
    scale = (_BOTTOM - _TOP) / top
    step = _step(actual)
    sums = accumulate(day.total for day in actual.days)
    points = " ".join(
        f"{_LEFT + (index + 0.5) * step:.1f},{_BOTTOM - total * scale:.1f}" for index, total in enumerate(sums)
    )
    budget = _BOTTOM - actual.budget * scale
    yield f'<polyline class="sum" points="{points}"/>'
    yield f'<line class="budget" x1="{_LEFT}" y1="{budget:.1f}" x2="{_WIDTH - 10}" y2="{budget:.1f}"/>'
    yield f'<text x="4" y="{budget + 4:.1f}">{actual.budget:.0f}</text>'


def _step(actual: Actual) -> float:
    return (_WIDTH - 10 - _LEFT) / max(len(actual.days), 28)
