"""Pictures of the review, drawn with boxes and lines that stretch with the page, so that text keeps its size."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from html import escape
from typing import Final

from ops.iam.review.groups import Group
from ops.iam.review.review import Review

_MOST_SERVICES: Final = 20
_CLASSES: Final = {
    Group.USED: "used",
    Group.DEPENDENT: "dependent",
    Group.UNOBSERVABLE: "unobservable",
    Group.DENIED_ONLY: "denied",
    Group.UNUSED: "unused",
}
_HEADROOM: Final = 1.15
# Above this many times what was used, a line for what is granted would flatten everything else.
_FITS: Final = 4


def legend() -> str:
    """What the colours mean."""
    return (
        '<p class="legend">'
        + " ".join(f'<span><i class="{name}"></i>{group}</span>' for group, name in _CLASSES.items())
        + "</p>"
    )


def by_service(services: Mapping[str, Mapping[Group, int]]) -> str:
    """A bar for each service: what is granted, with what was used of it."""
    if not services:
        return "<p>Nothing is granted that is known.</p>"
    shown = dict(list(services.items())[:_MOST_SERVICES])
    largest = max(sum(groups.values()) for groups in shown.values())
    rows = "".join(_bar(name, groups, largest) for name, groups in shown.items())
    rest = len(services) - len(shown)
    more = f"<p>And {rest:,} services with fewer actions.</p>" if rest else ""
    return f'<div class="bars">{rows}</div>{more}'


def _bar(name: str, groups: Mapping[Group, int], largest: int) -> str:
    total = sum(groups.values())
    text = f"{groups[Group.USED]:,} of {total:,} used"
    parts = "".join(
        f'<i class="{kind}" style="width:{100 * groups[group] / largest:.2f}%"></i>'
        for group, kind in _CLASSES.items()
        if groups[group]
    )
    label = f"{name}: {text}; " + ", ".join(f"{groups[group]} {group}" for group in Group if groups[group])
    return (
        f'<div class="bar"><b>{escape(name)}</b><span class="track" role="img" aria-label="{escape(label)}">{parts}'
        f"</span><small>{text}</small></div>"
    )


def over_time(review: Review) -> str:
    """A column for each day, a line for what was used so far, and the height of what is granted."""
    if not review.days:
        return "<p>There are no authorised calls in the window.</p>"
    granted, used = len(review.members), review.days[-1].used_so_far
    busiest = max(day.used for day in review.days)
    most = max(used, busiest)
    fits = 0 < granted <= _FITS * most
    top = (granted if fits else most) * _HEADROOM
    days = review.window.days
    label = f"{used} of {granted} granted actions used, on {len(review.days)} of {days} days"
    parts = [
        f'<svg viewBox="0 0 {days} 100" preserveAspectRatio="none" role="img" aria-label="{label}">',
        *_columns(review, top),
        *([_level(days, 100 - 100 * granted / top)] if fits else []),
        f'<polyline class="line" points="{_line(review, top)}"/>',
        "</svg>",
    ]
    dashes = f"Dashes: granted, {granted:,}." if fits else f"Granted are {granted:,}, far above this picture."
    first, last = f"{review.window.first:%b %d}", f"{review.window.last:%b %d}"
    return (
        f'<figure class="time">{"".join(parts)}<p class="axis"><span>{first}</span><span>{last}</span></p>'
        f"<figcaption>Columns: permissions used on a day, at most {busiest:,}. Line: granted actions used so far, "
        f"{used:,} at the end. {dashes}</figcaption></figure>"
    )


def _columns(review: Review, top: float) -> Iterator[str]:
    for day in review.days:
        x, height = (day.day - review.window.first).days, 100 * day.used / top
        yield (
            f'<rect class="column" x="{x + 0.1:.1f}" y="{100 - height:.2f}" width="0.8" height="{height:.2f}">'
            f"<title>{day.day}: {day.used} permissions, {day.calls:,} calls</title></rect>"
        )


def _line(review: Review, top: float) -> str:
    used = {day.day: day.used_so_far for day in review.days}
    points, so_far = [], 0
    for number in range(review.window.days):
        so_far = used.get(review.window.first + timedelta(days=number), so_far)
        y = 100 - 100 * so_far / top
        points += [f"{number},{y:.2f}", f"{number + 1},{y:.2f}"]
    return " ".join(points)


def _level(days: int, y: float) -> str:
    return f'<line class="granted" x1="0" y1="{y:.2f}" x2="{days}" y2="{y:.2f}"/>'
