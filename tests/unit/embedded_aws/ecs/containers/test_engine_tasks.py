"""Tasks in the engine: what is not started for a task that has ended."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.containers.engine import EngineError
from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_request import StartError
from embedded_aws.ecs.containers.engine_tasks import EngineTasks

_ARN = "arn:aws:ecs:eu-west-1:123456789012:task/shop-cluster/0123456789abcdef"


def test_a_container_whose_task_has_ended_opens_it_no_second_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody would end it again: its volumes and its network would stay."""
    made: list[str] = []
    engine: Any = SimpleNamespace(call=lambda *arguments: made.append(" ".join(arguments)))
    context: Any = SimpleNamespace(
        state_folder=tmp_path, temporary_folder=tmp_path, faults=None, port=4566, clock_factor=1.0
    )
    anything: Any = SimpleNamespace()
    tasks = EngineTasks(engine=engine, context=context, loop=anything, network=anything, board=anything, reachable=())
    monkeypatch.setattr(tasks._images, "pull", lambda *_, **__: SimpleNamespace(reference="image", remark=""))
    monkeypatch.setattr(emulator, "tasks", {_ARN: {"lastStatus": "STOPPED"}})
    definition = {"containerDefinitions": [{"name": "api"}], "volumes": [{"name": "tmp"}]}
    request: Any = SimpleNamespace(task_arn=_ARN, definition=definition, container={"name": "api", "image": "image"})

    with pytest.raises(StartError, match="was stopped while its containers started"):
        tasks.run(request)
    assert not made


@pytest.mark.parametrize("hangs", [False, True])
def test_a_container_that_could_not_be_started_is_removed_before_its_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, hangs: bool
) -> None:
    """Podman leaves it, and then removes no network that it has: each failed start left one behind."""
    removed: list[str] = []

    def remove(*names: str) -> None:
        removed.extend(names)
        if hangs:
            raise EngineError("podman does not answer")

    engine: Any = SimpleNamespace(remove=remove)
    context: Any = SimpleNamespace(
        state_folder=tmp_path, temporary_folder=tmp_path, faults=None, port=4566, clock_factor=1.0
    )
    anything: Any = SimpleNamespace()
    tasks = EngineTasks(engine=engine, context=context, loop=anything, network=anything, board=anything, reachable=())
    task: Any = SimpleNamespace(arn=_ARN, waiting=SimpleNamespace(wait=lambda *_: None), containers={})
    tasks._tasks[_ARN] = task

    def fails(*_: object) -> str:
        raise EngineError("unable to find user nobody")

    monkeypatch.setattr(tasks._images, "pull", lambda *_, **__: SimpleNamespace(reference="image", remark=""))
    monkeypatch.setattr(EngineTasks, "_start", fails)
    monkeypatch.setattr(EngineTasks, "end", lambda _, arn: removed.append(arn))
    container = {"name": "api", "image": "image"}
    request: Any = SimpleNamespace(
        task_arn=_ARN, name="api", definition={"containerDefinitions": [container]}, container=container
    )
    with pytest.raises(StartError, match="CannotStartContainerError: unable to find user nobody"):
        tasks.run(request)
    assert removed == [tasks._name(_ARN, "api"), _ARN]
