"""Fits lines of different weight into a limited text, and counts the omitted lines."""

from collections.abc import Sequence
from dataclasses import dataclass

# Room for "… and 1,234 more" below a section.
_MORE = 32


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a report."""

    weight: int  # sections of a smaller weight lose their lines first
    lines: Sequence[str]
    opening: str = ""  # text above its lines
    closing: str = ""  # text below its lines


def units(text: str) -> int:
    """Length of a text in UTF-16 units: the strictest meaning of a limit in "characters"."""
    return len(text.encode("utf-16-le")) // 2


def fit(sections: Sequence[Section], room: int) -> tuple[str, int]:
    """The lines that fit, and the number of omitted lines; sections of a higher weight get room first."""
    kept: dict[int, list[str]] = {}
    used = 0
    for number, section in sorted(enumerate(sections), key=lambda it: -it[1].weight):
        kept[number] = []
        for line in section.lines:
            cost = units(line) + 1
            if not kept[number]:
                cost += units(section.opening) + units(section.closing) + _MORE + 3
            if used + cost <= room:
                used += cost
                kept[number].append(line)
    parts = []
    left_out = 0
    for number, section in enumerate(sections):
        lost = len(section.lines) - len(kept[number])
        left_out += lost
        if kept[number]:
            more = [f"- … and {lost:,} more"] if lost else []
            parts += [section.opening, *kept[number], *more, *([section.closing] if section.closing else [])]
    return "\n".join(parts), left_out
