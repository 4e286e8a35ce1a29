"""The chapters of the page, each from what was read for it."""

from collections.abc import Sequence
from itertools import accumulate

from ops.cost.actual import Actual
from ops.cost.view import money
from ops.drift import Drift
from ops.iam.review.groups import Group
from ops.report.alarms import Alarms
from ops.report.html import charts
from ops.report.html.parts import Html, Part, element, figure, moment, number, paragraph, plural, span, table
from ops.report.period import Period
from ops.report.permissions import RoleUse
from ops.report.releases import Releases
from ops.report.traffic import Traffic
from ops.report.updates import Update
from ops.snapshots import Verdict

# What may stay, what nothing is known about, what could go.
_GROUPS = {
    Group.USED: "good-bar",
    Group.DEPENDENT: "bar",
    Group.UNOBSERVABLE: "pale",
    Group.DENIED_ONLY: "sum-bar",
    Group.UNUSED: "bad-bar",
}
_RESULTS = {"Succeeded": "good", "Failed": "bad", "RolledBack": "bad", "Stopped": "bad"}


def cost(actual: Actual, period: Period) -> list[Part]:
    """The bill against budget and estimate."""
    totals = dict(zip((day.day for day in actual.days), accumulate(day.total for day in actual.days), strict=True))
    bars = {
        day.day: charts.Bar(
            value=day.total,
            words=f"{day.day:%d %b}: {money(day.total)} USD, {money(totals[day.day])} so far",
            kind="bar" if day.final else "pale",
        )
        for day in actual.days
    }
    picture = charts.bars(
        period.days, bars, label="Cost by day, and the sum so far", unit="USD a day", line=totals, limit=actual.budget
    )
    keys = [("bar", "a day"), ("pale", "may still change"), ("sum", "sum so far"), ("limit", "budget of the month")]
    services = [one for one in actual.services if one.actual or one.estimated]
    return [
        paragraph(
            number("cost-total", actual.total, f"{money(actual.total)} USD"),
            " so far, of a budget of ",
            number("cost-budget", actual.budget, f"{actual.budget:g} USD"),
            ". The estimate for a month with ",
            number("cost-days-up", actual.days_up, f"{actual.days_up} {plural('day', actual.days_up)} up"),
            " is ",
            number("cost-estimated", actual.estimated, f"{money(actual.estimated)} USD"),
            ".",
        ),
        *([figure(picture, keys, name="cost-figure")] if any(day.total for day in actual.days) else []),
        table(
            ("Service", "USD so far", "USD estimated"),
            [(one.service, money(one.actual), money(one.estimated)) for one in services],
            numbers=(1, 2),
        ),
    ]


def month(releases: Releases | None, alarms: Alarms | None, period: Period) -> list[Part]:
    """Releases and alarms on one line of time."""
    marks = []
    rows = []
    if releases is not None:
        rows.append("releases")
        for one in releases.ordered:
            end = one.created + one.duration if one.duration is not None else period.end
            kind = {"good": "good-bar", "bad": "bad-bar"}.get(_RESULTS.get(one.result, ""), "pale")
            words = f"{moment(one.created)} {one.image.rpartition('/')[2]}: {one.result}"
            marks.append(
                charts.Mark(
                    row="releases", begin=period.share(one.created), end=period.share(end), words=words, kind=kind
                )
            )
    if alarms is not None:
        rows += sorted({one.alarm for one in alarms.ringing})
        marks += [
            charts.Mark(
                row=one.alarm,
                begin=period.share(one.since),
                end=period.share(one.until or period.end),
                words=f"{moment(one.since)}: {span((one.until or period.end) - one.since)}",
                kind="bad-bar",
            )
            for one in alarms.ringing
        ]
    if not marks:
        return [paragraph("Nothing was released, and no alarm rang.")]
    picture = charts.timeline(period.days, rows, marks, label="Releases and alarms of the month")
    keys = [("good-bar", "succeeded"), ("bad-bar", "failed, or an alarm rang"), ("pale", "runs")]
    return [figure(picture, keys, name="month-figure")]


def releases(found: Releases) -> list[Part]:
    """What was released, and how it went."""
    if not found.deployments and not found.records:
        return [paragraph("Nothing was released in this month.")]
    typical = (
        [" Half of those that succeeded took no longer than ", span(found.typical), "."]
        if found.typical is not None
        else []
    )
    parts: list[Part] = [
        paragraph(
            number("releases-succeeded", found.succeeded, str(found.succeeded)),
            " succeeded, ",
            number("releases-failed", found.failed, str(found.failed)),
            " did not.",
            *typical,
        )
    ]
    if found.deployments:
        parts.append(
            table(
                ("Ordered", "Image", "Mode", "Took", "Result"),
                [
                    (
                        moment(one.created),
                        element("code", one.image.rpartition("/")[2] or "unknown"),
                        one.mode,
                        span(one.duration) if one.duration is not None else "runs",
                        element("span", one.result, class_=_RESULTS.get(one.result, "quiet")),
                    )
                    for one in found.deployments
                ],
                numbers=(3,),
            )
        )
        parts += [
            paragraph(element("code", one.deployment_id), f": {one.reason}", class_="quiet")
            for one in found.ordered
            if one.reason
        ]
    else:
        parts.append(paragraph("CodeDeploy forgets its deployments at the month's end; the record knows the images."))
        parts.append(
            table(
                ("Since", "Image"),
                [(moment(one.since), element("code", one.image.rpartition("/")[2])) for one in found.records],
            )
        )
    return parts


def alarms(found: Alarms, period: Period) -> list[Part]:
    """When alarms rang."""
    parts: list[Part] = [
        paragraph(
            number("alarms-ringing", len(found.ringing), str(len(found.ringing))),
            f" {plural('time', len(found.ringing))} an alarm rang; ",
            number("alarms-watching", len(found.watching), str(len(found.watching))),
            " watch now.",
        )
    ]
    if found.ringing:
        parts.append(
            table(
                ("From", "Alarm", "Rang for", "Why"),
                [
                    (
                        moment(one.since),
                        element("code", one.alarm),
                        span((one.until or period.end) - one.since) + ("" if one.until else ", still"),
                        one.reason,
                    )
                    for one in found.ringing
                ],
            )
        )
    if found.known_since:
        parts.append(
            paragraph(f"CloudWatch may have forgotten what was before {moment(found.known_since)}.", class_="quiet")
        )
    return parts


def traffic(found: Traffic, period: Period, p95_limit: float) -> list[Part]:
    """Availability and response times."""
    total = found.total
    if total.availability is None:
        return [paragraph("The load balancer answered nothing in this month.")]
    parts: list[Part] = [
        paragraph(
            number("traffic-requests", total.requests, f"{total.requests:,} requests"),
            ", ",
            number("traffic-errors", total.errors, f"{total.errors:,} errors"),
            ": ",
            number("traffic-availability", total.availability, f"{total.availability:.2f} %"),
            " were answered without a 5xx.",
        )
    ]
    requests = {
        day: charts.Bar(value=one.requests, words=f"{day:%d %b}: {one.requests:,} requests, {one.errors:,} errors")
        for day, one in found.days.items()
    }
    picture = charts.bars(period.days, requests, label="Requests by day", unit="requests")
    if total.requests:
        parts.append(figure(picture, [("bar", "requests a day")], name="requests-figure"))
    if total.median is not None and total.p95 is not None:
        parts += _latency(found, period, p95_limit, total.median, total.p95)
    return parts


def _latency(found: Traffic, period: Period, p95_limit: float, median: float, p95: float) -> list[Part]:
    slow = {
        day: charts.Bar(
            value=1000 * one.p95,
            words=f"{day:%d %b}: 95 % within {1000 * one.p95:.0f} ms",
            kind="bar" if one.p95 <= p95_limit else "bad-bar",
        )
        for day, one in found.days.items()
        if one.p95 is not None
    }
    picture = charts.bars(period.days, slow, label="95th percentile of response time by day", unit="ms")
    return [
        paragraph(
            "Half of all answers came within ",
            number("traffic-median", median, f"{1000 * median:.0f} ms"),
            ", 95 % within ",
            number("traffic-p95", p95, f"{1000 * p95:.0f} ms"),
            f"; a release ends at {p95_limit:g} s.",
        ),
        figure(picture, [("bar", "95 % of a day's answers came within")], name="latency-figure"),
    ]


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
            ". A quiet month alone takes nothing away.",
            class_="quiet",
        ),
    ]


def snapshots(found: Sequence[Verdict]) -> list[Part]:
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
    """A link where it leads to a web page; anything else would be somebody's trick."""
    words = f"#{update.number} {update.title}"
    return element("a", words, href=update.url) if update.url.startswith("https://") else words


def drift(found: Drift) -> list[Part]:
    """What is deployed and not as its template says."""
    parts: list[Part] = [
        paragraph(
            number("drift-unexpected", len(found.unexpected), str(len(found.unexpected))),
            f" of the resources in {len(found.stacks)} stacks were changed by hand. ",
            f"Releases moved {len(found.resources) - len(found.unexpected)} more, as they should.",
        )
    ]
    if found.unexpected:
        parts.append(
            table(
                ("Stack", "Resource", "Change"),
                [
                    (
                        one.stack,
                        Html(f"{element('code', one.logical_id)}<br>{element('span', one.resource_type)}"),
                        ", ".join(change.path for change in one.differences) or one.status.lower(),
                    )
                    for one in found.unexpected
                ],
            )
        )
    return parts
