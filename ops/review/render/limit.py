"""Fits lines of different weight into a limited text; what has to go is counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Room for "… and 1,234 more" below a section.
_MORE = 32


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a report."""

    opening: str  # what stands above its lines
    closing: str = ""  # what stands below them


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a section."""

    section: int  # number of the section
    text: str  # the line
    weight: int  # lines of a smaller weight go first when there is no room


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """The text, and how many lines it lacks."""

    text: str
    left_out: int


def units(text: str) -> int:
    """Length of a text in units of UTF-16: the careful reading of a limit in "characters"."""
    return len(text.encode("utf-16-le")) // 2


def fit(sections: Sequence[Section], lines: Iterable[Line], room: int) -> Fitted:
    """As many lines as the room allows, the heavy ones first, in the order of their sections.

    Args:
        sections: the parts, in order.
        lines: what stands in them.
        room: number of characters.
    """
    everything = list(lines)
    kept: dict[int, list[Line]] = {}
    lost: Counter[int] = Counter()
    used = 0
    for line in sorted(everything, key=lambda it: -it.weight):  # stable: the given order within a weight
        section = sections[line.section]
        cost = units(line.text) + 1
        if line.section not in kept:
            cost += units(section.opening) + units(section.closing) + _MORE + 3
        if used + cost > room:
            lost[line.section] += 1
            continue
        used += cost
        kept.setdefault(line.section, []).append(line)
    parts = []
    for number, section in enumerate(sections):
        if number not in kept:
            continue
        chosen = {id(line) for line in kept[number]}
        shown = [line.text for line in everything if id(line) in chosen]
        more = [f"- … and {lost[number]:,} more"] if lost[number] else []
        parts.append("\n".join([section.opening, *shown, *more, *([section.closing] if section.closing else [])]))
    return Fitted(text="\n".join(parts), left_out=lost.total())
