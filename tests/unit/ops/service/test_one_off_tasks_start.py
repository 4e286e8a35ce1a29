"""What ECS is asked for when a one-off task is started, and when those that have not ended are looked for."""

from types import SimpleNamespace
from typing import Any

import pytest

from installation.names import Names
from ops.errors import UnusableInputError
from ops.service import one_off_tasks
from tests.support.aws import aws_of

NAMES = Names(project="nestjs-hannibal-3", environment="dev")


@pytest.mark.parametrize(
    ("variables", "expected"), [({}, {}), ({"URL": "x"}, {"environment": [{"name": "URL", "value": "x"}]})]
)
def test_a_task_gets_variables_only_where_some_are_given(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {}

    def run_task(**request: Any) -> dict[str, Any]:
        asked.update(request)
        return {"tasks": [{}]}

    monkeypatch.setattr(one_off_tasks, "_service", lambda *_: {"networkConfiguration": {}})
    monkeypatch.setattr(one_off_tasks, "read_capacity", lambda *_: ())
    monkeypatch.setattr(one_off_tasks, "_task", lambda *_: None)
    aws = aws_of(ecs=SimpleNamespace(run_task=run_task))
    one_off_tasks.start_task(aws, one_off_tasks.TaskRequest(revision="r", command=("ls",), environment=variables))

    assert asked["overrides"] == {"containerOverrides": [{"name": NAMES.container, "command": ["ls"], **expected}]}


def test_a_command_is_as_long_as_ecs_takes() -> None:
    around = len(f'{{"containerOverrides": [{{"name": "{NAMES.container}", "command": [""]}}]}}')
    one_off_tasks.check_length(NAMES, ("x" * (8192 - around),))
    with pytest.raises(UnusableInputError, match="the command has 8193 characters, as ECS counts them"):
        one_off_tasks.check_length(NAMES, ("x" * (8193 - around),))


def test_a_task_that_was_asked_to_end_has_not_ended() -> None:
    """It has the container's stop timeout, and ECS lists it by the status that it shall have."""
    task = {"group": "hannibal", "desiredStatus": "STOPPED"}
    there = [
        task | {"taskArn": "a", "lastStatus": "RUNNING", "desiredStatus": "RUNNING"},
        task | {"taskArn": "b", "lastStatus": "DEACTIVATING"},
        task | {"taskArn": "c", "lastStatus": "STOPPED"},
        task | {"taskArn": "d", "lastStatus": "RUNNING", "group": f"service:{NAMES.service}"},
    ]

    def listed(desiredStatus: str, **_: Any) -> Any:  # noqa: N803 - boto3's name
        return [{"taskArns": [it["taskArn"] for it in there if it["desiredStatus"] == desiredStatus]}]

    ecs = SimpleNamespace(
        get_paginator=lambda _: SimpleNamespace(paginate=listed),
        describe_tasks=lambda tasks, **_: {"tasks": [it for it in there if it["taskArn"] in tasks]},
    )
    assert [it.arn for it in one_off_tasks.one_off_tasks(aws_of(ecs=ecs))] == ["a", "b"]
