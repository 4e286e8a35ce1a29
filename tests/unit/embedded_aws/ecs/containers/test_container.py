"""One container from its start to its end: output, exit code, and what killed it."""

import json
from dataclasses import dataclass, field
from io import BytesIO
from queue import SimpleQueue
from subprocess import CompletedProcess
from types import TracebackType
from typing import Any, cast

import pytest

from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.ecs.container_request import LogBuffer
from embedded_aws.ecs.containers.container import EngineContainer
from tests.support.waiting import LIMIT_SECONDS


class _Output:
    """The output of `logs --follow`."""

    def __init__(self, text: bytes) -> None:
        self.stdout = BytesIO(text)

    def __enter__(self) -> "_Output":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stdout.close()


@dataclass
class _Engine:
    """An engine with one container that ends."""

    output: bytes = b""
    states: list[dict[str, Any]] = field(default_factory=list)
    hangs: bool = False
    commands: list[str] = field(default_factory=list)

    def follow(self, *_arguments: str) -> _Output:
        return _Output(self.output)

    def call(self, *arguments: str, **_options: Any) -> str:
        self.commands.append(arguments[0])
        if arguments[0] == "inspect" and not self.states:
            raise EngineError("no such container")
        return json.dumps(self.states.pop(0)) if arguments[0] == "inspect" else ""

    def run(self, *arguments: str, **_options: Any) -> "CompletedProcess[bytes]":
        self.commands.append(" ".join(arguments))
        if self.hangs:
            raise EngineError("`docker stop` did not end within 50 seconds")
        return CompletedProcess(arguments, 0)


def _container(
    engine: _Engine, exits: "SimpleQueue[EngineContainer]", *, log: LogBuffer | None = None
) -> EngineContainer:
    return EngineContainer(
        engine=cast("Engine", engine),
        id="c" * 64,
        name="api",
        image="image",
        task_arn="arn/task",
        address="10.0.0.4",
        stop_timeout=30,
        log=log,
        on_exit=exits.put,
        end_task=lambda _: None,
    )


def _ended(engine: _Engine, **options: Any) -> EngineContainer:
    exits: SimpleQueue[EngineContainer] = SimpleQueue()
    container = _container(engine, exits, **options)
    container.follow()
    assert exits.get(timeout=LIMIT_SECONDS) is container
    assert container.ended.is_set()
    return container


def test_a_containers_output_and_exit_code_are_known() -> None:
    log = LogBuffer(None)
    container = _ended(_Engine(output=b"one\r\ntwo\n", states=[{"ExitCode": 3}]), log=log)

    assert list(container.logs()) == [b"one", b"two"]
    assert (container.status, container.wait(), container.out_of_memory) == ("exited", {"StatusCode": 3}, False)


def test_a_container_that_closed_its_output_is_waited_for() -> None:
    engine = _Engine(states=[{"Running": True, "ExitCode": 0}, {"ExitCode": 9}])

    assert _ended(engine).exit_code == 9
    assert engine.commands == ["inspect", "wait", "inspect"]


@pytest.mark.parametrize(("killed_by_memory", "code"), [(True, 137), (False, 137)])
def test_lack_of_memory_and_a_signal_are_told_apart(killed_by_memory: bool, code: int) -> None:
    container = _ended(_Engine(states=[{"ExitCode": code, "OOMKilled": killed_by_memory}]))

    assert (container.exit_code, container.out_of_memory) == (code, killed_by_memory)


def test_a_removed_container_has_ended() -> None:
    assert _ended(_Engine()).exit_code == 255


def test_an_injected_exit_is_taken_for_its_own() -> None:
    engine = _Engine(states=[{"ExitCode": 137}])
    container = _container(engine, SimpleQueue())
    container.exit_with(1)
    container.follow()
    assert container.ended.wait(LIMIT_SECONDS)

    assert engine.commands[0] == f"kill {container.id}"
    assert (container.exit_code, container.out_of_memory) == (1, False)


def test_an_engine_that_hangs_does_not_keep_a_task_from_ending() -> None:
    engine = _Engine(hangs=True)
    container = _container(engine, SimpleQueue())
    container.ended.set()

    assert container.end() == 255
    assert engine.commands == [f"stop -t 30 {container.id}"]
