"""The report of a rehearsed month: every number agrees with the API it came from, and a browser shows all of it."""

import time
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from installation import names
from ops.errors import ExitCode
from tests.support.embedded import browser
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.embedded.running_service import control
from tests.support.report_page import Page, read
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

REQUESTS = 40
PICTURES = {"cost-figure", "month-figure", "requests-figure", "latency-figure", "permissions-figure"}
CHAPTERS = [
    "Cost",
    "The month on one line",
    "Releases",
    "Alarms",
    "Availability and response times",
    "Exercises",
    "Permissions",
    "Snapshots",
    "Drift",
    "Dependency updates",
]


class Rehearsal:
    """A month with traffic, a release, one that an alarm rolled back, a snapshot, and a change by hand."""

    def __init__(self, month: RunningMonth, hannibal: Hannibal, folder: Path) -> None:
        self.month = month
        session = month.server.session()
        self.cost_explorer: Any = session.client("ce", region_name="us-east-1")
        self.rds: Any = session.client("rds")
        self.iam: Any = session.client("iam")
        self._serve(REQUESTS)
        self._release(hannibal, "repository/api:2", ExitCode.DONE)
        control(month.server, "POST", "faults", {"kind": "alarm", "pattern": "*release-errors", "at_percent": 10})
        self._release(hannibal, "repository/api:3", ExitCode.ROLLED_BACK)
        control(month.server, "DELETE", "faults")
        self.rds.create_db_snapshot(DBInstanceIdentifier=month.names.database, DBSnapshotIdentifier="by-hand")
        session.client("logs").put_retention_policy(logGroupName=month.names.service_log_group, retentionInDays=1)
        self._until_all_is_counted()
        self._hannibal, self._file = hannibal, folder / "report.html"
        # The bill grows with each hour of this clock, which is half a minute, and on a busy machine an alarm may follow
        # at any time: the page lies between two bills and two counts.
        self.before, self.alarms_before = self.bill(), self.alarms()
        self.text = self.report()
        self.after, self.alarms_after = self.bill(), self.alarms()

    def alarms(self) -> int:
        """How often an alarm has gone into ALARM."""
        history = self.month.cloudwatch.describe_alarm_history(HistoryItemType="StateUpdate")["AlarmHistoryItems"]
        return sum(entry["HistorySummary"].endswith("to ALARM") for entry in history)

    def bill(self) -> list[float]:
        """What each day of the month cost until now."""
        today = datetime.now(UTC).date()
        results = self.cost_explorer.get_cost_and_usage(
            TimePeriod={
                "Start": today.replace(day=1).isoformat(),
                "End": (today + timedelta(days=1)).isoformat(),
            },
            Granularity="DAILY",
            Metrics=["UnblendedCost"],
            GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
        )["ResultsByTime"]
        return [sum(float(group["Metrics"]["UnblendedCost"]["Amount"]) for group in day["Groups"]) for day in results]

    def report(self) -> str:
        """The page as it is now."""
        answer = self._hannibal("report", "--assembly", str(self.month.assembly), "--output", str(self._file))
        assert answer.exit_code == ExitCode.DONE, answer.output
        return self._file.read_text(encoding="utf-8")

    def _until_all_is_counted(self) -> None:
        """Requests, the releases' own looks among them, are counted every half a second at this clock."""
        counted = [-1.0]

        def is_steady() -> bool:
            time.sleep(1.0)
            counted.append(sum(self.counts("RequestCount")))
            return counted[-1] == counted[-2] >= REQUESTS

        wait_for(is_steady, "all requests are counted")

    def _serve(self, requests: int) -> None:
        for _ in range(requests):
            status, _ = self.month.ask()
            assert status == 200

    def _release(self, hannibal: Hannibal, image: str, code: ExitCode) -> None:
        answer = hannibal("release", "--image", image, "--mode", "canary", "--yes")
        assert answer.exit_code == code, answer.output

    def counts(self, metric: str) -> list[float]:
        """The sum of a metric of the load balancer on each day, by another call than the report's."""
        return [point["Sum"] for point in self._points(metric, days=1, Statistics=["Sum"])]

    def p95(self, *, days: int = 1) -> list[float]:
        points = self._points("TargetResponseTime", days=days, ExtendedStatistics=["p95"])
        return [point["ExtendedStatistics"]["p95"] for point in points]

    def _points(self, metric: str, *, days: int, **statistic: list[str]) -> list[Any]:
        (balancer,) = self.month.elb.describe_load_balancers()["LoadBalancers"]
        name = balancer["LoadBalancerArn"].partition(":loadbalancer/")[2]
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        points: list[Any] = self.month.cloudwatch.get_metric_statistics(
            Namespace="AWS/ApplicationELB",
            MetricName=metric,
            Dimensions=[{"Name": "LoadBalancer", "Value": name}],
            StartTime=today.replace(day=1),
            EndTime=today + timedelta(days=1),
            Period=days * 86_400,
            **statistic,
        )["Datapoints"]
        return sorted(points, key=lambda point: str(point["Timestamp"]))


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    with running_month(tmp_path_factory.mktemp("report"), assembly("dev"), "--clock-factor", "120") as running:
        running.create(names.AUDIT_STACK)
        yield running


@pytest.fixture(scope="module")
def rehearsal(month: RunningMonth, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    if (datetime.now(UTC) + timedelta(minutes=15)).day == 1:
        pytest.skip("the month ends: its last minutes and the next month's first would come into two reports")
    with pytest.MonkeyPatch.context() as patch:
        # What GitHub knows is no part of the rehearsal.
        patch.delenv("GITHUB_TOKEN", raising=False)
        patch.delenv("GH_TOKEN", raising=False)
        yield Rehearsal(month, Hannibal(month, patch), tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def page(rehearsal: Rehearsal) -> Page:
    return read(rehearsal.text)


def test_every_picture_shows_something(page: Page) -> None:
    assert set(page.figures) == PICTURES
    assert "GitHub was not asked" in page.sections["updates"]


def test_the_cost_is_the_bill(rehearsal: Rehearsal, page: Page) -> None:
    shown = page.figures["cost-figure"]
    assert page.numbers["cost-total"] == pytest.approx(sum(shown))
    for before, day, after in zip_longest(rehearsal.before, shown, rehearsal.after, fillvalue=0.0):  # around midnight
        assert before <= day + 1e-9
        assert day <= after + 1e-9
    assert sum(shown) > 0


def test_the_releases_are_codedeploys(rehearsal: Rehearsal, page: Page) -> None:
    identifiers = rehearsal.month.deploy.list_deployments(
        applicationName=rehearsal.month.names.codedeploy_application,
        deploymentGroupName=rehearsal.month.names.codedeploy_group,
    )["deployments"]
    found = rehearsal.month.deploy.batch_get_deployments(deploymentIds=identifiers)["deploymentsInfo"]
    ordered = [each for each in found if each["creator"] != "codeDeployRollback"]
    assert page.numbers["releases-succeeded"] == sum(each["status"] == "Succeeded" for each in ordered) == 1
    assert page.numbers["releases-failed"] == sum(each["status"] != "Succeeded" for each in ordered) == 1
    assert "RolledBack" in page.sections["releases"]


def test_the_alarms_are_cloudwatchs(rehearsal: Rehearsal, page: Page) -> None:
    assert 1 <= rehearsal.alarms_before <= page.numbers["alarms-ringing"] <= rehearsal.alarms_after
    found = rehearsal.month.cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    telling = [alarm for kind in ("MetricAlarms", "CompositeAlarms") for alarm in found[kind] if alarm["AlarmActions"]]
    assert page.numbers["alarms-watching"] == len(telling)
    assert rehearsal.month.names.release_errors_alarm in page.sections["alarms"]


def test_the_traffic_is_the_load_balancers(rehearsal: Rehearsal, page: Page) -> None:
    requests = rehearsal.counts("RequestCount")
    assert page.numbers["traffic-requests"] == sum(requests) >= REQUESTS
    assert page.figures["requests-figure"] == requests
    assert page.numbers["traffic-errors"] == sum(rehearsal.counts("HTTPCode_Target_5XX_Count"))
    today = datetime.now(UTC)
    # CloudWatch aligns long periods as it likes: they may come in two parts.
    whole = max(rehearsal.p95(days=monthrange(today.year, today.month)[1]))
    assert page.numbers["traffic-p95"] == pytest.approx(whole)
    assert page.figures["latency-figure"] == pytest.approx([1000 * one for one in rehearsal.p95()])


def test_snapshots_drift_and_roles_are_those_of_the_account(rehearsal: Rehearsal, page: Page) -> None:
    snapshots = rehearsal.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert page.numbers["snapshots-count"] == len(snapshots) == 1
    assert "by-hand" in page.sections["snapshots"]
    drifts = rehearsal.month.cloudformation.describe_stack_resource_drifts(
        StackName=names.ARTIFACT_STACK, StackResourceDriftStatusFilters=["MODIFIED"]
    )["StackResourceDrifts"]
    assert page.numbers["drift-unexpected"] == len(drifts) == 1
    assert "RetentionInDays" in page.sections["drift"]
    roles = rehearsal.month.names
    for role in (roles.cicd_role, roles.plan_role, roles.developer_role):
        assert page.numbers[f"granted-{role}"] > 0


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_a_browser_shows_all_of_it(rehearsal: Rehearsal, page: Page, width: int, dark: bool) -> None:
    seen = browser.look(rehearsal.text, width=width, dark=dark)
    assert seen.outside == []
    assert seen.scroll_width <= width
    assert seen.headings == CHAPTERS
    assert seen.figures.keys() == page.figures.keys()
    assert all(seen.figures.values()), seen.figures
    assert seen.numbers == pytest.approx(page.numbers)
    assert seen.letters >= 12
    assert seen.background == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")


def test_after_the_months_end_its_traffic_bill_and_images_are_still_known(rehearsal: Rehearsal, page: Page) -> None:
    rehearsal.month.end_month()
    after = read(rehearsal.report())
    assert after.numbers["traffic-requests"] == page.numbers["traffic-requests"]
    assert after.numbers["alarms-ringing"] >= page.numbers["alarms-ringing"]
    assert after.numbers["cost-total"] >= page.numbers["cost-total"] > 0
    assert after.numbers["snapshots-count"] == 2
    assert "CodeDeploy forgets" in after.sections["releases"]
    assert "api:2" in after.sections["releases"]
