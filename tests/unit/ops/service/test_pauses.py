"""What a pause would do, and when it is refused."""

from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import chain, repeat
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from installation.settings import Settings
from installation.settings.schedule import ScheduleSettings
from installation.settings.service import AutoscalingSettings
from ops.aws.polling import Polling
from ops.cli.app import build
from ops.errors import ExitCode, FailedError
from ops.service import database_status, pauses
from ops.service.pauses import enable_schedule, read_disabled_schedules
from tests.support.aws import given
from tests.support.clock import Clock
from tests.support.fakes import FakeAccount

TEMPLATE = {"Resources": {"Service": {"Type": "AWS::ECS::Service", "Properties": {"DesiredCount": 1}}}}
TARGET = {"Type": "AWS::ApplicationAutoScaling::ScalableTarget"}
STAT = {"Metric": {"MetricName": "HealthyHostCount"}, "Period": 60, "Stat": "Minimum"}
NOW = datetime(2026, 11, 26, tzinfo=UTC)
RULE = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}}
SCHEDULE = {**RULE, "Target": {"Arn": "x", "RoleArn": "arn:aws:iam::123456789012:role/x"}}


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A month with one task and an available database; no release runs."""
    service = SimpleNamespace(desired=1)
    database = SimpleNamespace(name="shop-db", status="available")
    monkeypatch.setattr(pauses, "read_service", lambda *_: service)
    monkeypatch.setattr(pauses, "read_database", lambda *_: database)
    monkeypatch.setattr(database_status, "read_database", lambda *_: database)
    monkeypatch.setattr("ops.service.deployments.running_deployments", lambda *_: [])
    monkeypatch.setattr(pauses, "busy_stack_refusals", lambda *_, **__: ())
    monkeypatch.setattr(pauses, "one_off_task_refusals", lambda *_: ())
    monkeypatch.setattr(pauses, "read_databases", lambda *_: SimpleNamespace(restoring=""))
    cloudwatch = SimpleNamespace(describe_alarms=lambda **_: {"MetricAlarms": []})
    cloudformation = SimpleNamespace(get_template=lambda **_: {"TemplateBody": TEMPLATE})
    return SimpleNamespace(cloudformation=cloudformation, ecs=None, rds=None, codedeploy=None, cloudwatch=cloudwatch)


def test_a_pause_ends_the_tasks_and_stops_the_database(running: Any, settings: Settings) -> None:
    plan = pauses.plan(given(running, settings), "pause")
    assert plan.steps == ("service: 1 to 0 task(s)", "database: stop shop-db, which is available")
    assert plan.refusals == ()
    assert pauses.plan(given(running, settings), "resume").steps == ()


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_a_resume_that_was_killed_while_it_waited_for_the_alarm_has_something_to_do(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, action: pauses.Action
) -> None:
    """It said that there was nothing, and made the alarm tell again a minute later."""
    database = SimpleNamespace(name="shop-db", status="stopped" if action == "pause" else "available")
    monkeypatch.setattr(pauses, "read_database", lambda *_: database)
    monkeypatch.setattr(pauses, "read_service", lambda *_: SimpleNamespace(desired=int(action == "resume")))
    alarm = {"ActionsEnabled": action == "pause"}
    running.cloudwatch.describe_alarms = lambda **_: {"MetricAlarms": [alarm]}
    word = "nobody" if action == "pause" else "again"
    assert pauses.plan(given(running, settings), action).steps == (
        f"alarm: {settings.names.no_target_alarm} tells {word}",
    )
    alarm["ActionsEnabled"] = not alarm["ActionsEnabled"]
    assert pauses.plan(given(running, settings), action).steps == ()


def test_a_pause_waits_for_a_database_that_is_being_changed(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SimpleNamespace(name="shop-db", status="modifying")
    monkeypatch.setattr(pauses, "read_database", lambda *_: database)
    clock, stopped = Clock(), list[str]()

    def stop(DBInstanceIdentifier: str) -> None:  # noqa: N803 - boto3's name
        if clock.time < 90:
            raise ClientError({"Error": {"Code": "InvalidDBInstanceState", "Message": "modifying"}}, "StopDBInstance")
        stopped.append(DBInstanceIdentifier)

    running.cloudwatch = SimpleNamespace(disable_alarm_actions=lambda AlarmNames: None)  # noqa: N803
    running.ecs = SimpleNamespace(update_service=lambda **_: None)
    running.rds = SimpleNamespace(stop_db_instance=stop)
    told: list[str] = []
    pauses.pause(given(running, settings, polling=clock.polling(30)), told.append)
    assert (stopped, clock.time) == ([settings.names.database], 90)
    assert told == [f"waiting until RDS stops {settings.names.database}, which is modifying"]


def test_a_month_without_database_or_service_is_not_called_stopped(account: FakeAccount, settings: Settings) -> None:
    """A start makes neither again: CloudFormation does not notice that they were deleted by hand."""
    account.add_month()
    account.services = []
    (reason,) = pauses.plan(account.aws(settings), "pause").refusals
    assert reason == "the service is gone, though ComputeStack is there: `hannibal doctor ecs`"
    account.database = None
    (reason,) = pauses.plan(account.aws(settings), "resume").refusals
    assert reason == "the database is gone, though StorageStack is there: `hannibal doctor database`"
    account.stacks.clear()
    (reason,) = pauses.plan(account.aws(settings), "resume").refusals
    assert "no month is running" in reason


@pytest.mark.parametrize("action", ["pause", "resume"])
@pytest.mark.parametrize("status", ["failed", "storage-full", "deleting"])
def test_a_database_that_never_stops_nor_starts_is_refused(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, action: pauses.Action, status: str
) -> None:
    """The tasks would end, and half an hour go by."""
    monkeypatch.setattr(pauses, "read_database", lambda *_: SimpleNamespace(name="shop-db", status=status))
    (reason,) = pauses.plan(given(running, settings), action).refusals
    assert reason.startswith(f"shop-db is {status}, ")
    assert "`hannibal doctor database`" in reason


@pytest.mark.parametrize("status", ["storage-optimization", "storage-initialization"])
def test_a_pause_does_not_wait_for_storage_for_hours_without_tasks(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """RDS stops an available instance only; the tasks had ended, and the pause failed after half an hour."""
    monkeypatch.setattr(pauses, "read_database", lambda *_: SimpleNamespace(name="shop-db", status=status))
    (reason,) = pauses.plan(given(running, settings), "pause").refusals
    assert f"shop-db is {status}" in reason
    assert "`hannibal status`" in reason
    assert pauses.plan(given(running, settings), "resume").refusals == ()


def test_a_pause_that_the_budget_has_begun_goes_on_while_storage_is_optimized(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tasks have ended already, and both its mail and the status advise this command."""
    monkeypatch.setattr(
        pauses, "read_database", lambda *_: SimpleNamespace(name="shop-db", status="storage-optimization")
    )
    monkeypatch.setattr(pauses, "read_service", lambda *_: SimpleNamespace(desired=0))
    assert pauses.plan(given(running, settings), "pause").refusals == ()


@pytest.mark.parametrize("status", ["backing-up", "modifying", "starting"])
def test_a_resume_says_that_it_waits_for_what_passes(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(pauses, "read_database", lambda *_: SimpleNamespace(name="shop-db", status=status))
    assert pauses.plan(given(running, settings), "resume").steps[0] == f"database: wait for shop-db, which is {status}"


@pytest.mark.parametrize("available", [1, 2])
def test_a_pause_that_begins_while_tasks_and_alarm_are_waited_for_ends_the_resume(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, available: int
) -> None:
    """It said that the service answered again, with a task and without a database."""
    shown = chain(repeat("available", available), repeat("stopping"))
    monkeypatch.setattr(
        "ops.service.database_status.read_database", lambda *_: SimpleNamespace(name="shop-db", status=next(shown))
    )
    monkeypatch.setattr(pauses, "read_service", lambda *_: SimpleNamespace(desired=1, steady=True, running=1))
    running.ecs = SimpleNamespace(update_service=lambda **_: None)
    running.cloudwatch = alarm = Alarm(late=0)
    aws = given(running, settings, polling=Clock().polling())
    with pytest.raises(FailedError, match="shop-db is stopped again, by another command or by the schedule"):
        pauses.resume(aws, print, now=lambda: NOW)
    assert not alarm.enabled


@pytest.mark.parametrize(
    ("body", "asked", "refused"),
    [({"Resources": {"Target": TARGET}}, False, True), (TEMPLATE, True, False), ("", True, True), ("", False, False)],
)
def test_what_scales_is_not_paused(running: Any, settings: Settings, body: object, asked: bool, refused: bool) -> None:
    """By what is deployed: the settings may be the next month's. A pause ends with whatever was deployed in it."""
    scaling = AutoscalingSettings(least=1, most=2, cpu_percent=50) if asked else None
    service = settings.service.model_copy(update={"autoscaling": scaling})
    running.cloudformation.get_template = lambda **_: {"TemplateBody": body}
    for action in ("pause", "resume"):
        plan = pauses.plan(given(running, settings.model_copy(update={"service": service})), action)
        assert ("a pause does not go with it" in " ".join(plan.refusals)) is (refused and action == "pause")


class Alarm:
    """CloudWatch, whose alarm is OK still, and which counts the targets of a minute some time after it."""

    def __init__(self, late: int) -> None:
        self.asked, self.late, self.enabled = 0, late, False

    def describe_alarms(self, AlarmNames: list[str]) -> Any:  # noqa: N803 - boto3's name
        metrics = [{"Id": "sum", "Expression": "blue"}, {"Id": "blue", "MetricStat": STAT, "ReturnData": False}]
        return {"MetricAlarms": [{"AlarmName": AlarmNames[0], "StateValue": "OK", "Metrics": metrics}]}

    def get_metric_data(self, MetricDataQueries: list[Any], StartTime: datetime, EndTime: datetime) -> Any:  # noqa: N803
        assert MetricDataQueries == [{"Id": "blue", "MetricStat": STAT, "ReturnData": True}]
        assert StartTime < EndTime
        self.asked += 1
        return {"MetricDataResults": [{"Id": "blue", "Values": [1.0] if self.asked > self.late else [0.0]}]}

    def enable_alarm_actions(self, AlarmNames: list[str]) -> None:  # noqa: N803
        assert len(AlarmNames) == 1
        self.enabled = True


def test_alarm_actions_are_enabled_when_the_alarm_has_data_of_targets(
    running: Any, settings: Settings, monkeypatch: Any
) -> None:
    """After a short pause the alarm is OK because it has not heard of the last minutes yet."""
    service = SimpleNamespace(desired=1, steady=True, running=1)
    monkeypatch.setattr(pauses, "read_service", lambda *_: service)
    running.ecs = SimpleNamespace(update_service=lambda **_: None)
    running.cloudwatch = alarm = Alarm(late=3)
    silent: list[bool] = []
    polling = Polling(sleep=lambda _: silent.append(not alarm.enabled), clock=lambda: 0.0)
    pauses.resume(given(running, settings, polling=polling), print, now=lambda: NOW)
    assert silent == [True, True, True]
    assert alarm.enabled


def test_a_restore_under_way_is_no_moment_for_a_pause(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "read_databases", lambda *_: SimpleNamespace(restoring="2026-11-26T00:30:00Z"))
    (refusal,) = pauses.plan(given(running, settings), "pause").refusals
    assert "`hannibal restore --to 2026-11-26T00:30:00Z` goes on" in refusal


def test_a_month_that_was_paused_in_the_middle_of_a_restore_is_resumed(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The evening's schedule knows of no restore, which goes on only after a resume."""
    monkeypatch.setattr(pauses, "read_databases", lambda *_: SimpleNamespace(restoring="2026-11-26T00:30:00Z"))
    monkeypatch.setattr(pauses, "read_database", lambda *_: SimpleNamespace(name="shop-db", status="stopped"))
    plan = pauses.plan(given(running, settings), "resume")
    assert (plan.refusals, plan.steps) == ((), ("database: start shop-db, which is stopped",))
    assert len(pauses.plan(given(running, settings), "pause").refusals) == 1


class Scheduler:
    """Schedules by name; what is not said at an update is lost."""

    def __init__(self, **states: str) -> None:
        self.schedules = {name: dict[str, Any](Name=name, State=state, **SCHEDULE) for name, state in states.items()}

    def get_schedule(self, Name: str) -> Any:  # noqa: N803 - boto3's name
        if Name not in self.schedules:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSchedule")
        return self.schedules[Name] | {"Arn": "arn", "CreationDate": NOW, "ResponseMetadata": {}}

    def update_schedule(self, **request: Any) -> None:
        self.schedules[request["Name"]] = request


def test_schedules_of_the_morning_are_enabled_as_they_were(running: Any, settings: Settings) -> None:
    """One of them is not there, as in a month that began before the setting."""
    names = settings.names.resume_schedules
    scheduled = settings.model_copy(update={"schedule": ScheduleSettings()})
    running.scheduler = scheduler = Scheduler(**{names[0]: "DISABLED", names[1]: "ENABLED"})

    assert read_disabled_schedules(given(running, settings)) == (), "without a schedule nothing is asked"
    assert read_disabled_schedules(given(running, scheduled)) == (names[0],)
    assert pauses.plan(given(running, scheduled), "resume").steps == (
        f"schedule: enable {names[0]}, which a spent budget disabled",
    )
    enable_schedule(given(running, scheduled), names[0])
    enable_schedule(given(running, scheduled), names[2])
    assert scheduler.schedules[names[0]] == {"Name": names[0], "State": "ENABLED", **SCHEDULE}
    assert read_disabled_schedules(given(running, scheduled)) == ()


def test_a_release_that_began_while_the_plan_was_read_is_not_left_without_tasks(
    running: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirm(*_: object, **__: object) -> None:
        monkeypatch.setattr(pauses, "running_release_refusals", lambda _: iter(["a release is running"]))

    monkeypatch.setattr("ops.cli.console.screen.confirm", confirm)
    monkeypatch.setattr("ops.account.caller.checked_caller", lambda _: None)
    monkeypatch.setattr("ops.cli.console.plan.show_caller", lambda *_: None)
    monkeypatch.setattr("ops.cli.session.connected", lambda _: nullcontext(given(running, settings)))
    result = CliRunner().invoke(build(), ["pause"])
    assert (result.exit_code, "a release is running" in result.stderr) == (ExitCode.REFUSED, True), result.output


@pytest.mark.parametrize(
    ("status", "refused"), [("CREATE_IN_PROGRESS", "pause"), ("DELETE_IN_PROGRESS", "pause resume")]
)
def test_nothing_is_paused_while_the_month_begins_or_ends(
    account: FakeAccount, settings: Settings, status: str, refused: str
) -> None:
    """A stack waits for tasks that a pause takes, and RDS makes no final snapshot of a database that is stopping."""
    account.add_month()
    account.services = [{"status": "ACTIVE", "desiredCount": 1}]
    account.templates["ComputeStack"] = TEMPLATE
    account.add_stack("EdgeStack", status)
    for action in ("pause", "resume"):
        found = [it for it in pauses.plan(account.aws(settings), action).refusals if f"EdgeStack is {status}" in it]
        assert bool(found) is (action in refused)
