"""How many tasks a resume starts."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.service import pauses
from tests.support.aws import given
from tests.support.clock import Clock


def service_of(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::ECS::Service", "Properties": properties}


def test_a_resume_starts_as_many_tasks_as_are_deployed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """It started the number of the settings, which a month takes up at its beginning only, and drift said so."""
    service, database = SimpleNamespace(desired=0, steady=True, running=2), SimpleNamespace(name="shop-db", status="")
    for name in ("start_database", "_wait_for_alarm", "require_started"):
        monkeypatch.setattr(pauses, name, lambda *_: None)
    for name in ("busy_stack_refusals", "running_release_refusals", "restore_refusals", "_state_refusals"):
        monkeypatch.setattr(pauses, name, lambda *_, **__: ())
    for name, answer in {"read_service": service, "read_database": database, "read_databases": None}.items():
        monkeypatch.setattr(pauses, name, lambda *_, answer=answer: answer)
    asked: list[int] = []
    template = {"Resources": {"Service": service_of(ServiceName=settings.names.service, DesiredCount=2)}}
    alarms: dict[str, Any] = {
        "describe_alarms": lambda **_: {"MetricAlarms": []},
        "enable_alarm_actions": lambda **_: None,
    }
    clients: Any = SimpleNamespace(
        cloudformation=SimpleNamespace(get_template=lambda **_: {"TemplateBody": template}),
        cloudwatch=SimpleNamespace(**alarms),
        ecs=SimpleNamespace(update_service=lambda **request: asked.append(request["desiredCount"])),
    )
    aws = given(clients, settings, polling=Clock().polling())
    assert settings.service.desired_count == 1
    assert "service: 0 to 2 task(s)" in pauses.plan(aws, "resume").steps
    pauses.resume(aws, print, now=lambda: datetime(2026, 11, 26, tzinfo=UTC))
    assert asked == [2]


@pytest.mark.parametrize(
    ("body", "tasks"),
    [
        (
            {
                "Resources": {
                    "Other": service_of(DesiredCount=3),
                    "Service": service_of(ServiceName="{}", DesiredCount=2),
                }
            },
            2,
        ),
        ({"Resources": {"Service": service_of(ServiceName="{}", DesiredCount={"Ref": "N"})}}, 1),
        ({"Resources": {"Service": service_of(ServiceName="{}")}}, 1),
        ({"Resources": {"Service": {"Type": "AWS::ECS::Service"}}}, 1),
        ({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}, 1),
        ("Resources:\n  Service: {Type: AWS::ECS::Service}\n", 1),
    ],
)
def test_the_number_is_that_of_the_settings_where_the_template_says_none(
    settings: Settings, body: object, tasks: int
) -> None:
    """A template of another shape ended in a traceback, or in a reference where the number should be."""
    named = json.loads(json.dumps(body).replace("{}", settings.names.service))
    clients: Any = SimpleNamespace(cloudformation=SimpleNamespace(get_template=lambda **_: {"TemplateBody": named}))
    assert settings.service.desired_count == 1
    assert pauses.deployed_tasks(given(clients, settings)) == tasks
