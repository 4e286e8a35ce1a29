"""The whole page."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ops.cost.view import money
from ops.report.html import chapters, month_end
from ops.report.html.words import plural
from ops.report.report import Chapter, Report
from ops.web import html
from ops.web.html import Part, element, paragraph, section, together

Content = TypeVar("Content")


def page(report: Report) -> str:
    """The report as one HTML document."""
    title = f"{report.project} {report.environment}, {report.period.first:%B %Y}"
    body = together([_head(report, title), _tiles(report), *_sections(report), _foot(report)])
    return html.page(title, body, style="report.css")


def _head(report: Report, title: str) -> Part:
    where = f"embedded AWS at {report.caller.endpoint}" if report.caller.endpoint else "AWS"
    so_far = " The month is not over." if report.period.now < report.period.end_of_month else ""
    about = f"Account {report.caller.account}, {report.caller.region}, {where}. Times are in UTC.{so_far}"
    return element("header", element("h1", title) + paragraph(about, class_="muted"))


def _tiles(report: Report) -> Part:
    tiles = (
        element("div", together([element("dt", name), element("dd", value), element("dd", note)]))
        for name, value, note in _headlines(report)
    )
    return element("dl", together(tiles), class_="tiles")


def _headlines(report: Report) -> Iterator[tuple[str, str, str]]:
    cost, traffic = report.cost.content, report.traffic.content
    if cost is not None:
        yield "Cost", f"{money(cost.total)} USD", f"budget {cost.budget:g}, estimate {money(cost.estimated)}"
    if traffic is not None and traffic.total.availability is not None:
        yield "Availability", f"{traffic.total.availability:.2f} %", f"{traffic.total.requests:,} requests"
    if traffic is not None and traffic.total.p95 is not None:
        yield "95 % within", f"{1000 * traffic.total.p95:.0f} ms", f"limit {1000 * report.p95_limit:.0f} ms"
    if report.releases.content is not None:
        found = report.releases.content
        if found.deployments or not found.records:
            yield "Releases", str(found.succeeded), f"{found.failed} did not succeed"
        else:
            yield "Releases", str(len(found.records)), "images in the record"
    if report.alarms.content is not None:
        names = {one.alarm for one in report.alarms.content.ringing}
        note = f"{len(names)} {plural('alarm', len(names))} rang" if names else "none rang"
        yield "Alarms", str(len(report.alarms.content.ringing)), note
    if report.drift.content is not None:
        count = len(report.drift.content.unexpected)
        yield "Drift", str(count), "changed by hand" if count else "as the templates say"


def _sections(report: Report) -> Iterator[Part]:
    period = report.period
    yield _section("cost", "Cost", report.cost, lambda content: chapters.cost(content, period))
    timeline = chapters.month(report.releases.content, report.alarms.content, period)
    yield section("month", "The month on one line", *timeline)
    yield _section("releases", "Releases", report.releases, chapters.releases)
    yield _section("alarms", "Alarms", report.alarms, lambda content: chapters.alarms(content, period))
    yield _section(
        "traffic",
        "Availability and response times",
        report.traffic,
        lambda content: chapters.traffic(content, period, report.p95_limit),
    )
    yield _section("exercises", "Exercises", report.exercises, month_end.exercises)
    yield _section("permissions", "Permissions", report.permissions, month_end.permissions)
    yield _section("snapshots", "Snapshots", report.snapshots, month_end.snapshots)
    yield _section("drift", "Drift", report.drift, month_end.drift)
    yield _section("updates", "Dependency updates", report.updates, month_end.updates)


def _section(name: str, heading: str, chapter: Chapter[Content], render: Callable[[Content], Sequence[Part]]) -> Part:
    if chapter.content is None:
        return section(name, heading, paragraph(chapter.missing, class_="missing"))
    return section(name, heading, *render(chapter.content))


def _foot(report: Report) -> Part:
    made = f"Made {report.period.now:%Y-%m-%d %H:%M} UTC by hannibal report --month {report.period.month}."
    return element("footer", paragraph(made))
