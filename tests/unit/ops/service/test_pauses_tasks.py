"""How many tasks a resume starts."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.service import pauses
from tests.support.aws import given
from tests.support.clock import Clock


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
    template = {"Resources": {"Service": {"Type": "AWS::ECS::Service", "Properties": {"DesiredCount": 2}}}}
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
