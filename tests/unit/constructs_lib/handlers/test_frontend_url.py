from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from constructs_lib.handlers import frontend_url
from tests.support.boto_model import ModelledClient
from tests.unit.constructs_lib.handlers.conftest import Answers

PARAMETER, CLUSTER, SERVICE = "/shop/frontend/url", "shop-cluster", "shop-service"
OLD, NEW = "https://old.example", "https://new.example"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass
class World:
    """Parameter Store and the cluster; ECS starts a task for each that is stopped, healthy after some looks."""

    value: str = OLD
    written: datetime = NOON
    created: dict[str, datetime] = field(default_factory=dict)
    health: dict[str, str] = field(default_factory=dict)
    looks_until_healthy: int = 0
    stopped: list[str] = field(default_factory=list)
    puts: int = 0

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803
        assert Name == PARAMETER
        return {"Parameter": {"Value": self.value, "LastModifiedDate": self.written}}

    def put_parameter(self, *, Name: str, Value: str, Overwrite: bool) -> None:  # noqa: N803
        assert (Name, Overwrite) == (PARAMETER, True)
        self.value, self.written = Value, NOON + timedelta(minutes=10)
        self.puts += 1

    def list_tasks(self, **arguments: Any) -> dict[str, Any]:
        assert (arguments["cluster"], arguments["serviceName"]) == (CLUSTER, SERVICE)
        return {"taskArns": list(self.created)}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        assert cluster == CLUSTER
        self.looks_until_healthy -= 1
        if self.looks_until_healthy < 0:
            self.health = dict.fromkeys(self.created, "HEALTHY")
        return {
            "tasks": [
                {"taskArn": arn, "createdAt": self.created[arn], "healthStatus": self.health.get(arn, "UNKNOWN")}
                for arn in tasks
            ]
        }

    def stop_task(self, cluster: str, task: str, reason: str) -> None:
        assert cluster == CLUSTER
        assert "address" in reason
        self.stopped.append(task)
        del self.created[task]
        self.created[f"{task}-next"] = self.written + timedelta(seconds=5)


@dataclass
class Context:
    """A call with some time left; each look at the clock takes five seconds."""

    milliseconds: int = 600_000

    def get_remaining_time_in_millis(self) -> int:
        self.milliseconds -= 5_000
        return self.milliseconds


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(boto3, "client", lambda service: ModelledClient(service, made, paged=("list_tasks",)))
    monkeypatch.setattr(frontend_url.replace, "__defaults__", (lambda _: None,))
    return made


def call(request: str, address: str = NEW) -> None:
    properties = {"Parameter": PARAMETER, "Address": address, "Cluster": CLUSTER, "Service": SERVICE}
    frontend_url.handler({"RequestType": request, "ResourceProperties": properties}, Context())


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_new_address_is_written_and_tasks_with_the_old_one_are_replaced(
    world: World, answers: Answers, request_type: str
) -> None:
    world.created = {"one": NOON + timedelta(minutes=1), "two": NOON + timedelta(minutes=2)}
    world.looks_until_healthy = 4
    call(request_type)
    assert world.value == NEW
    assert world.stopped == ["one", "two"]
    assert world.looks_until_healthy < 0  # it waited for the new ones
    assert answers.only["status"] == "SUCCESS"
    assert answers.only["physical_id"] == PARAMETER


def test_tasks_that_started_with_the_address_go_on(world: World, answers: Answers) -> None:
    world.created = {"one": NOON + timedelta(minutes=1)}
    call("Update", OLD)
    assert (world.puts, world.stopped) == (0, [])
    assert answers.only["status"] == "SUCCESS"


def test_a_second_attempt_stops_what_the_first_one_left(world: World, answers: Answers) -> None:
    world.value, world.written = NEW, NOON + timedelta(minutes=10)
    world.created = {"one": NOON, "two": NOON + timedelta(minutes=11)}
    call("Create")
    assert (world.puts, world.stopped) == (0, ["one"])


def test_no_tasks_are_nothing_to_wait_for(world: World, answers: Answers) -> None:
    call("Create")
    assert answers.only["status"] == "SUCCESS"


def test_tasks_that_do_not_get_healthy_do_not_hold_the_stack(
    world: World, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    world.created = {"one": NOON}
    world.looks_until_healthy = 10_000
    call("Create")
    assert answers.only["status"] == "SUCCESS"
    assert "not healthy yet" in capsys.readouterr().out


def test_the_end_of_the_month_changes_nothing(world: World, answers: Answers) -> None:
    world.created = {"one": NOON}
    call("Delete")
    assert (world.puts, world.stopped, world.value) == (0, [], OLD)
    assert answers.only["status"] == "SUCCESS"


def test_an_error_fails_the_stack_with_its_reason(
    world: World, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(**_: Any) -> None:
        raise PermissionError("not allowed")

    monkeypatch.setattr(world, "put_parameter", deny)
    call("Create")
    assert answers.only["status"] == "FAILED"
    assert "not allowed" in answers.only["reason"]
