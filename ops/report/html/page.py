"""The whole page."""

from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import TypeVar

from ops.cost.view import money
from ops.report.html import chapters
from ops.report.html import month_end as standing
from ops.report.html.parts import Html, Part, element, html, paragraph, plural, section, together
from ops.report.report import Chapter, Report

Content = TypeVar("Content")


def page(report: Report) -> str:
    """The report as one HTML document."""
    period = report.period
    title = f"{report.project} {report.environment}, {period.first:%B %Y}"
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    body = together([_head(report, title), _tiles(report), *_sections(report), _foot(report)])
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{element('title', title)}\n<style>\n{style}</style>\n</head>\n<body>\n{html(body)}\n</body>\n</html>\n"
    )


def _head(report: Report, title: str) -> Html:
    where = f"embedded AWS at {report.caller.endpoint}" if report.caller.endpoint else "AWS"
    so_far = " The month is not over." if report.period.now < report.period.end_of_month else ""
    about = f"Account {report.caller.account}, {report.caller.region}, {where}. Times are in UTC.{so_far}"
    return Html(f"<header>{element('h1', title)}{paragraph(about, class_='quiet')}</header>")


def _tiles(report: Report) -> Html:
    tiles = "".join(
        html(element("div", together([element("dt", name), element("dd", value), element("dd", note)])))
        for name, value, note in _headlines(report)
    )
    return Html(f'<dl class="tiles">{tiles}</dl>')


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
        note = f"{len(names)} {plural('alarm', len(names))} rang" if names else "all quiet"
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
    yield _section("permissions", "Permissions", report.permissions, standing.permissions)
    yield _section("snapshots", "Snapshots", report.snapshots, standing.snapshots)
    yield _section("drift", "Drift", report.drift, standing.drift)
    yield _section("updates", "Dependency updates", report.updates, standing.updates)


def _section(name: str, heading: str, chapter: Chapter[Content], render: Callable[[Content], Sequence[Part]]) -> Html:
    if chapter.content is None:
        return section(name, heading, paragraph(chapter.missing, class_="missing"))
    return section(name, heading, *render(chapter.content))


def _foot(report: Report) -> Html:
    made = f"Made {report.period.now:%Y-%m-%d %H:%M} UTC by hannibal report --month {report.period.month}."
    return element("footer", paragraph(made))
