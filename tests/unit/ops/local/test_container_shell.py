"""A shell in a container of the embedded AWS: which container, and when there is none."""

from typing import Any

import pytest

from installation.settings import Settings
from ops.errors import RefusedError, UnusableInputError
from ops.local import containers
from ops.local.container_shell import LocalContainer, find_container, open_local_shell
from ops.local.containers import Container, LocalEngine

TASK = "arn:aws:ecs:r:1:task/c/abc"


def engine(*running: Container, name: str | None = "podman", command: tuple[str, ...] = ("podman",)) -> LocalEngine:
    return LocalEngine(
        engine=name,
        command=command,
        build_options=(),
        processor="amd64",
        reason=None if name else "none was asked for",
        containers=running,
    )


def container(settings: Settings, *, name: str = "", exit_code: int | None = None) -> Container:
    task, named = TASK, name or settings.names.container
    return Container(id="c1", task=task, name=named, image="i", exit_code=exit_code)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the embedded AWS answer with an engine."""

    def let(found: LocalEngine) -> None:
        monkeypatch.setattr(containers, "ask_engine", lambda _endpoint: found)

    return let


def test_the_container_of_the_api_is_taken(answer: Any, settings: Settings) -> None:
    answer(engine(container(settings, name="certificates"), container(settings)))
    assert find_container("http://aws", settings.names.container, TASK).id == "c1"


def test_without_an_engine_the_way_to_one_is_told(answer: Any, settings: Settings) -> None:
    answer(engine(name=None))
    with pytest.raises(RefusedError, match="runs no containers \\(none was asked for\\)") as refused:
        find_container("http://aws", settings.names.container, TASK)
    assert "hannibal local up --containers" in refused.value.advice[0]


def test_a_task_of_another_image_has_no_container(answer: Any, settings: Settings) -> None:
    answer(engine())
    with pytest.raises(RefusedError, match="a sample service stands for the container") as refused:
        find_container("http://aws", settings.names.container, TASK)
    assert "hannibal image build" in refused.value.advice[0]


def test_a_container_that_has_ended_takes_no_shell(answer: Any, settings: Settings) -> None:
    answer(engine(container(settings, exit_code=1)))
    with pytest.raises(RefusedError, match="ended with exit code 1"):
        find_container("http://aws", settings.names.container, TASK)


def test_the_command_runs_as_root_and_its_exit_code_counts(capfd: pytest.CaptureFixture[str]) -> None:
    found = LocalContainer(engine=engine(command=("sh", "-c", 'echo "$@"; exit 7', "podman")), id="c1")

    assert open_local_shell(found, "sh -c 'id -u'") == 7
    assert capfd.readouterr().out.split() == ["exec", "--interactive", "--user", "0", "c1", "sh", "-c", "id", "-u"]


def test_quotes_that_are_not_closed_are_told() -> None:
    with pytest.raises(UnusableInputError, match="No closing quotation"):
        open_local_shell(LocalContainer(engine=engine(), id="c1"), "sh -c 'id")
