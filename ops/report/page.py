"""The report as one HTML document. Its text is in its template; its charts are drawn here."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from markupsafe import Markup

from ops.cost.formatting import money
from ops.iam.review.groups import Group
from ops.release.history import PastRelease, Record
from ops.report.cost_chart import by_day
from ops.report.parts import AlarmEpisode, RoleUse
from ops.report.period import Period
from ops.report.report import Report
from ops.report.traffic import Traffic
from ops.web import charts, html

_RELEASES: Final = "releases"  # the first row of the month's timeline
_RESULTS: Final = {"Succeeded": "good", "Failed": "bad", "RolledBack": "bad", "Stopped": "bad"}
# Permissions that are used, unknown, or unused.
_COLOURS: Final = {
    Group.USED: "good-bar",
    Group.DEPENDENT: "bar",
    Group.UNOBSERVABLE: "pale",
    Group.DENIED_ONLY: "bad-bar",
    Group.UNUSED: "sum-bar",
}


def page(report: Report) -> str:
    """The whole document."""
    title = f"{report.project} {report.environment}, {report.period.first:%B %Y}"
    body = html.render(
        "report.html.j2",
        report=report,
        period=report.period,
        title=title,
        tiles=tuple(_tiles(report)),
        charts=_charts(report),
        colours=tuple(_COLOURS.items()),
        results=_RESULTS,
        moment=_moment,
        money=money,
        plural=_plural,
        sounded_for=_alarm_duration,
        span=_span,
    )
    return html.page(title, body, style="report.css")


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _moment(time: datetime) -> str:
    """A time of the month in UTC, without line breaks."""
    return f"{time.astimezone(UTC):%d\u00a0%b\u00a0%H:%M}"


def _span(length: timedelta | float) -> str:
    """A duration, given as such or in seconds."""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"


def _alarm_duration(one: AlarmEpisode, period: Period) -> str:
    if one.deleted:
        return "until it was deleted"
    return _span((one.until or period.now) - one.since) + ("" if one.until else ", still")


def _tiles(report: Report) -> Iterator[tuple[str, str, str]]:
    """The first figures of the page: name, value, note."""
    cost, traffic, releases = report.cost.content, report.traffic.content, report.releases.content
    if cost is not None:
        yield "Cost", f"{money(cost.total)} USD", f"budget {cost.budget:,.0f}, estimate {money(cost.estimated)}"
    if traffic is not None and traffic.availability is not None:
        yield "Availability", f"{traffic.availability:.2f} %", f"{traffic.total.requests:,} requests"
    if traffic is not None and traffic.total.p95 is not None:
        yield "95 % within", f"{1000 * traffic.total.p95:.0f} ms", f"limit {1000 * report.p95_limit:.0f} ms"
    if releases is not None and not releases.deployments and releases.records:
        yield "Releases", str(len(releases.records)), "images in the record"
    elif releases is not None:
        yield "Releases", str(releases.succeeded), f"{releases.failed} did not succeed"
    if report.alarms.content is not None:
        names = {one.alarm for one in report.alarms.content.ringing}
        note = f"{len(names)} {_plural('alarm', len(names))} in ALARM" if names else "none in ALARM"
        yield "Alarms", str(len(report.alarms.content.ringing)), note
    if report.drift.content is not None:
        count = len(report.drift.content.unexpected)
        yield "Drift", str(count), "changed by hand" if count else "as the templates say"


def _charts(report: Report) -> dict[str, Markup | None]:
    """The charts that have data."""
    period, cost = report.period, report.cost.content
    traffic, roles = report.traffic.content, report.permissions.content
    timed = traffic and None not in (traffic.total.median, traffic.total.p95)
    return {
        "cost": by_day(cost, period.days) if cost and any(day.total for day in cost.days) else None,
        "month": _month(report),
        "requests": _requests(traffic, period) if traffic and traffic.total.requests else None,
        "latency": _latency(traffic, period, report.p95_limit) if traffic and timed else None,
        "permissions": _permissions(roles) if roles else None,
    }


def _month(report: Report) -> Markup | None:
    """Releases and alarms on one timeline."""
    releases, alarms, period = report.releases.content, report.alarms.content, report.period
    marks, rows = [], []
    if releases is not None:
        rows.append(_RELEASES)
        marks += [_release(one, period) for one in releases.started]
        if not releases.deployments:
            marks += [_release_mark(one, period) for one in releases.records]
    if alarms is not None:
        rows += sorted({one.alarm for one in alarms.ringing})
        marks += [
            charts.Mark(
                row=one.alarm,
                begin=period.share(one.since),
                end=period.share(one.since if one.deleted else one.until or period.now),
                tooltip=f"{_moment(one.since)}: {_alarm_duration(one, period)}",
                kind="bad-bar",
            )
            for one in alarms.ringing
        ]
    # A release and its rollback are minutes apart, less than the width of a mark: failures are drawn on top.
    marks.sort(key=lambda mark: mark.kind == "bad-bar")
    return charts.timeline(period.days, rows, marks, label="Releases and alarms of the month") if marks else None


def _release(release: PastRelease, period: Period) -> charts.Mark:
    end = release.created + release.duration if release.duration is not None else period.end
    return charts.Mark(
        row=_RELEASES,
        begin=period.share(release.created),
        end=period.share(end),
        tooltip=f"{_moment(release.created)} {release.image.rpartition('/')[2]}: {release.result}",
        kind={"good": "good-bar", "bad": "bad-bar"}.get(_RESULTS.get(release.result, ""), "pale"),
    )


def _release_mark(one: Record, period: Period) -> charts.Mark:
    """The mark of a recorded release; only successful releases are recorded."""
    at = period.share(one.since)
    words = f"{_moment(one.since)} {one.image.rpartition('/')[2]}: in the record"
    return charts.Mark(row=_RELEASES, begin=at, end=at, tooltip=words, kind="good-bar")


def _requests(found: Traffic, period: Period) -> Markup:
    bars = {
        day: charts.Bar(value=one.requests, tooltip=f"{day:%d %b}: {one.requests:,} requests, {one.errors:,} errors")
        for day, one in found.days.items()
    }
    return charts.bars(period.days, bars, label="Requests by day", unit="requests")


def _latency(traffic: Traffic, period: Period, limit: float) -> Markup:
    bars = {
        day: charts.Bar(
            value=1000 * one.p95,
            tooltip=f"{day:%d %b}: 95 % within {1000 * one.p95:.0f} ms",
            kind="bar" if one.p95 <= limit else "bad-bar",
        )
        for day, one in traffic.days.items()
        if one.p95 is not None
    }
    return charts.bars(period.days, bars, label="95th percentile of response time by day", unit="ms")


def _permissions(found: tuple[RoleUse, ...]) -> Markup:
    """The roles' granted actions, by their use in the month's trail."""
    rows = {use.role: [(kind, use.groups[group], group.value) for group, kind in _COLOURS.items()] for use in found}
    return charts.shares(rows, label="Granted actions by whether the month's trail shows their use")
