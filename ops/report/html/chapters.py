"""The chapters about what happened in the month."""

from itertools import accumulate

from ops.cost.actual import Actual
from ops.cost.view import money
from ops.release.history import PastRelease
from ops.release.record import Record
from ops.report.alarms import Alarms
from ops.report.html.words import moment, plural, span
from ops.report.period import Period
from ops.report.releases import Releases
from ops.report.traffic import Traffic
from ops.web import charts
from ops.web.html import Part, element, figure, number, paragraph, table

_RELEASES = "releases"  # the first row of the month on one line
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
        rows.append(_RELEASES)
        marks += [_release(one, period) for one in releases.ordered]
        if not releases.deployments:
            marks += [_recorded(one, period) for one in releases.records]
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
    # A release and the one that takes it back are minutes apart, less than a mark is wide: what failed lies on top.
    marks.sort(key=lambda mark: mark.kind == "bad-bar")
    if not marks:
        return [paragraph("Nothing was released, and no alarm rang.")]
    picture = charts.timeline(period.days, rows, marks, label="Releases and alarms of the month")
    keys = [("good-bar", "succeeded"), ("bad-bar", "failed, or an alarm rang"), ("pale", "runs")]
    return [figure(picture, keys, name="month-figure")]


def _release(one: PastRelease, period: Period) -> charts.Mark:
    end = one.created + one.duration if one.duration is not None else period.end
    return charts.Mark(
        row=_RELEASES,
        begin=period.share(one.created),
        end=period.share(end),
        words=f"{moment(one.created)} {one.image.rpartition('/')[2]}: {one.result}",
        kind={"good": "good-bar", "bad": "bad-bar"}.get(_RESULTS.get(one.result, ""), "pale"),
    )


def _recorded(one: Record, period: Period) -> charts.Mark:
    """Only what has succeeded is recorded."""
    at = period.share(one.since)
    words = f"{moment(one.since)} {one.image.rpartition('/')[2]}: in the record"
    return charts.Mark(row=_RELEASES, begin=at, end=at, words=words, kind="good-bar")


def releases(found: Releases) -> list[Part]:
    """What was released, and how it went."""
    if not found.deployments and not found.records:
        return [paragraph("Nothing was released in this month.")]
    if not found.deployments:
        images = [(moment(one.since), element("code", one.image.rpartition("/")[2])) for one in found.records]
        why = "CodeDeploy forgets its deployments at the month's end; these are the images that the record was given."
        return [paragraph(why), table(("Since", "Image"), images)]
    median = found.typical
    typical = [] if median is None else [f" Half of those that succeeded took no longer than {span(median)}."]
    rows = [
        (
            moment(one.created),
            element("code", one.image.rpartition("/")[2] or "unknown"),
            one.mode,
            span(one.duration) if one.duration is not None else "runs",
            element("span", one.result, class_=_RESULTS.get(one.result, "muted")),
        )
        for one in found.deployments
    ]
    reasons = [
        paragraph(element("code", one.deployment_id), f": {one.reason}", class_="muted")
        for one in found.ordered
        if one.reason
    ]
    return [
        paragraph(
            number("releases-succeeded", found.succeeded, str(found.succeeded)),
            " succeeded, ",
            number("releases-failed", found.failed, str(found.failed)),
            " did not.",
            *typical,
        ),
        table(("Started", "Image", "Mode", "Took", "Result"), rows, numbers=(3,)),
        *reasons,
    ]


def alarms(found: Alarms, period: Period) -> list[Part]:
    """When alarms rang."""
    parts: list[Part] = [
        paragraph(
            number("alarms-ringing", len(found.ringing), str(len(found.ringing))),
            f" {plural('time', len(found.ringing))} an alarm rang. ",
            number("alarms-watching", len(found.watching), str(len(found.watching))),
            f" {plural('alarm', len(found.watching))} {'is' if len(found.watching) == 1 else 'are'} there now.",
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
    parts += [
        paragraph(f"{it.trouble[0].upper()}{it.trouble[1:]}.", class_="missing") for it in found.audiences if it.trouble
    ]
    if found.known_since:
        parts.append(
            paragraph(f"CloudWatch may have forgotten what was before {moment(found.known_since)}.", class_="muted")
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
    if found.budgets:
        parts.append(
            table(
                ("Objective", "Wanted", "Reached", "Budget left"),
                [
                    (
                        it.kind,
                        f"{it.objective_percent:g} %",
                        "-" if it.good_percent is None else f"{it.good_percent:.3f} %",
                        number(f"budget-{it.kind}", it.left_percent, f"{it.left_percent:.0f} %"),
                    )
                    for it in found.budgets
                ],
                numbers=(1, 2, 3),
            )
        )
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
            f"; over {p95_limit:g} s a release is taken back.",
        ),
        figure(picture, [("bar", "95 % of a day's answers came within")], name="latency-figure"),
    ]
