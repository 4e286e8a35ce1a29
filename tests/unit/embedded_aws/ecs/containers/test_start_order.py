"""Which container starts when, and which never does."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.ecs.container_request import DependencyError
from embedded_aws.ecs.containers.start_order import Waiting, in_order


def _one(name: str, *depends_on: tuple[str, str], **other: Any) -> dict[str, Any]:
    dependencies = [{"containerName": on, "condition": condition} for on, condition in depends_on]
    return {"name": name, "dependsOn": dependencies, **other}


def test_each_container_starts_after_its_dependencies() -> None:
    containers = [
        _one("api", ("files", "SUCCESS"), ("proxy", "HEALTHY")),
        _one("files"),
        _one("proxy", ("files", "START")),
    ]

    assert [each["name"] for each in in_order(containers)] == ["files", "proxy", "api"]


def test_without_dependencies_their_order_stays() -> None:
    assert [each["name"] for each in in_order([_one("b"), _one("a")])] == ["b", "a"]


@pytest.mark.parametrize(
    "containers",
    [[_one("a", ("b", "START")), _one("b", ("a", "START"))], [_one("a", ("gone", "START"))]],
    ids=["a circle", "one that there is not"],
)
def test_unresolvable_dependencies_are_an_error(containers: list[dict[str, Any]]) -> None:
    with pytest.raises(DependencyError, match="cannot be resolved"):
        in_order(containers)


def _waiting(states: dict[str, Any], healthy: tuple[str, ...] = ()) -> Waiting:
    return Waiting(find=states.get, healthy=lambda name: name in healthy)


@pytest.mark.parametrize(
    ("condition", "exit_code", "healthy"),
    [("START", None, ()), ("START", 1, ()), ("COMPLETE", 1, ()), ("SUCCESS", 0, ()), ("HEALTHY", None, ("files",))],
)
def test_a_dependency_condition_that_is_met(condition: str, exit_code: int | None, healthy: tuple[str, ...]) -> None:
    waiting = _waiting({"files": SimpleNamespace(exit_code=exit_code)}, healthy)

    waiting.wait(_one("api", ("files", condition)), [_one("files")])


@pytest.mark.parametrize(
    ("condition", "exit_code", "message"),
    [
        ("SUCCESS", 7, "as dependency did not exit successfully"),
        ("HEALTHY", 0, "failed to resolve the container ordering dependency"),
        ("COMPLETE", None, "has timed out"),
        ("HEALTHY", None, "has timed out"),
    ],
)
def test_a_dependency_condition_that_is_never_met(condition: str, exit_code: int | None, message: str) -> None:
    waiting = _waiting({"files": SimpleNamespace(exit_code=exit_code)})

    with pytest.raises(DependencyError, match=message):
        waiting.wait(_one("api", ("files", condition)), [_one("files", startTimeout=0.05)])


def test_a_task_that_was_stopped_waits_no_longer() -> None:
    with pytest.raises(DependencyError, match="was stopped"):
        _waiting({}).wait(_one("api", ("files", "SUCCESS")), [])


def test_a_waiting_container_is_woken_by_an_end() -> None:
    files = SimpleNamespace(exit_code=None)
    waiting = _waiting({"files": files})

    def end() -> None:
        files.exit_code = 0
        waiting.notify()

    threading.Timer(0.05, end).start()
    waiting.wait(_one("api", ("files", "SUCCESS")), [_one("files", startTimeout=30)])
    assert files.exit_code == 0
