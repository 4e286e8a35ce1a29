"""The record of releases, where nothing was released in this month, or no month runs."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from installation import names
from installation.settings import Settings
from ops.doctor import release
from ops.doctor.causes import cause_of
from ops.doctor.examiner import Examiner
from ops.doctor.subjects import Subject
from ops.release.deployment import state_of
from ops.service.ecs_service import StoppedTask
from tests.support.aws import aws_of
from tests.support.fakes import NOW, FakeAccount
from tests.support.running_account import running


@pytest.fixture(autouse=True)
def nothing_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "newest_deployment", lambda _: None)


def look(account: FakeAccount, settings: Settings) -> list[tuple[str, list[str]]]:
    found = release.examine(account.aws(settings), NOW).findings
    return [(it.cause, [each.command for each in it.remediations]) for it in found]


def test_a_record_that_was_deleted_by_hand_is_found(account: FakeAccount, settings: Settings) -> None:
    assert look(running(account), settings) == []
    del account.parameters[settings.names.release_parameter]
    assert look(account, settings) == [("release-record-outdated", ["hannibal release --env dev --wait"])]
    account.services = []
    account.stacks = {name: it for name, it in account.stacks.items() if name in names.PERSISTENT_STACKS}
    ((cause, commands),) = look(account, settings)
    assert cause == "release-record-missing"
    assert (
        commands[-1] == f"aws ssm put-parameter --name {settings.names.release_parameter} --type String --value IMAGE"
    )


@pytest.mark.parametrize(
    ("image", "causes"),
    [
        ("what somebody typed", ["release-record-unusable"]),
        ("ghcr.io/somebody/api:1", []),  # public images are not asked for
    ],
)
def test_a_record_that_no_task_could_start_is_found(
    account: FakeAccount, settings: Settings, image: str, causes: list[str]
) -> None:
    running(account)
    account.services = []
    account.stacks = {name: it for name, it in account.stacks.items() if name in names.PERSISTENT_STACKS}
    account.parameters[settings.names.release_parameter] = image
    assert [cause for cause, _ in look(account, settings)] == causes


def test_the_record_of_a_running_image_that_is_gone_is_not_to_be_overwritten(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another image there would be outdated, and what writes the record would write the gone one back."""
    monkeypatch.setattr(release, "unpullable_reason", lambda *_: "it is gone")
    monkeypatch.setattr(release, "running_image", lambda _: "repo/api:1" if account.services else "")
    assert look(running(account), settings) == []
    monkeypatch.setattr(release, "unrecorded_image", lambda _: None)  # as of a value set after the release
    account.parameters[settings.names.release_parameter] = "what somebody typed"
    assert [cause for cause, _ in look(account, settings)] == ["release-record-unusable"]
    account.services = []
    assert [cause for cause, _ in look(account, settings)] == ["release-record-unusable"]


def test_a_deployment_group_that_was_deleted_by_hand_is_found(account: FakeAccount, settings: Settings) -> None:
    running(account).deployment_error = "DeploymentGroupDoesNotExistException"
    kind = "AWS::CodeDeploy::DeploymentGroup"
    resource = {"LogicalResourceId": "Group", "ResourceType": kind, "ResourceStatus": "CREATE_COMPLETE"}
    account.resources = {"ComputeStack": [resource]}
    new_month = "hannibal stop --env dev && hannibal start --env dev"
    assert look(account, settings) == [("deployment-group-deleted", [new_month])]
    del account.stacks["ComputeStack"]
    assert look(account, settings) == []


def test_before_the_first_start_there_is_no_record(account: FakeAccount, settings: Settings) -> None:
    assert look(account, settings) == []


@pytest.mark.parametrize(("status", "causes"), [("Succeeded", []), ("Failed", ["rollback-of-release-failed"])])
def test_only_a_rollback_that_succeeded_took_a_release_back(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, status: str, causes: list[str]
) -> None:
    made = {
        "deploymentId": "d-1",
        "status": "Stopped",
        "createTime": NOW,
        "rollbackInfo": {"rollbackDeploymentId": "d-2"},
    }
    deployment = state_of(cast("Any", made))
    monkeypatch.setattr(release, "read_deployment", lambda *_: state_of(cast("Any", made | {"status": status})))
    examiner = Examiner(Subject.RELEASE, account.aws(), NOW)
    release._rollback(examiner, deployment)
    assert [one.cause for one in examiner.examination().findings] == causes


@pytest.mark.parametrize(("log", "told"), [("/aws/lambda/verify", ["of another"]), ("/aws/lambda/product", [])])
def test_log_lines_of_one_function_are_not_shown_as_another_functions(log: str, told: list[str]) -> None:
    line = {"logStreamName": "2026/11/27/another[$LATEST]a", "message": "of another"}
    pages = SimpleNamespace(paginate=lambda **_: [{"events": [line]}])
    aws = aws_of(logs=SimpleNamespace(get_paginator=lambda _: pages))
    assert [one.text for one in release._function_log(aws, "verify", log, NOW)] == told


def test_an_error_of_a_function_is_shown_without_its_traceback() -> None:
    lines = (
        "START RequestId: 1",
        "GET /health at 10.0.1.2: status 400 instead of 200 {}\n",
        "Traceback (most recent call last):",
        '  File "/var/task/index.py", line 86, in check',
        "index.CheckError: no 3 good rounds in a row",
        "END RequestId: 1",
        "REPORT RequestId: 1\tDuration: 19842 ms",
    )
    events = [{"message": line} for line in lines]
    pages = SimpleNamespace(paginate=lambda **_: [{"events": events}])
    aws = aws_of(logs=SimpleNamespace(get_paginator=lambda _: pages))
    assert [one.text for one in release._function_log(aws, "verify", "/aws/lambda/verify", NOW)] == [
        "GET /health at 10.0.1.2: status 400 instead of 200 {}",
        "index.CheckError: no 3 good rounds in a row",
    ]


@pytest.mark.parametrize("code", ["ALARM_ACTIVE", "HOOK_EXECUTION_FAILURE", "MANUAL_STOP", "HEALTH_CONSTRAINTS"])
def test_tasks_that_failed_are_shown_whatever_ended_their_release(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """An alarm, a hook or a person may be faster than CodeDeploy, and the service's section leaves them to this one."""
    made: dict[str, Any] = {"deploymentId": "d-1", "status": "Stopped", "createTime": NOW}
    deployment = state_of(cast("Any", made | {"errorInformation": {"code": code, "message": "ended"}}))
    failed = StoppedTask(
        task_id="0123456789",
        task_set="ecs-svc/1",
        revision="",
        image="",
        stopped=NOW,
        code="EssentialContainerExited",
        reason="Essential container in task exited",
        container_reason="",
        exit_code=3,
    )
    none = {"read_events": (), "read_alarms": (), "read_changes": (), "_function_log": (), "image_of": ""}
    for name, answer in {**none, "read_failures": (failed,)}.items():
        monkeypatch.setattr(release, name, lambda *_, answer=answer: answer)
    monkeypatch.setattr(release, "cause_with_log", lambda _, task: (cause_of(task), ()))
    examiner = Examiner(Subject.RELEASE, account.aws(settings), NOW)
    release._newest(examiner, deployment)
    (finding,) = examiner.examination().findings
    assert [it.text for it in finding.evidence if it.source == "1 task(s) stopped"] == [failed.words]
