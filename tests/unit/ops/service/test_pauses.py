"""What a pause would do, and when it is refused."""

from types import SimpleNamespace
from typing import Any

import pytest

from installation.autoscaling_settings import AutoscalingSettings
from installation.settings import Settings
from ops.service import pauses


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A month with one task and an available database; no release runs."""
    service = SimpleNamespace(desired=1)
    database = SimpleNamespace(name="shop-db", status="available")
    monkeypatch.setattr(pauses, "read_service", lambda *_: service)
    monkeypatch.setattr(pauses, "read_database", lambda *_: database)
    monkeypatch.setattr(pauses, "running_deployments", lambda *_: [])
    return SimpleNamespace(ecs=None, rds=None, codedeploy=None)


def test_a_pause_ends_the_tasks_and_stops_the_database(running: Any, settings: Settings) -> None:
    plan = pauses.plan(running, settings, "pause")
    assert plan.steps == ("service: 1 to 0 task(s)", "database: stop shop-db, which is available")
    assert plan.refusals == ()
    assert pauses.plan(running, settings, "resume").steps == ()


def test_a_service_that_scales_is_not_paused(running: Any, settings: Settings) -> None:
    service = settings.service.model_copy(update={"autoscaling": AutoscalingSettings(least=1, most=2, cpu_percent=50)})
    plan = pauses.plan(running, settings.model_copy(update={"service": service}), "pause")
    assert any("a pause does not go with it" in reason for reason in plan.refusals)
