"""Pictures as SVG that scale in width only, so that their words stay readable on a phone. No script."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise
from typing import Final

from ops.report.html.parts import Html

_HEIGHT: Final = 200
_TOP: Final = 22
_BOTTOM: Final = 176
_ROW: Final = 30
_EVERY: Final = 5  # days between two labels


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One day's bar.

    Attributes:
        value: its height.
        words: what it stands for, shown by a pointer that rests on it.
        kind: its colour.
    """

    value: float
    words: str
    kind: str = "bar"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something that happened, on a line of time.

    Attributes:
        row: which line it is on.
        begin: where in the month, from 0 to 1.
        end: likewise.
        words: what it is.
        kind: its colour.
    """

    row: str
    begin: float
    end: float
    words: str
    kind: str


def bars(
    days: Sequence[date],
    values: Mapping[date, Bar],
    *,
    label: str,
    unit: str,
    line: Mapping[date, float] | None = None,
    limit: float | None = None,
) -> Html:
    """A bar a day; a line and a limit have a scale of their own, at the right: sums would flatten what they sum up.

    Args:
        days: all days of the month.
        values: bars of those days that have one.
        label: what the picture shows, for those who cannot see it.
        unit: of the bars' numbers.
        line: such as the sum so far.
        limit: such as the budget.
    """
    highest = max((bar.value for bar in values.values()), default=0.0) or 1.0
    highest_of_line = max([*(line or {}).values(), limit or 0.0]) or 1.0
    width = 100 / len(days)

    def y(value: float, scale: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * max(value, 0) / scale

    def x(day: date) -> float:
        return width * days.index(day)

    parts = [
        f'<text x="0" y="12">{_short(highest)} {escape(unit)}</text>',
        f'<line class="axis" x1="0" x2="100%" y1="{_TOP}" y2="{_TOP}"/>',
    ]
    for day, bar in values.items():
        top = y(bar.value, highest)
        parts.append(
            f'<rect class="{bar.kind}" x="{x(day) + width * 0.12:.2f}%" y="{top:.1f}" width="{width * 0.76:.2f}%" '
            f'height="{_BOTTOM - top:.1f}" data-value="{bar.value!r}"><title>{escape(bar.words)}</title></rect>'
        )
    for (one, low), (other, high) in pairwise((line or {}).items()):
        parts.append(
            f'<line class="sum" x1="{x(one) + width / 2:.2f}%" y1="{y(low, highest_of_line):.1f}" '
            f'x2="{x(other) + width / 2:.2f}%" y2="{y(high, highest_of_line):.1f}"/>'
        )
    if limit is not None:
        height = y(limit, highest_of_line)
        parts.append(f'<line class="limit" x1="0" x2="100%" y1="{height:.1f}" y2="{height:.1f}"/>')
        parts.append(f'<text x="100%" y="{height - 6:.1f}" text-anchor="end">{_short(limit)}</text>')
    parts += _axis(days, _BOTTOM)
    return _svg(parts, _HEIGHT, label)


def _short(value: float) -> str:
    return f"{value:,.{2 if value < 10 else 0}f}"


def timeline(days: Sequence[date], rows: Sequence[str], marks: Sequence[Mark], *, label: str) -> Html:
    """Lines of the month, one below the other, each with its name above it and its marks on it."""
    bottom = 6 + (_ROW + 14) * len(rows)
    parts = []
    for number, row in enumerate(rows):
        top = 6 + (_ROW + 14) * number
        parts.append(f'<text x="0" y="{top + 11}">{escape(row)}</text>')
        parts.append(f'<line class="axis" x1="0" x2="100%" y1="{top + 27}" y2="{top + 27}"/>')
        for mark in (mark for mark in marks if mark.row == row):
            # What took minutes would be thinner than a hair on the scale of a month.
            width = max((mark.end - mark.begin) * 100, 0.7)
            parts.append(
                f'<rect class="{mark.kind}" x="{min(mark.begin * 100, 99.3):.2f}%" y="{top + 18}" '
                f'width="{width:.2f}%" height="18" rx="2"><title>{escape(mark.words)}</title></rect>'
            )
    parts += _axis(days, bottom)
    return _svg(parts, bottom + 24, label)


def shares(rows: Mapping[str, Sequence[tuple[str, float, str]]], *, label: str) -> Html:
    """A bar for each row, divided by the shares of its parts: their colours, sizes and words."""
    parts = []
    for number, (row, pieces) in enumerate(rows.items()):
        top = (_ROW + 18) * number
        parts.append(f'<text x="0" y="{top + 12}">{escape(row)}</text>')
        whole = sum(size for _, size, _ in pieces) or 1.0
        begin = 0.0
        for kind, size, words in (piece for piece in pieces if piece[1]):
            width = 100 * size / whole
            parts.append(
                f'<rect class="{kind}" x="{begin:.2f}%" y="{top + 18}" width="{width:.2f}%" height="20" '
                f'data-value="{size!r}"><title>{escape(f"{size:g} {words}")}</title></rect>'
            )
            begin += width
    return _svg(parts, (_ROW + 18) * len(rows), label)


def _axis(days: Sequence[date], y: float) -> Iterator[str]:
    yield f'<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
    for number, day in enumerate(days):
        if number % _EVERY == 0 and number < len(days) - 1:
            yield f'<text x="{100 * number / len(days):.2f}%" y="{y + 17}">{day.day}</text>'


def _svg(parts: Sequence[str], height: float, label: str) -> Html:
    content = "\n".join(parts)
    return Html(f'<svg role="img" aria-label="{escape(label)}" height="{height:g}">\n{content}\n</svg>')
