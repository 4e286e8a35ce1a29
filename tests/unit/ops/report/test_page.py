"""The page says what was read, loads nothing, and lets nobody write HTML into it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ops.account.caller import Caller
from ops.cost.actual import Actual, Day, ServiceCost
from ops.iam.review.groups import Group
from ops.month.snapshots import Snapshot, SnapshotDecision
from ops.release.history import PastRelease, Record
from ops.report.page import page
from ops.report.parts import AlarmEpisode, Alarms, PastExercise, Releases, RoleUse, Update
from ops.report.period import period_of
from ops.report.report import Chapter, Report
from ops.report.traffic import Figures, Traffic
from ops.service.alarms import Alarm
from ops.stacks.drift import Difference, Drift, DriftedResource
from tests.support.report_page import read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'&"
UPDATE = {"number": 7, "title": HOSTILE, "html_url": "javascript:alert(1)", "created_at": NOW}


def past(result: str, hours_ago: float, minutes: float | None, **more: Any) -> PastRelease:
    defaults: dict[str, Any] = {
        "deployment_id": f"d-{result}",
        "image": "repository/api:1",
        "revision": "task:1",
        "like": "task:1",
        "replaced": "",
        "mode": "canary",
        "created": NOW - timedelta(hours=hours_ago),
        "duration": None if minutes is None else timedelta(minutes=minutes),
        "result": result,
        "who": "somebody",
        "reason": "",
        "rolls_back": "",
    }
    return PastRelease(**defaults | more)


def exercise(**changes: Any) -> PastExercise:
    defaults: dict[str, Any] = {
        "exercise": "task-dies",
        "environment": "dev",
        "account": "123456789012",
        "began": NOW - timedelta(days=3),
        "met": True,
        "detected_by": "nestjs-hannibal-3-no-healthy-target",
        "detected_seconds": 61.0,
        "recovered_seconds": None,
        "objections": (),
    }
    return PastExercise(**defaults | changes)


def drifted(reason: str) -> DriftedResource:
    return DriftedResource(
        stack="NetworkStack",
        logical_id=reason,
        physical_id="sg-1",
        resource_type="AWS::EC2::SecurityGroup",
        status="MODIFIED",
        differences=(Difference(path="/Tags", expected="a", actual="b"),),
        by_release=False,
    )


@pytest.fixture
def report() -> Report:
    """A month in which everything happened, told by people who try to write HTML."""
    days = tuple(
        Day(day=date(2026, 11, number), by_service={HOSTILE: 1.5, "AmazonCloudWatch": 0.25}, final=number < 23)
        for number in range(1, 25)
    )
    cost = Actual(
        month="2026-11",
        days=days,
        total=42.0,
        days_up=24,
        budget=50,
        estimated=48.5,
        services=(ServiceCost(service=HOSTILE, actual=36.0, estimated=40.0),),
    )
    releases = Releases(
        deployments=(
            past("InProgress", 0.1, None),
            past("Succeeded", 30, 6, image=HOSTILE),
            past("Succeeded", 40, 8),
            past("RolledBack", 50, 2, reason=HOSTILE),
            past("Succeeded", 50, 0, rolls_back="d-RolledBack", deployment_id="d-back"),
        ),
        records=(Record(image="repository/api:1", version=2, since=NOW, who="x"),),
    )
    alarms = Alarms(
        ringing=(AlarmEpisode(alarm=HOSTILE, since=NOW - timedelta(hours=5), until=None, reason=HOSTILE),),
        watching=(Alarm(name="a", state="OK", since=None, reason=""),),
        known_since=NOW - timedelta(days=14),
    )
    figures = Figures(requests=1000, errors=5, median=0.02, p95=0.25)
    snapshot = Snapshot(
        name=HOSTILE,
        created=NOW,
        status="available",
        progress_percent=100,
        size_gib=20,
        engine_version="18.3",
        final=True,
    )
    use = RoleUse(role="HannibalCICDRole-Dev", groups=dict.fromkeys(Group, 2), events=1234)
    return Report(
        caller=Caller(account="123456789012", identity="x", region="ap-northeast-1", endpoint=None),
        project="nestjs-hannibal-3",
        environment="dev",
        period=period_of("2026-11", NOW),
        cost=Chapter(content=cost),
        releases=Chapter(content=releases),
        alarms=Chapter(content=alarms),
        traffic=Chapter(content=Traffic(load_balancers=("app/x/1",), days={date(2026, 11, 3): figures}, total=figures)),
        p95_limit=2.0,
        exercises=Chapter(content=(exercise(), exercise(met=False, objections=(HOSTILE,)))),
        permissions=Chapter(content=(use,)),
        snapshots=Chapter(content=(SnapshotDecision(snapshot=snapshot, prune=False, why="the newest"),)),
        updates=Chapter(content=(Update.model_validate(UPDATE),)),
        drift=Chapter(content=Drift(stacks=("NetworkStack",), resources=(drifted(HOSTILE),))),
    )


def test_every_chapter_has_its_numbers(report: Report) -> None:
    assert read(page(report)).numbers == {
        "cost-total": 42.0,
        "cost-budget": 50.0,
        "cost-days-up": 24.0,
        "cost-estimated": 48.5,
        "releases-succeeded": 2.0,
        "releases-failed": 1.0,
        "alarms-ringing": 1.0,
        "alarms-watching": 1.0,
        "traffic-requests": 1000.0,
        "traffic-errors": 5.0,
        "traffic-availability": 99.5,
        "traffic-median": 0.02,
        "traffic-p95": 0.25,
        "exercises-met": 1.0,
        "exercises-count": 2.0,
        "granted-HannibalCICDRole-Dev": 10.0,
        "snapshots-count": 1.0,
        "updates-count": 1.0,
        "drift-unexpected": 1.0,
    }


def test_pictures_show_the_same_values(report: Report) -> None:
    figures = read(page(report)).figures
    assert figures["cost-figure"] == [1.75] * 24
    assert figures["requests-figure"] == [1000]
    assert figures["latency-figure"] == [250]
    assert figures["permissions-figure"] == [2] * len(Group)
    # Three releases that people started, one that runs, one alarm; a rollback belongs to what it rolls back.
    assert len(figures["month-figure"]) == 5


def test_nothing_that_was_read_becomes_html(report: Report) -> None:
    text = page(report)
    assert "<script" not in text
    assert "javascript:" not in text
    assert text.count("&lt;script&gt;") >= 8
    assert HOSTILE in read(text).sections["drift"]


def test_durations_and_reasons_are_shown(report: Report) -> None:
    releases = read(page(report)).sections["releases"]
    assert "no longer than 7 min 00 s" in releases
    assert "runs" in releases
    assert "RolledBack" in releases


def test_an_alarm_that_was_deleted_has_ended(report: Report) -> None:
    assert "5 h 00 min, still" in read(page(report)).sections["alarms"]
    alarms = report.alarms.content
    assert alarms is not None
    gone = replace(alarms, ringing=(replace(alarms.ringing[0], deleted=True),))
    told = read(page(replace(report, alarms=Chapter(content=gone)))).sections["alarms"]
    assert "until it was deleted" in told
    assert "still" not in told


def test_a_chapter_that_could_not_be_read_says_why_and_takes_no_other_along(report: Report) -> None:
    broken: Chapter[Any] = Chapter(content=None, missing="these credentials may not do it")
    without = replace(report, cost=broken, traffic=broken, permissions=broken, updates=broken)
    assert without.missing == ("cost", "traffic", "permissions", "updates")
    found = read(page(without))
    for name in without.missing:
        assert "these credentials may not do it" in found.sections[name]
    assert "releases-succeeded" in found.numbers
    assert "cost-total" not in found.numbers


def test_an_empty_month_has_no_empty_picture(report: Report) -> None:
    nothing = Figures(requests=0, errors=0, median=None, p95=None)
    empty = replace(
        report,
        cost=Chapter(content=replace(report.cost.content, days=(), total=0, services=())),  # type: ignore[type-var]
        releases=Chapter(content=Releases(deployments=(), records=())),
        alarms=Chapter(content=Alarms(ringing=(), watching=(), known_since=None)),
        traffic=Chapter(content=Traffic(load_balancers=(), days={}, total=nothing)),
        snapshots=Chapter(content=()),
        updates=Chapter(content=()),
        permissions=Chapter(content=()),
        drift=Chapter(content=Drift(stacks=(), resources=())),
    )
    found = read(page(empty))
    assert found.figures == {}
    assert "Nothing was released" in found.sections["month"]
    assert "answered nothing" in found.sections["traffic"]


def test_prices_of_another_region_are_said(report: Report) -> None:
    assert report.cost.content
    cost = Chapter(content=replace(report.cost.content, priced_in=report.caller.region))
    assert "at the prices" not in page(replace(report, cost=cost))
    there = page(replace(report, cost=cost, caller=replace(report.caller, region="eu-west-1")))
    assert "48.50 USD</data> at the prices of ap-northeast-1." in there


def test_large_numbers_are_written_out(report: Report) -> None:
    """Not as 1e+06, which is nobody's budget."""
    cost = replace(report.cost.content, budget=1_000_000)  # type: ignore[type-var]
    text = page(replace(report, cost=Chapter(content=cost)))
    assert "of a budget of\n" in text
    assert "1,000,000 USD" in text
    assert "budget 1,000,000, estimate" in text
    assert "1e+06" not in text


def test_the_record_tells_of_releases_that_codedeploy_has_forgotten(report: Report) -> None:
    record = Record(image="repository/api:7", version=2, since=NOW, who="x")
    after = replace(report, releases=Chapter(content=Releases(deployments=(), records=(record,))))
    found = read(page(after))
    assert "api:7" in found.sections["releases"]
    assert "api:7: in the record" in page(after)
    assert "releases-succeeded" not in found.numbers
