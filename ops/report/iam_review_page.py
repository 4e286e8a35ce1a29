"""The permission review as one page without scripts, fonts or requests, for light, dark, phone and paper."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from ops.iam.review.groups import Group, Membership
from ops.iam.review.proposal import counted
from ops.iam.review.replay import Refused, Undecided
from ops.iam.review.review import Review
from ops.web import html
from ops.web.charts import Step, rising

# Nobody reads longer lists; the JSON has all entries.
_LONGEST_LIST: Final = 600
_MOST_SERVICES: Final = 20
_MOST_RESOURCES: Final = 20
_MEANINGS: Final = {
    Group.USED: "an authorized call has checked it",
    Group.DEPENDENT: "an authorized call may have checked it besides",
    Group.UNOBSERVABLE: "no record of this kind could show its use",
    Group.DENIED_ONLY: "it was called, and refused every time",
    Group.UNUSED: "its use would have been recorded, and was not",
}
_CLASSES: Final = {
    Group.USED: "used",
    Group.DEPENDENT: "dependent",
    Group.UNOBSERVABLE: "unobservable",
    Group.DENIED_ONLY: "denied",
    Group.UNUSED: "unused",
}
_HEADROOM: Final = 1.15
# Above this ratio of granted to used, a line for the granted actions would flatten everything else.
_FITS: Final = 4


def page(review: Review) -> str:
    """The whole page."""
    body = html.render(
        "iam_review.html.j2",
        review=review,
        meanings=_MEANINGS,
        classes=_CLASSES,
        used=Group.USED,
        longest=_LONGEST_LIST,
        figures=_figures(review),
        bars=tuple(_bars(review.services)),
        more=max(len(review.services) - _MOST_SERVICES, 0),
        timeline=_timeline(review) if review.days else None,
        undecided=_call_counts(review.proof.undecided),
        conditions=[f"{one.statement}: {one.text}" for one in review.conditions],
        refused=_call_counts(review.proof.refused),
        refused_today=_call_counts(review.proof.refused_today),
        members=tuple(_members(review)),
        used_on=review.used_on[:_LONGEST_LIST],
        most_resources=_MOST_RESOURCES,
        not_granted=[f"{action} ({counted(calls, 'call')})" for action, calls in review.not_granted.items()],
        coverage=_coverage(review),
        unmapped=[f"{one.source} {one.name}: {one.reason} ({one.count:,})" for one in review.unmapped],
        problems=[f"{one.file}: {one.reason}" for one in review.problems],
        proposed=json.dumps(review.proposed, indent=2),
    )
    return html.page(f"{review.role}: granted and used", body, style="review.css")


def _figures(review: Review) -> tuple[tuple[str, str], ...]:
    groups = review.groups
    could_go = groups[Group.UNUSED] + groups[Group.DENIED_ONLY]
    return (
        (f"{len(review.members):,}", "actions granted"),
        (f"{groups[Group.USED]:,}", "used for certain"),
        (f"{could_go:,}", f"could be removed, {100 * review.reduction:.1f}\u00a0%"),
        (f"{review.coverage.role_events:,}", "events of the role"),
    )


def _bars(services: Mapping[str, Mapping[Group, int]]) -> Iterator[dict[str, object]]:
    """One bar per service: granted actions, divided by use."""
    shown = dict(list(services.items())[:_MOST_SERVICES])
    largest = max((sum(groups.values()) for groups in shown.values()), default=1)
    for service, groups in shown.items():
        text = f"{groups[Group.USED]:,} of {sum(groups.values()):,} used"
        yield {
            "service": service,
            "text": text,
            "label": f"{service}: {text}; " + ", ".join(f"{groups[one]} {one}" for one in Group if groups[one]),
            "parts": [(kind, f"{100 * groups[it] / largest:.2f}") for it, kind in _CLASSES.items() if groups[it]],
        }


def _timeline(review: Review) -> dict[str, object]:
    """One column per day, a line of the actions used so far, and the number of granted actions."""
    granted, used_so_far = len(review.members), review.days[-1].used_so_far
    busiest = max(day.used for day in review.days)
    highest = max(used_so_far, busiest)
    granted_fits = 0 < granted <= _FITS * highest
    steps = [
        Step(
            position=(day.day - review.window.first).days,
            column=day.used,
            level=day.used_so_far,
            tooltip=f"{day.day}: {counted(day.used, 'permission')}, {counted(day.calls, 'call')}",
        )
        for day in review.days
    ]
    days = review.window.days
    chart = rising(
        steps,
        days,
        top=(granted if granted_fits else highest) * _HEADROOM,
        limit=granted if granted_fits else None,
        label=f"{used_so_far:,} of {counted(granted, 'granted action')} used, "
        f"on {len(review.days)} of {counted(days, 'day')}",
    )
    above = f"{granted:,} are granted, far above the top of this picture."
    dashes = f"Dashes: granted, {granted:,}." if granted_fits else above
    return {
        "chart": chart,
        "first": f"{review.window.first:%b %d}",
        "last": f"{review.window.last:%b %d}",
        "caption": f"Columns: permissions used on a day, at most {busiest:,}. Line: granted actions used so far, "
        f"{used_so_far:,} at the end. {dashes}",
    }


def _call_counts(found: Iterable[Refused | Undecided]) -> list[str]:
    return [f"{one.text} ({counted(one.calls, 'call')})" for one in found]


def _members(review: Review) -> Iterator[tuple[Group, tuple[Membership, ...]]]:
    members = sorted(review.members, key=lambda member: (list(Group).index(member.group), member.action))
    for group, found in groupby(members, key=lambda member: member.group):
        yield group, tuple(found)


def _coverage(review: Review) -> dict[str, str]:
    coverage = review.coverage
    covered_days = f"{coverage.first} to {coverage.last}" if coverage.first else "none"
    days = counted(coverage.days_with_events, "day")
    rows = {
        "Events of all callers": f"{coverage.events:,}, {covered_days}, on {days}",
        "Regions": ", ".join(coverage.regions) or "none",
        "Kinds of events": ", ".join(coverage.selectors) or "none",
        "Roles": ", ".join(review.role_arns) or "none in the records",
        "Policies": review.policies_from,
        "Catalogue": review.catalogue,
        "Events not mapped": f"{review.unmapped_events:,}",
    }
    return rows | {f"Events {name}": f"{number:,}" for name, number in review.errors.items()}
