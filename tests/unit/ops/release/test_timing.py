"""How long a release takes, by its configuration."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.release.timing import Mode, Timing, mode_of, read_timing, traffic_shift
from tests.support.aws import aws_of

MINUTE = timedelta(minutes=1)
CANARY = Timing(shift=5 * MINUTE, first_percent=10, bake=MINUTE)


@pytest.mark.parametrize(
    ("routing", "shift", "first"),
    [
        ({"type": "AllAtOnce"}, timedelta(), 100),
        ({"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5}}, 5 * MINUTE, 10),
        (
            {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 3}},
            27 * MINUTE,
            10,
        ),
        ({"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 30, "linearInterval": 1}}, 3 * MINUTE, 30),
        ({}, timedelta(), 100),
    ],
)
def test_a_shift_takes_what_its_routing_says(routing: Any, shift: timedelta, first: int) -> None:
    assert traffic_shift(routing) == (shift, first)


@pytest.mark.parametrize(
    ("running", "shifting", "baking", "left"),
    [
        (0, None, None, 90 + 300 + 60),
        (60, None, None, 30 + 300 + 60),
        (270, None, None, 300 + 60),
        (600, None, None, None),
        (120, 100, None, 200 + 60),
        (900, 400, None, 60),
        (500, 300, 20, 40),
        (500, 300, 90, 0),
    ],
)
def test_what_is_left_shrinks_step_by_step(
    running: float, shifting: float | None, baking: float | None, left: float | None
) -> None:
    def span(seconds: float | None) -> timedelta | None:
        return None if seconds is None else timedelta(seconds=seconds)

    found = CANARY.left(running=timedelta(seconds=running), shifting=span(shifting), baking=span(baking))
    assert found == span(left)


def test_tasks_may_need_the_time_that_the_settings_give_them() -> None:
    slow = replace(CANARY, grace=5 * MINUTE)
    late = 8 * MINUTE
    assert CANARY.left(running=late, shifting=None, baking=None) is None
    assert slow.left(running=late, shifting=None, baking=None) == CANARY.shift + CANARY.bake
    assert slow.left(running=late + 2 * MINUTE, shifting=None, baking=None) is None


def test_the_settings_grace_is_read(settings: Settings) -> None:
    info: Any = SimpleNamespace(
        get_deployment_config=lambda **_: {"deploymentConfigInfo": {}},
        get_deployment_group=lambda **_: {"deploymentGroupInfo": {}},
    )
    aws: Any = aws_of(codedeploy=info, settings=settings)
    seconds = settings.service.start_grace_seconds
    assert read_timing(aws, "x") == Timing(
        shift=timedelta(), first_percent=100, bake=timedelta(), grace=timedelta(seconds=seconds)
    )


def test_the_limit_grows_with_the_configuration() -> None:
    slow = Timing(shift=135 * MINUTE, first_percent=10, bake=MINUTE)
    assert slow.longest - CANARY.longest == 130 * MINUTE
    assert CANARY.longest > 2 * timedelta(hours=1)


def test_modes_are_known_by_their_configuration() -> None:
    assert [mode_of(mode.configuration) for mode in Mode] == ["bluegreen", "canary"]
    assert mode_of("CodeDeployDefault.ECSLinear10PercentEvery1Minutes") == "ECSLinear10PercentEvery1Minutes"


@pytest.mark.parametrize(
    "page", ["docs/releases.md", "docs/operations.md", "docs/operations.ja.md", "docs/workflows.md"]
)
def test_the_documents_say_what_the_command_computes(page: str) -> None:
    text = (Path(__file__).parents[4] / page).read_text(encoding="utf-8")
    for shift in (timedelta(), 5 * MINUTE):
        minutes = Timing(shift=shift, first_percent=10, bake=MINUTE).typical / MINUTE
        assert f" {minutes:g} minutes" in text or f" {minutes:g} 分" in text
