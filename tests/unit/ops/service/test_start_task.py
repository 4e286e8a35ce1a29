"""What ECS is asked for when a one-off task is started."""

from types import SimpleNamespace
from typing import Any

import pytest

from installation.names import Names
from ops.errors import UnusableInputError
from ops.service import tasks
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

    monkeypatch.setattr(tasks, "_service", lambda *_: {"networkConfiguration": {}})
    monkeypatch.setattr(tasks, "read_capacity", lambda *_: ())
    monkeypatch.setattr(tasks, "_task", lambda *_: None)
    aws = aws_of(ecs=SimpleNamespace(run_task=run_task))
    tasks.start_task(aws, tasks.TaskRequest(revision="r", command=("ls",), environment=variables))

    assert asked["overrides"] == {"containerOverrides": [{"name": NAMES.container, "command": ["ls"], **expected}]}


def test_a_command_is_as_long_as_ecs_takes() -> None:
    around = len(f'{{"containerOverrides": [{{"name": "{NAMES.container}", "command": [""]}}]}}')
    tasks.check_length(NAMES, ("x" * (8192 - around),))
    with pytest.raises(UnusableInputError, match="the command has 8193 characters, as ECS counts them"):
        tasks.check_length(NAMES, ("x" * (8193 - around),))
