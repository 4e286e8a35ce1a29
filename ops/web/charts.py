"""Charts as SVG without scripts. Charts of pages scale in width only, so that their text stays readable on a phone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import Final

from markupsafe import Markup

from ops.web.html import render

_HEIGHT: Final = 200
_TOP: Final = 22
_BOTTOM: Final = 176
_ROW: Final = 30
_DAYS_BETWEEN_LABELS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Shape:
    """An element of a chart."""

    tag: str  # such as ``rect``
    attributes: Mapping[str, object]  # its attributes
    text: str = ""  # its content
    title: str = ""  # its tooltip


@dataclass(frozen=True, kw_only=True)
class Bar:
    """The bar of one day."""

    value: float  # its height
    tooltip: str  # what it shows
    kind: str = "bar"  # its colour


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An event on a timeline."""

    row: str  # its line
    begin: float  # its position in the month, from 0 to 1
    end: float  # the same
    tooltip: str  # what it is
    kind: str  # its colour


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a line that never falls."""

    position: int  # days from the left
    column: float  # height of the column there
    level: float  # height of the line from there on
    tooltip: str  # what the column shows


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """The scale of heights of bars, or of a line with its own scale."""

    highest: float
    top: float = _TOP
    bottom: float = _BOTTOM

    def y(self, value: float) -> float:
        """The position of a value, from the top."""
        return self.bottom - (self.bottom - self.top) * max(value, 0) / self.highest


def svg(
    shapes: Sequence[Shape],
    *,
    label: str,
    title: str = "",
    style: str = "",
    attributes: Mapping[str, object] | None = None,
) -> Markup:
    """A chart with a label for screen readers; one that is a file of its own has a title and a style sheet."""
    return render(
        "svg.html.j2",
        shapes=shapes,
        title=title,
        style=Markup(style),  # noqa: S704 - our own style
        attributes={"aria-label": label, **(attributes or {})},
    )


def bars(
    days: Sequence[date],
    values: Mapping[date, Bar],
    *,
    label: str,
    unit: str,
    line: Mapping[date, float] | None = None,
    limit: float | None = None,
) -> Markup:
    """One bar per day; a line and a limit have a scale of their own at the right, because sums would flatten the bars.

    With a limit, the bars' scale reaches at least its share of a day, so that a cheap day does not look expensive.
    """
    scale = _Scale(highest=max([*(bar.value for bar in values.values()), (limit or 0.0) / len(days)]) or 1.0)
    line_scale = _Scale(highest=max([*(line or {}).values(), limit or 0.0]) or 1.0)
    width = 100 / len(days)
    shapes = [_text(0, 12, f"{_short_number(scale.highest)} {unit}"), _horizontal("axis", _TOP)]
    for day, bar in values.items():
        top = scale.y(bar.value)
        box = (_percent(width * (days.index(day) + 0.12)), f"{top:.1f}", _percent(width * 0.76), f"{_BOTTOM - top:.1f}")
        shapes.append(_rect(bar.kind, box, bar.tooltip, {"data-value": repr(bar.value)}))
    for (one, low), (other, high) in pairwise((line or {}).items()):
        line_ends = {
            "x1": _percent(width * (days.index(one) + 0.5)),
            "y1": f"{line_scale.y(low):.1f}",
            "x2": _percent(width * (days.index(other) + 0.5)),
            "y2": f"{line_scale.y(high):.1f}",
        }
        shapes.append(Shape(tag="line", attributes={"class": "sum", **line_ends}))
    if limit is not None:
        height = line_scale.y(limit)
        shapes.append(_horizontal("limit", height))
        end = {"x": "100%", "y": f"{height - 6:.1f}", "text-anchor": "end"}
        shapes.append(Shape(tag="text", attributes=end, text=_short_number(limit)))
    return svg([*shapes, *_axis(days, _BOTTOM)], label=label, attributes={"height": _HEIGHT})


def timeline(days: Sequence[date], rows: Sequence[str], marks: Sequence[Mark], *, label: str) -> Markup:
    """Timelines of the month, one below the other, each with its name above it and its marks on it."""
    bottom = 6 + (_ROW + 14) * len(rows)
    shapes = []
    for index, row in enumerate(rows):
        top = 6 + (_ROW + 14) * index
        shapes += [_text(0, top + 11, row), _horizontal("axis", top + 27)]
        for mark in (mark for mark in marks if mark.row == row):
            # An event of minutes would be invisible on the scale of a month.
            width = max((mark.end - mark.begin) * 100, 0.7)
            box = (_percent(min(mark.begin * 100, 99.3)), top + 18, _percent(width), 18)
            shapes.append(_rect(mark.kind, box, mark.tooltip, {"rx": 2}))
    return svg([*shapes, *_axis(days, bottom)], label=label, attributes={"height": bottom + 24})


def shares(rows: Mapping[str, Sequence[tuple[str, float, str]]], *, label: str) -> Markup:
    """One bar per row, divided into parts by their shares: colour, size and label."""
    shapes = []
    for index, (row, pieces) in enumerate(rows.items()):
        top = (_ROW + 18) * index
        shapes.append(_text(0, top + 12, row))
        whole = sum(size for _, size, _ in pieces) or 1.0
        begins = accumulate((100 * size / whole for _, size, _ in pieces), initial=0.0)
        for begin, (kind, size, words) in zip(begins, pieces, strict=False):
            if size:
                box = (_percent(begin), top + 18, _percent(100 * size / whole), 20)
                shapes.append(_rect(kind, box, f"{size:g} {words}", {"data-value": repr(size)}))
    return svg(shapes, label=label, attributes={"height": (_ROW + 18) * len(rows)})


def rising(steps: Sequence[Step], length: int, *, top: float, limit: float | None, label: str) -> Markup:
    """A line of ``length`` days that rises in steps over columns, stretched to the width and height of its container.

    ``top`` is the value at the upper edge, ``limit`` that of a dashed line.
    """
    scale = _Scale(highest=top, top=0, bottom=100)
    shapes = []
    for step in steps:
        top_edge = scale.y(step.column)
        box = (f"{step.position + 0.1:.1f}", f"{top_edge:.2f}", "0.8", f"{100 - top_edge:.2f}")
        shapes.append(_rect("column", box, step.tooltip))
    if limit is not None:
        level = f"{scale.y(limit):.2f}"
        ends = {"x1": 0, "y1": level, "x2": length, "y2": level}
        shapes.append(Shape(tag="line", attributes={"class": "granted", **ends}))
    levels = {step.position: step.level for step in steps}
    points, reached = [], 0.0
    for position in range(length):
        reached = levels.get(position, reached)
        points += [f"{position},{scale.y(reached):.2f}", f"{position + 1},{scale.y(reached):.2f}"]
    shapes.append(Shape(tag="polyline", attributes={"class": "line", "points": " ".join(points)}))
    return svg(shapes, label=label, attributes={"viewBox": f"0 0 {length} 100", "preserveAspectRatio": "none"})


def _short_number(value: float) -> str:
    return f"{value:,.{2 if value < 10 and value % 1 else 0}f}"


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _rect(kind: str, box: Sequence[object], title: str, more: Mapping[str, object] | None = None) -> Shape:
    """A rectangle: its colour, place and size, tooltip, and other attributes."""
    placed = dict(zip(("x", "y", "width", "height"), box, strict=True))
    return Shape(tag="rect", attributes={"class": kind, **placed, **(more or {})}, title=title)


def _text(x: float, y: float, text: str) -> Shape:
    return Shape(tag="text", attributes={"x": x, "y": y}, text=text)


def _horizontal(kind: str, y: float) -> Shape:
    return Shape(tag="line", attributes={"class": kind, "x1": 0, "x2": "100%", "y1": f"{y:g}", "y2": f"{y:g}"})


def _axis(days: Sequence[date], y: float) -> Iterator[Shape]:
    yield _horizontal("axis", y)
    for index, day in enumerate(days):
        if index % _DAYS_BETWEEN_LABELS == 0 and index < len(days) - 1:
            yield Shape(tag="text", attributes={"x": _percent(100 * index / len(days)), "y": y + 17}, text=str(day.day))
