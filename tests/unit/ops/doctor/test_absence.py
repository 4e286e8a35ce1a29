"""What a pause stops is no trouble; what is stopped otherwise is one."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from installation.names import COMPUTE_STACK
from installation.names.persistent import RESTORED_TAG
from installation.settings import Settings
from installation.settings.schedule import ScheduleSettings
from ops.doctor import alarms, database, ecs
from ops.doctor.absence import note_deleted_resources
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Finding
from ops.doctor.subjects import Subject
from ops.errors import RefusedError
from ops.month.stop import plan_stop
from ops.service.database_status import read_database
from tests.support.fakes import NOW, FakeAccount
from tests.support.running_account import running
from tests.unit.ops.doctor.test_database import Secrets


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to the database is tested with the network."""
    monkeypatch.setattr(database, "_examine_network_path", lambda *_: None)


def look(account: FakeAccount, settings: Settings, *, desired: int, status: str, silent: bool) -> dict[str, str]:
    """Causes that the sections of service and database find, with their levels."""
    found = findings_of(account, settings, desired=desired, status=status, silent=silent)
    return {f"{one.subject} {one.cause}": one.level for one in found if one.cause != "call-failed"}


def findings_of(
    account: FakeAccount, settings: Settings, *, desired: int, status: str, silent: bool
) -> tuple[Finding, ...]:
    running(account).services[0] |= {"desiredCount": desired, "runningCount": desired, "taskSets": []}
    account.database |= {"DBInstanceStatus": status, "AllocatedStorage": 20}
    account.alarms = [{"AlarmName": settings.names.no_target_alarm, "ActionsEnabled": not silent, "StateValue": "OK"}]
    aws: Any = account.aws(settings)
    aws.secretsmanager = Secrets()
    aws.logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **__: []))
    examiner = Examiner(Subject.ECS, aws, NOW)
    ecs._examine_stable_service(examiner, {"desiredCount": desired, "runningCount": desired}, (), set())
    return (*examiner.examination().findings, *database.examine(aws, NOW).findings)


@pytest.mark.parametrize("silent", [True, False])
def test_a_pause_is_a_notice(account: FakeAccount, settings: Settings, silent: bool) -> None:
    found = look(account, settings, desired=0, status="stopped", silent=silent)
    assert found == {"ecs paused": "notice", "database paused": "notice"}


def test_an_image_that_ecr_deleted_in_a_pause_is_found(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The month could not resume with it."""
    monkeypatch.setattr(ecs, "unpullable_reason", lambda *_: "it is gone")
    found = look(account, settings, desired=0, status="stopped", silent=True)
    assert found["ecs serving-image-gone"] == "trouble"


def test_the_first_and_last_minutes_of_a_pause_are_a_notice_too(account: FakeAccount, settings: Settings) -> None:
    found = look(account, settings, desired=0, status="starting", silent=True)
    assert found == {"ecs paused": "notice", "database database-changing": "notice"}
    assert look(account, settings, desired=0, status="available", silent=True) == {"ecs paused": "notice"}


def test_tasks_that_nobody_wants_beside_a_running_database_are_a_trouble(
    account: FakeAccount, settings: Settings
) -> None:
    service = {"ServiceName": settings.names.service, "DesiredCount": 2}
    resources = {"Service": {"Type": "AWS::ECS::Service", "Properties": service}}
    for body, count in (({"Resources": resources}, 2), ("Resources: {}", settings.service.desired_count)):
        account.templates[COMPUTE_STACK] = body
        found = findings_of(account, settings, desired=0, status="available", silent=False)
        (finding,) = (it for it in found if it.cause != "call-failed")
        assert (finding.subject, finding.cause, finding.level) == ("ecs", "desired-count-zero", "trouble")
        assert finding.remediations[0].command.endswith(f" --desired-count {count}")


def test_a_database_that_was_stopped_under_its_tasks_is_a_trouble(account: FakeAccount, settings: Settings) -> None:
    assert look(account, settings, desired=1, status="stopped", silent=False) == {
        "database database-stopped": "trouble"
    }


@pytest.mark.parametrize(("status", "what"), [("stopped", "start it"), ("stopping", "start it when it is stopped")])
def test_a_database_that_is_still_stopping_cannot_be_started_yet(
    account: FakeAccount, settings: Settings, status: str, what: str
) -> None:
    running(account)
    account.database |= {"DBInstanceStatus": status, "AllocatedStorage": 20}
    examiner = Examiner(Subject.DATABASE, account.aws(settings), NOW)
    found = read_database(account.aws(settings))
    assert found is not None
    database._state(examiner, found, ())
    (finding,) = examiner.examination().findings
    assert finding.summary.startswith(f"The database is {status}.")
    assert finding.remediations[0].what == what


@pytest.mark.parametrize(
    ("desired", "cause", "level"), [(0, "paused", "notice"), (1, "resume-schedule-disabled", "trouble")]
)
def test_schedules_that_a_spent_budget_disabled_are_said(
    account: FakeAccount, settings: Settings, desired: int, cause: str, level: str
) -> None:
    scheduled = settings.model_copy(update={"schedule": ScheduleSettings()})
    aws: Any = account.aws(scheduled)
    running(account)
    account.database |= {"DBInstanceStatus": "stopped" if desired == 0 else "available", "AllocatedStorage": 20}
    account.alarms = []
    aws.scheduler = SimpleNamespace(get_schedule=lambda **asked: asked | {"State": "DISABLED"})
    aws.logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **__: []))
    examiner = Examiner(Subject.ECS, aws, NOW)
    ecs._examine_stable_service(examiner, {"desiredCount": desired, "runningCount": desired}, (), set())
    (finding,) = (it for it in examiner.examination().findings if it.cause != "call-failed")
    assert (finding.cause, finding.level) == (cause, level)
    assert {it.text for it in finding.evidence} >= {f"{name} is DISABLED" for name in settings.names.resume_schedules}
    assert finding.remediations[0].command == "hannibal resume --env dev"


@pytest.mark.parametrize(("desired", "told"), [(0, set()), (1, {"no-healthy-target"})])
def test_an_alarm_whose_actions_a_cancelled_pause_left_disabled_is_reported(
    account: FakeAccount, settings: Settings, desired: int, told: set[str]
) -> None:
    """Its first step silences the alarm, and was the only one; the service runs on, and nobody would hear its end."""
    running(account).services[0] |= {"desiredCount": desired}
    account.alarms = [
        {"AlarmName": settings.names.no_target_alarm, "ActionsEnabled": False, "StateValue": "OK"},
        {"AlarmName": f"{settings.project}-5xx", "ActionsEnabled": True, "StateValue": "OK"},
    ]
    silent = [
        one for one in alarms.examine(account.aws(settings), NOW).findings if one.cause == "alarm-actions-disabled"
    ]
    assert {name for one in silent for name in told if name in one.summary} == told
    assert len(silent) == len(told)
    assert [one.level for one in silent] == ["trouble" for _ in told]  # as `status --check` says


def test_alarms_that_were_deleted_by_hand_are_a_trouble(account: FakeAccount, settings: Settings) -> None:
    """The section said that none of the others sounds, and all seemed well."""
    running(account)
    existing, deleted, window = (f"{settings.project}-{name}" for name in ("cpu", "5xx", "window-fast"))
    kinds = {existing: "Alarm", deleted: "Alarm", window: "CompositeAlarm"}
    account.resources[COMPUTE_STACK] = [
        {
            "LogicalResourceId": f"Logical{number}",
            "PhysicalResourceId": name,
            "ResourceType": f"AWS::CloudWatch::{kind}",
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for number, (name, kind) in enumerate(kinds.items())
    ]
    account.alarms = [{"AlarmName": existing, "StateValue": "OK"}, {"AlarmName": window, "StateValue": "OK"}]
    (finding,) = (it for it in alarms.examine(account.aws(settings), NOW).findings if it.cause == "alarm-deleted")
    assert (finding.level, deleted in finding.summary, existing in finding.summary) == ("trouble", True, False)
    assert finding.remediations[0].command == "hannibal stop --env dev && hannibal start --env dev"
    account.alarms.append({"AlarmName": deleted, "StateValue": "OK"})
    assert "alarm-deleted" not in {it.cause for it in alarms.examine(account.aws(settings), NOW).findings}


@pytest.mark.parametrize("restoring", [False, True])
def test_a_deleted_database_of_the_drift_gets_its_own_way(
    account: FakeAccount, settings: Settings, *, restoring: bool
) -> None:
    """The month cannot end with a final snapshot; what else it lacks comes back with the next one."""
    running(account).database = None
    coming = {"DBInstanceIdentifier": settings.names.coming_database, "DBInstanceStatus": "available"}
    account.others = [coming | {"TagList": [{"Key": RESTORED_TAG, "Value": "T"}]}] if restoring else []
    resource = {"LogicalResourceId": "Db", "PhysicalResourceId": "x", "ResourceType": "AWS::RDS::DBInstance"}
    account.resources = {"StorageStack": [resource | {"ResourceStatus": "CREATE_COMPLETE"}]}
    stacks = {
        "AWS::RDS::DBInstance": "StorageStack",
        "AWS::ECS::Service": "ComputeStack",
        "AWS::S3::Bucket": "EdgeStack",
    }
    drifted: Any = [
        SimpleNamespace(stack=stack, resource_type=kind, status="DELETED", logical_id="L", physical_id="P")
        for kind, stack in {**stacks, "AWS::S3::BucketPolicy": "ArtifactStack"}.items()
    ]
    examiner = Examiner(Subject.STACK, account.aws(settings), NOW)
    note_deleted_resources(examiner, cast("Any", SimpleNamespace(unexpected=drifted)))
    causes = [it.cause for it in examiner.examination().findings]
    assert causes == [*([] if restoring else ["database-deleted"]), "resource-deleted"]


def test_what_else_was_deleted_is_found_although_rds_does_not_answer(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: Any) -> Any:
        raise RefusedError("not authorized")

    monkeypatch.setattr("ops.doctor.absence.read_databases", denied)
    drifted = [
        SimpleNamespace(stack=stack, resource_type=kind, status="DELETED", logical_id="X", physical_id="x")
        for kind, stack in {"AWS::RDS::DBInstance": "StorageStack", "AWS::S3::BucketPolicy": "ArtifactStack"}.items()
    ]
    examiner = Examiner(Subject.STACK, account.aws(settings), NOW)
    note_deleted_resources(examiner, cast("Any", SimpleNamespace(unexpected=drifted)))
    assert [it.cause for it in examiner.examination().findings] == ["call-failed", "resource-deleted"]


def test_a_former_database_may_get_its_name_again(account: FakeAccount, settings: Settings) -> None:
    """The newest snapshot, from which the next month would start, may be older than its rows."""
    running(account).database = None
    name = f"{settings.names.former_databases}20261126-090000"
    former: dict[str, Any] = {
        "DBInstanceIdentifier": name,
        "DBInstanceStatus": "available",
        "DBInstanceArn": "arn:former",
        "DeletionProtection": True,
        "TagList": [{"Key": RESTORED_TAG, "Value": "2026-11-26T08:00"}],
    }
    account.others = [former]
    resource = {"LogicalResourceId": "Db", "PhysicalResourceId": "x", "ResourceType": "AWS::RDS::DBInstance"}
    account.resources = {"StorageStack": [resource | {"ResourceStatus": "CREATE_COMPLETE"}]}
    (found,) = (it for it in database.examine(account.aws(settings), NOW).findings if it.cause == "database-deleted")
    commands = [it.command.removeprefix("aws rds ") for it in found.remediations]
    assert commands[0] == f"remove-tags-from-resource --resource-name arn:former --tag-keys {RESTORED_TAG}"
    assert commands[1] == (
        f"modify-db-instance --db-instance-identifier {name} --new-db-instance-identifier {settings.names.database} "
        "--no-deletion-protection --apply-immediately"
    )
    # What a restore leaves on it would keep the month from ending.
    after = former | {"DBInstanceIdentifier": settings.names.database}
    account.others, account.database = [], after
    assert [it for it in plan_stop(account.aws(settings)).refusals if "has not ended" in it]
    account.database = after | {"TagList": [], "DeletionProtection": False}
    assert plan_stop(account.aws(settings)).refusals == ()
    # RDS modifies no instance that is stopped.
    account.others, account.database = [former | {"DBInstanceStatus": "stopped"}], None
    (found,) = (it for it in database.examine(account.aws(settings), NOW).findings if it.cause == "database-deleted")
    started = f"aws rds start-db-instance --db-instance-identifier {name} && aws rds wait db-instance-available"
    assert found.remediations[0].command == f"{started} --db-instance-identifier {name}"
