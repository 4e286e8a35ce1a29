"""Draws SVG: boxes, arrows and text. It needs no script and no font, and supports light and dark mode."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Final

# Colours by meaning. GitHub shows a picture in the colour scheme of the operating system, whatever its page uses, so
# every picture contains its background.
STYLE: Final = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
LINE_HEIGHT: Final = 17  # from one line of running text to the next
# The mean width of a sans-serif letter at 13 px, rounded up, so that a line never leaves its box.
_LETTER_WIDTH: Final = 6.9
# A tip for each colour of lines: a marker does not inherit its line's colour.
_TIPS: Final = "".join(
    f'<marker id="{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    f'<path class="{kind}" d="M0 0 10 5 0 10z"/></marker>'
    for kind in ("tip", "warning")
)

Point = tuple[float, float]


def letters(width: float) -> int:
    """The number of letters of running text in a width."""
    return max(int(width / _LETTER_WIDTH), 8)


class Drawing:
    """A picture to which calls add elements, in pixels at full size; its description is for those who cannot see it."""

    def __init__(self, width: float, height: float, *, title: str, description: str) -> None:
        self.width = width
        self.height = height
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
            f"<style>\n{STYLE}</style>",
            f"<defs>{_TIPS}</defs>",
            f'<rect class="ground" width="{width:g}" height="{height:g}" rx="10"/>',
        ]

    def rectangle(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Add a box of a kind: ``band``, ``plain``, ``persistent``, ``ephemeral``, ``blue``, ``green``."""
        place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        self._parts.append(f'<rect class="{kind}" {place} rx="7" stroke-width="1.4"/>')

    def text(self, x: float, y: float, words: str, kind: str = "text", anchor: str = "start") -> None:
        """Add one line of text; its baseline is at ``y``."""
        self._parts.append(f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>')

    def paragraph(self, x: float, y: float, words: str, *, width: float) -> float:
        """Add text over as many lines as necessary; returns the baseline of the line after it."""
        for line in wrap(words, letters(width), break_on_hyphens=False):
            self.text(x, y, line)
            y += LINE_HEIGHT
        return y

    def card(self, x: float, y: float, width: float, height: float, kind: str, lines: Sequence[str]) -> None:
        """Add a box with a heading and lines below it."""
        self.rectangle(x, y, width, height, kind)
        heading, *rest = lines
        self.text(x + 12, y + 23, heading, "head")
        below = y + 43
        for line in rest:
            below = self.paragraph(x + 12, below, line, width=width - 20)

    def path(self, points: Sequence[Point], *, kind: str = "", tip: bool = True) -> None:
        """Add a line through points, with a tip at its end; kinds are ``dashed`` and ``warn``."""
        steps = " ".join(f"{x:g},{y:g}" for x, y in points)
        end = f' marker-end="url(#{"warning" if kind == "warn" else "tip"})"' if tip else ""
        self._parts.append(f'<polyline class="line {kind}" points="{steps}"{end}/>')

    def area(self, points: Sequence[Point], kind: str) -> None:
        """Add a filled shape."""
        steps = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._parts.append(f'<polygon class="{kind}" points="{steps}"/>')

    def svg(self) -> str:
        """The picture as the text of an SVG file."""
        return "\n".join([*self._parts, "</svg>"]) + "\n"
