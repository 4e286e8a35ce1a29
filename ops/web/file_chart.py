"""A chart that is a file of its own: the bill by day, its sum and the budget."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from ops.web.charts import DAYS_BETWEEN_LABELS, Bar, Scale, Shape, highest_bar, svg


@dataclass(frozen=True, kw_only=True)
class FileChart:
    """Where things are on a chart that is a file of its own, in pixels."""

    width: int = 720
    height: int = 300
    left: int = 48  # and as much at the right
    top: float = 40
    bottom: float = 262
    style: str = field(
        default="""
text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-size: 15px; font-weight: 600 }
.bar { fill: #4c78a8 } .pale { fill: #4c78a8; opacity: .45 } .sum { fill: none; stroke: #e45756; stroke-width: 2 }
.limit { stroke: #888; stroke-dasharray: 4 4 } .axis { stroke: #bbb }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .bar, .pale { fill: #7aa6d8 } .axis { stroke: #555 } }
"""
    )

    def draw(self, days: Sequence[tuple[date, Bar]], *, title: str, legend: str, limit: float) -> str:
        """Bars by day, the line of their sum, and a limit that the sum is compared with.

        Bars have the scale at the left: of the largest, or of an even share of the limit, so that a cheap day does not
        look dear. The line has the one at the right, of limit or sum.

        Args:
            days: each with its bar.
            title: of the chart.
            legend: what bars and lines mean.
            limit: such as the budget.
        """
        right, step = self.width - self.left, (self.width - 2 * self.left) / max(len(days), 28)
        scale = Scale(
            highest=highest_bar((bar for _, bar in days), limit, max(len(days), 28)), top=self.top, bottom=self.bottom
        )
        sums = list(accumulate(bar.value for _, bar in days))
        line = Scale(highest=max([*sums, limit, 1.0]), top=self.top, bottom=self.bottom)
        points = " ".join(f"{self.left + (i + 0.5) * step:.1f},{line.y(total):.1f}" for i, total in enumerate(sums))
        level = f"{line.y(limit):.1f}"
        ends = {"x1": self.left, "x2": right}
        shapes = [
            Shape(tag="text", attributes={"class": "title", "x": self.left, "y": 20}, text=title),
            *(shape for index, (day, bar) in enumerate(days) for shape in self._day(index, step, scale, day, bar)),
            Shape(tag="polyline", attributes={"class": "sum", "points": points}),
            Shape(tag="line", attributes={"class": "limit", **ends, "y1": level, "y2": level}),
            Shape(tag="text", attributes={"x": right + 6, "y": f"{line.y(limit) + 4:.1f}"}, text=f"{limit:.0f}"),
            Shape(tag="text", attributes={"x": 6, "y": self.top + 4}, text=f"{scale.highest:.2f}"),
            Shape(tag="line", attributes={"class": "axis", **ends, "y1": scale.bottom, "y2": scale.bottom}),
            Shape(tag="text", attributes={"x": self.left, "y": self.height - 6}, text=legend),
        ]
        frame = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {self.width} {self.height}"}
        return str(svg(shapes, label=title, title=title, style=self.style, attributes=frame))

    def _day(self, index: int, step: float, scale: Scale, day: date, bar: Bar) -> Iterator[Shape]:
        x, y = f"{self.left + index * step + 1:.1f}", scale.y(bar.value)
        box = {"x": x, "y": f"{y:.1f}", "width": f"{step - 2:.1f}", "height": f"{scale.bottom - y:.1f}"}
        yield Shape(tag="rect", attributes={"class": bar.kind, **box}, title=bar.words)
        if index % DAYS_BETWEEN_LABELS == 0:
            yield Shape(tag="text", attributes={"x": x, "y": scale.bottom + 16}, text=str(day.day))
