"""The chapters about the state at the end: exercises, permissions, snapshots, updates, drift."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from markupsafe import Markup

from ops.iam.review.groups import Group
from ops.month.snapshots import SnapshotDecision
from ops.report.exercises import PastExercise
from ops.report.html.words import moment, plural, span
from ops.report.permissions import RoleUse
from ops.report.updates import Update
from ops.stacks.drift import Drift
from ops.web import charts
from ops.web.html import Part, element, figure, number, paragraph, table

# What may stay, what nothing is known about, what could go.
_GROUPS = {
    Group.USED: "good-bar",
    Group.DEPENDENT: "bar",
    Group.UNOBSERVABLE: "pale",
    Group.DENIED_ONLY: "sum-bar",
    Group.UNUSED: "bad-bar",
}


def exercises(found: Sequence[PastExercise]) -> list[Part]:
    """Whether faults that were set off on purpose were noticed and got over."""
    if not found:
        why = "No exercise of this month has left its record here; one a month keeps alarms and people in practice: "
        return [paragraph(why, element("code", "hannibal exercise list"), ".")]
    met = sum(it.met for it in found)
    return [
        paragraph(
            number("exercises-met", met, str(met)),
            " of ",
            number("exercises-count", len(found), str(len(found))),
            f" {plural('exercise', len(found))} went as expected.",
        ),
        table(
            ("Held", "Exercise", "Detected", "Recovered", "Result"),
            [
                (
                    moment(it.began.astimezone(UTC)),
                    element("code", it.exercise),
                    f"{_after(it.detected_seconds)} by {it.detected_by}" if it.detected_by else "no alarm sounded",
                    _after(it.recovered_seconds),
                    element("span", "as expected", class_="good")
                    if it.met
                    else element("span", "; ".join(it.objections), class_="bad"),
                )
                for it in found
            ],
        ),
    ]


def _after(seconds: float | None) -> str:
    return "not in time" if seconds is None else f"after {span(timedelta(seconds=seconds))}"


def permissions(found: Sequence[RoleUse]) -> list[Part]:
    """What the roles are granted, by what the month's trail says about it."""
    rows = {use.role: [(_GROUPS[group], use.groups[group], group.value) for group in _GROUPS] for use in found}
    picture = charts.shares(rows, label="Granted actions by whether the month's trail shows their use")
    return [
        figure(picture, [(kind, group.value) for group, kind in _GROUPS.items()], name="permissions-figure"),
        table(
            ("Role", "Granted", *(group.value.capitalize() for group in _GROUPS), "Events"),
            [
                (
                    element("code", use.role),
                    number(f"granted-{use.role}", use.granted, str(use.granted)),
                    *(str(use.groups[group]) for group in _GROUPS),
                    f"{use.events:,}",
                )
                for use in found
            ],
            numbers=range(1, 8),
        ),
        paragraph(
            "Each action, and a policy without what could go: ",
            element("code", "hannibal iam review --role NAME --athena"),
            ". One month without calls is no reason to remove a permission.",
            class_="muted",
        ),
    ]


def snapshots(found: Sequence[SnapshotDecision]) -> list[Part]:
    """What keeps the data between two months."""
    if not found:
        return [paragraph("There is none yet: the first month's end makes the first.")]
    return [
        paragraph(
            number("snapshots-count", len(found), str(len(found))),
            f" {plural('snapshot', len(found))}, the newest first.",
        ),
        table(
            ("Snapshot", "Made", "GiB", "State", "Pruning"),
            [
                (
                    element("code", one.snapshot.name),
                    f"{one.snapshot.created:%d %b %Y}" if one.snapshot.created else "now",
                    str(one.snapshot.size_gib),
                    one.snapshot.status,
                    f"{'goes' if one.prune else 'stays'}: {one.why}",
                )
                for one in found
            ],
            numbers=(2,),
        ),
    ]


def updates(found: Sequence[Update]) -> list[Part]:
    """Dependency updates that wait."""
    count = paragraph(
        number("updates-count", len(found), str(len(found))),
        f" {plural('pull request', len(found))} of Dependabot open.",
    )
    if not found:
        return [count]
    links = [(f"{one.created:%d %b}", _link(one)) for one in found]
    return [count, table(("Since", "Update"), links)]


def _link(update: Update) -> Part:
    """A link where it leads to a web page; anything else would be an attack."""
    words = f"#{update.number} {update.title}"
    return element("a", words, href=update.url) if update.url.startswith("https://") else words


def drift(found: Drift) -> list[Part]:
    """What is deployed and not as its template says."""
    parts: list[Part] = [
        paragraph(
            number("drift-unexpected", len(found.unexpected), str(len(found.unexpected))),
            f" {plural('resource', len(found.unexpected))} changed by hand, in {len(found.stacks)} compared "
            f"{plural('stack', len(found.stacks))}. ",
            f"What releases changed is no drift: {len(found.resources) - len(found.unexpected)}.",
        )
    ]
    if found.unexpected:
        parts.append(
            table(
                ("Stack", "Resource", "Change"),
                [
                    (
                        one.stack,
                        element("code", one.logical_id) + Markup("<br>") + element("span", one.resource_type),
                        ", ".join(change.path for change in one.differences) or one.status.lower(),
                    )
                    for one in found.unexpected
                ],
            )
        )
    return parts
