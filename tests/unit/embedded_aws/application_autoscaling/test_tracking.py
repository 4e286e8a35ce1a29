"""When target tracking wants how many tasks."""

import pytest

from embedded_aws.application_autoscaling.tracking import wanted_count

CALM = [60.0] * 15


@pytest.mark.parametrize(
    ("current", "values", "wanted"),
    [
        (2, CALM, 2),  # at its target
        (2, [120.0] * 3 + CALM, 4),  # three minutes above it: in proportion
        (2, [120.0] * 2 + CALM, 2),  # two are not enough
        (4, [15.0] * 15, 1),  # fifteen minutes below nine tenths of it
        (4, [15.0] * 14 + [60.0], 4),  # fourteen are not enough
        (4, [55.0] * 15, 4),  # below it, but not by a tenth
        (3, [0.0] * 15, 1),  # never none
        (2, [120.0, None, 120.0, *CALM], 2),  # a minute without data says nothing
        (2, [None] * 15, 2),
    ],
)
def test_tasks_follow_the_metric(current: int, values: list[float | None], wanted: int) -> None:
    assert wanted_count(current, values[:15], 60.0) == wanted
