"""A shell in a container of the embedded AWS: which container, and when there is none."""

import os
from typing import Any

import pytest

from embedded_aws.containers.engine import Engine, Name
from installation.settings import Settings
from ops.errors import RefusedError, UnusableInputError
from ops.local import containers
from ops.local.containers import (
    Container,
    LocalEngine,
    RunningContainers,
    find_container,
    open_local_shell,
)

TASK = "arn:aws:ecs:r:1:task/c/abc"


def program(*command: str) -> Engine:
    return Engine(name="podman", command=command, processor="amd64", environment=os.environ)


def running(*found: Container, name: Name | None = "podman") -> RunningContainers:
    reason = None if name else "none was asked for"
    return RunningContainers(engine=name, processor="amd64", reason=reason, containers=found)


def container(settings: Settings, *, name: str = "", exit_code: int | None = None) -> Container:
    task, named = TASK, name or settings.names.container
    return Container(id="c1", task=task, name=named, image="i", exit_code=exit_code)


def engine_of(found: Engine) -> LocalEngine:
    return LocalEngine(**dict(running()), program=found)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the embedded AWS answer with an engine."""

    def let(found: RunningContainers) -> None:
        monkeypatch.setattr(containers, "ask_engine", lambda _endpoint: found)
        monkeypatch.setattr(containers, "find_engine", lambda *_: program("podman"))

    return let


def test_the_container_of_the_api_is_taken(answer: Any, settings: Settings) -> None:
    answer(running(container(settings, name="certificates"), container(settings)))
    assert find_container("http://aws", settings.names.container, TASK)[1] == "c1"


def test_without_an_engine_the_way_to_one_is_told(answer: Any, settings: Settings) -> None:
    answer(running(name=None))
    with pytest.raises(RefusedError, match="runs no containers \\(none was asked for\\)") as refused:
        find_container("http://aws", settings.names.container, TASK)
    assert "hannibal local up --containers" in refused.value.advice[0]


def test_a_task_of_another_image_has_no_container(answer: Any, settings: Settings) -> None:
    answer(running())
    with pytest.raises(RefusedError, match="a sample service replaces the container") as refused:
        find_container("http://aws", settings.names.container, TASK)
    assert "hannibal image build" in refused.value.advice[0]


def test_a_container_that_has_ended_takes_no_shell(answer: Any, settings: Settings) -> None:
    answer(running(container(settings, exit_code=1)))
    with pytest.raises(RefusedError, match="ended with exit code 1"):
        find_container("http://aws", settings.names.container, TASK)


def test_the_command_runs_as_root_and_its_exit_code_counts(capfd: pytest.CaptureFixture[str]) -> None:
    found = engine_of(program("sh", "-c", 'echo "$@"; exit 7', "podman"))

    assert open_local_shell(found, "c1", "sh -c 'id -u'") == 7
    assert capfd.readouterr().out.split() == ["exec", "--interactive", "--user", "0", "c1", "sh", "-c", "id", "-u"]


def test_quotes_that_are_not_closed_are_told() -> None:
    with pytest.raises(UnusableInputError, match="No closing quotation"):
        open_local_shell(engine_of(program("podman")), "c1", "sh -c 'id")


@pytest.mark.parametrize("extra", [{"command": ["sh", "-c"]}, {"engine": "sh"}, {"id": "--help"}])
def test_who_answers_at_the_port_names_no_program_and_no_option(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, extra: dict[str, Any]
) -> None:
    one = container(settings).model_dump() | {"id": extra.get("id", "c1")}
    answered = {"engine": "podman", "build_options": [], "processor": "amd64", "reason": None, "containers": [one]}
    monkeypatch.setattr(containers, "ask", lambda *_: answered | extra)
    monkeypatch.setattr(containers, "find_engine", lambda *_: program("podman"))
    if "command" in extra:
        engine, _ = find_container("http://aws", settings.names.container, TASK)
        assert engine.program.command == ("podman",)
    else:
        with pytest.raises(RefusedError, match="does not say which containers it runs"):
            find_container("http://aws", settings.names.container, TASK)
