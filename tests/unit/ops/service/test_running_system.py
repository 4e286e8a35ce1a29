"""Service, database, release and alarms as they are read."""

import json
from datetime import timedelta

import pytest

from installation import names
from installation.settings import Settings
from ops.month.status import problems, read_status
from ops.release.history import read_release
from ops.service.alarms import read_alarms
from ops.service.database_status import count_connections, read_data_origin, read_database
from ops.service.ecs_service import read_service
from tests.conftest import ROOT
from tests.support.aws import aws_of
from tests.support.fakes import NOW, FakeAccount
from tests.support.golden import golden_file
from tests.support.running_account import running


def test_service_with_task_sets_and_tasks(account: FakeAccount, settings: Settings) -> None:
    service = read_service(running(account).aws(settings))
    assert service is not None
    assert service.steady
    assert service.task_sets[0].task_definition == "nestjs-hannibal-3-api-task:7"
    (task,) = service.tasks
    assert (task.task_id, task.image, task.health) == ("0123456789abcdef", "repo/api:1", "HEALTHY")


def test_a_service_of_many_tasks_is_read_whole(account: FakeAccount, settings: Settings) -> None:
    task = running(account).tasks[0]
    account.tasks = [task | {"taskArn": f"task/{number}"} for number in range(1001)]
    service = read_service(account.aws(settings))
    assert service is not None
    assert [each.task_id for each in service.tasks] == [str(number) for number in range(1001)]


def test_a_service_without_task_sets_shows_its_deployments(account: FakeAccount, settings: Settings) -> None:
    running(account).services[0]["taskSets"] = []
    account.services[0]["deployments"] = [{"status": "PRIMARY", "desiredCount": 2, "runningCount": 1}]
    service = read_service(account.aws(settings))
    assert service is not None
    assert (service.task_sets[0].desired, service.task_sets[0].running) == (2, 1)


def test_database_and_where_its_data_came_from(account: FakeAccount, settings: Settings) -> None:
    aws = running(account).aws(settings)
    database = read_database(aws)
    assert database is not None
    assert database.endpoint == "db.example:5432"
    account.database["Endpoint"] = {}
    creating = read_database(aws)
    assert creating is not None
    assert creating.endpoint == ""
    account.database = None
    assert read_database(aws) is None


@pytest.mark.parametrize(
    ("physical_id", "text"), [("restore-from:snap-1", "restored from snap-1"), ("restore-from:", "began empty")]
)
def test_origin_is_read_from_the_restore_point(account: FakeAccount, physical_id: str, text: str) -> None:
    account.add_stack("StorageStack")
    account.resources["StorageStack"] = [
        {
            "LogicalResourceId": "Answer",
            "PhysicalResourceId": physical_id,
            "ResourceType": names.RESTORE_POINT_TYPE,
            "ResourceStatus": "CREATE_COMPLETE",
        }
    ]
    origin = read_data_origin(account.aws())
    assert origin is not None
    assert origin.text == text


def test_origin_is_unknown_before_it_is_decided(account: FakeAccount) -> None:
    assert read_data_origin(account.aws()) is None
    account.add_stack("StorageStack", "CREATE_IN_PROGRESS")
    assert read_data_origin(account.aws()) is None


def test_the_restore_point_keeps_its_answer_as_operations_read_it() -> None:
    handler = (ROOT / "constructs_lib" / "handlers" / "newest_snapshot.py").read_text()
    assert f'PREFIX = "{names.RESTORE_POINT_PREFIX}"' in handler
    template = json.loads(golden_file("dev", names.STORAGE_STACK).read_text())
    assert [it["Type"] for it in template["Resources"].values()].count(names.RESTORE_POINT_TYPE) == 1


def test_newest_point_of_the_connections_counts(account: FakeAccount, settings: Settings) -> None:
    cloudwatch = account.aws().cloudwatch
    assert count_connections(aws_of(cloudwatch=cloudwatch, settings=settings), NOW) is None
    account.datapoints = [
        {"Timestamp": NOW, "Maximum": 12.0},
        {"Timestamp": NOW - timedelta(minutes=3), "Maximum": 40.0},
    ]
    assert count_connections(aws_of(cloudwatch=cloudwatch, settings=settings), NOW) == 12


def test_release_is_none_before_the_first_deployment(account: FakeAccount, settings: Settings) -> None:
    assert read_release(account.aws(settings)) is None
    release = read_release(running(account).aws(settings))
    assert release is not None
    assert (release.image, release.version) == ("repo/api:1", 7)


def test_alarms_in_alarm_come_first(account: FakeAccount) -> None:
    account.alarms = [
        {"AlarmName": "a", "StateValue": "OK"},
        {"AlarmName": "b", "StateValue": "INSUFFICIENT_DATA"},
        {"AlarmName": "c", "StateValue": "ALARM"},
    ]
    assert [alarm.name for alarm in read_alarms(account.aws())] == ["c", "a", "b"]


def test_a_healthy_system_has_no_problems(account: FakeAccount, settings: Settings) -> None:
    status = read_status(running(account).aws(settings), clock=lambda: NOW)
    assert status.month.phase == "running"
    assert problems(status) == ()


def test_a_stopped_system_has_no_problems(account: FakeAccount, settings: Settings) -> None:
    status = read_status(account.aws(settings), clock=lambda: NOW)
    assert (status.month.phase, problems(status), status.origin) == ("stopped", (), None)


def test_a_database_that_a_deleted_stack_has_left_is_a_problem(account: FakeAccount, settings: Settings) -> None:
    account.database = {"DBInstanceStatus": "available"}
    (found,) = problems(read_status(account.aws(settings), clock=lambda: NOW))
    assert "exists and is available, but StorageStack does not exist" in found


def test_each_problem_is_named(account: FakeAccount, settings: Settings) -> None:
    running(account).alarms = [{"AlarmName": "loud", "StateValue": "ALARM", "StateReason": "threshold crossed"}]
    account.target_groups["nestjs-hannibal-3-blue"] = [
        {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "timed out"}
    ]
    account.add_snapshot("bad", status="failed")
    account.services = []
    found = "\n".join(problems(read_status(account.aws(settings), clock=lambda: NOW)))
    for part in ("service is gone", "loud: threshold crossed", "1 unhealthy target(s) in blue", "bad, failed"):
        assert part in found


def told(account: FakeAccount, settings: Settings) -> str:
    return "\n".join(problems(read_status(account.aws(settings), clock=lambda: NOW)))


def test_a_record_that_was_deleted_or_says_another_image_is_told(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    del running(account).parameters["/hannibal/release/current"]
    assert "`hannibal release --wait` writes it" in told(account, settings)
    account.deployments = {"d-1": "InProgress"}  # its end writes it
    assert told(account, settings) == ""
    account.services, account.deployments = [], {}
    account.stacks = {name: it for name, it in account.stacks.items() if name in names.PERSISTENT_STACKS}
    assert "the release record was deleted: `hannibal doctor release`" in told(account, settings)


def test_traffic_that_a_broken_rollback_left_split_is_told(account: FakeAccount, settings: Settings) -> None:
    both = [{"TargetGroupArn": f"nestjs-hannibal-3-{it}", "Weight": 50} for it in ("blue", "green")]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": both}}
    running(account).listeners = [{"Port": 80, "DefaultActions": [action]}]
    assert "no release runs, and production goes to both" in told(account, settings)
    account.deployments = {"d-1": "InProgress"}
    assert told(account, settings) == ""


def test_a_stack_that_hangs_is_told(account: FakeAccount, settings: Settings) -> None:
    running(account).add_stack("EdgeStack", "UPDATE_IN_PROGRESS", LastUpdatedTime=NOW - timedelta(minutes=40))
    assert told(account, settings) == ""
    account.add_stack("EdgeStack", "UPDATE_IN_PROGRESS", LastUpdatedTime=NOW - timedelta(minutes=50))
    assert "EdgeStack has been UPDATE_IN_PROGRESS for 50 minutes: `hannibal doctor stack`" in told(account, settings)


def test_mornings_on_which_nothing_would_come_are_told(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.month.status.read_disabled_schedules", lambda _: ("morning",))
    assert "the schedules of the morning are disabled: `hannibal resume`" in told(running(account), settings)
    running(account).services[0] |= {"desiredCount": 0, "runningCount": 0}
    account.database["DBInstanceStatus"] = "stopped"
    assert told(account, settings) == ""


def test_alarms_whose_actions_are_off_are_told_unless_the_month_is_paused(
    account: FakeAccount, settings: Settings
) -> None:
    running(account).alarms = [{"AlarmName": "quiet", "StateValue": "ALARM", "ActionsEnabled": False}]
    assert told(account, settings) == "alarm quiet notifies nobody: its actions are disabled"
    account.services[0] |= {"desiredCount": 0, "runningCount": 0}
    account.database["DBInstanceStatus"] = "stopped"
    assert told(account, settings) == ""
