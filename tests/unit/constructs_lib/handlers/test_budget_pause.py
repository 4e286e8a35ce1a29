"""A spent budget pauses the month; a message that means nothing does not, and what fails is told and tried again."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from constructs_lib.handlers import budget_pause
from tests.support.boto_model import ModelledClient

SETTINGS = {
    "ALARM": "shop-no-healthy-target",
    "BUDGET": "shop-monthly-limit",
    "CLUSTER": "shop-cluster",
    "DATABASE": "shop-db",
    "ENVIRONMENT": "dev",
    "PROJECT": "shop",
    "SCHEDULES": "shop-ResumeDatabase shop-ResumeTasks",
    "SERVICE": "shop-api",
    "TOPIC": "arn:aws:sns:ap-northeast-1:123456789012:shop-alerts",
}


class World:
    """All services at once, and what was asked of them."""

    def __init__(self) -> None:
        self.actual = "50.01"
        self.database = "available"
        self.busy: Exception | None = None
        self.calls: list[tuple[str, Any]] = []
        self.mail = ""

    def describe_budget(self, **request: str) -> Any:
        assert request == {"AccountId": "123456789012", "BudgetName": SETTINGS["BUDGET"]}
        limit, actual = {"Amount": "50.0", "Unit": "USD"}, {"Amount": self.actual, "Unit": "USD"}
        return {"Budget": {"BudgetLimit": limit, "CalculatedSpend": {"ActualSpend": actual}}}

    def get_schedule(self, *, Name: str) -> Any:  # noqa: N803
        state = "DISABLED" if ("disabled", Name) in self.calls else "ENABLED"
        own: dict[str, Any] = {
            "Name": Name,
            "GroupName": "default",
            "State": state,
            "ScheduleExpression": "cron(0 8 ? * MON *)",
        }
        own |= {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "arn", "RoleArn": "arn"}}
        return own | {"Arn": "arn", "CreationDate": datetime(2026, 11, 1, tzinfo=UTC), "ResponseMetadata": {}}

    def update_schedule(self, **request: str) -> None:
        kept = {"FlexibleTimeWindow", "GroupName", "Name", "ScheduleExpression", "State", "Target"}
        assert request.keys() == kept
        self.calls.append((request["State"].lower(), request["Name"]))

    def disable_alarm_actions(self, **request: Any) -> None:
        self.calls.append(("silent", request["AlarmNames"]))

    def update_service(self, **request: Any) -> None:
        assert (request["cluster"], request["service"]) == (SETTINGS["CLUSTER"], SETTINGS["SERVICE"])
        self.calls.append(("tasks", request["desiredCount"]))

    def describe_db_instances(self, *, DBInstanceIdentifier: str) -> Any:  # noqa: N803
        return {"DBInstances": [{"DBInstanceStatus": self.database, "DBInstanceIdentifier": DBInstanceIdentifier}]}

    def stop_db_instance(self, *, DBInstanceIdentifier: str) -> None:  # noqa: N803
        if self.busy:
            raise self.busy
        self.database = "stopping"
        self.calls.append(("database", DBInstanceIdentifier))

    def publish(self, **request: str) -> None:
        assert request["TopicArn"] == SETTINGS["TOPIC"]
        assert len(request["Subject"]) <= 100
        self.mail = request["Message"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(boto3, "client", lambda service: ModelledClient(service, made))
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return made


def call() -> None:
    arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:shop-budget-pause"
    budget_pause.handler({"Records": []}, SimpleNamespace(invoked_function_arn=arn))


def test_a_spent_budget_pauses_and_says_how_to_go_on(world: World) -> None:
    call()
    assert world.calls == [
        ("disabled", "shop-ResumeDatabase"),
        ("disabled", "shop-ResumeTasks"),
        ("silent", [SETTINGS["ALARM"]]),
        ("tasks", 0),
        ("database", SETTINGS["DATABASE"]),
    ]
    assert "50.01 of 50 USD" in world.mail
    assert "hannibal resume --env dev" in world.mail
    assert "NOT DONE" not in world.mail


@pytest.mark.parametrize("actual", ["0", "50.0"])
def test_a_budget_with_something_left_pauses_nothing(world: World, actual: str) -> None:
    """AWS Budgets may try a topic that it is given."""
    world.actual = actual
    call()
    assert (world.calls, world.mail) == ([], "")


def test_a_second_call_repeats_what_may_be_repeated(world: World) -> None:
    call()
    first = len(world.calls)
    call()
    assert world.calls[first:] == [("silent", [SETTINGS["ALARM"]]), ("tasks", 0)]


def test_a_failed_call_is_reported_and_tried_again(world: World) -> None:
    world.busy = RuntimeError("Instance shop-db is not in available state.")
    with pytest.raises(budget_pause.PauseError, match="database: Instance shop-db"):
        call()
    assert ("tasks", 0) in world.calls
    assert "NOT DONE" in world.mail
    assert "database: Instance shop-db is not in available state." in world.mail
    world.busy = None
    call()
    assert ("database", SETTINGS["DATABASE"]) in world.calls
