"""Objectives: what they allow, and that a single failure never alarms."""

import pytest
from pydantic import ValidationError

from installation.settings.alarms import ObjectiveSettings


def test_the_defaults_alarm_at_two_percent_and_not_at_a_single_failure() -> None:
    objectives = ObjectiveSettings()
    assert (objectives.availability_limit, objectives.latency_limit) == (0.6, 6.0)
    assert 100 / objectives.least_requests < objectives.availability_limit < 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"least_requests": 100}, "at least 167"),
        ({"availability_percent": 99.99}, "at least 1667"),
        ({"latency_percent": 80, "burn_rate": 6}, "no alarm could go into ALARM; below 5,"),
    ],
)
def test_a_minimum_at_which_one_failure_alarms_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ObjectiveSettings.model_validate(values)
