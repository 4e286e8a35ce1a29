"""Expressions over the series of GetMetricData."""

import pytest

from embedded_aws.cloudwatch.metric_data import computed
from embedded_aws.cloudwatch.metric_math import MathError

A = {"Id": "a", "MetricStat": {}}
RESULTS = [
    {"Id": "a", "Timestamps": ["1", "2"], "Values": [1.0, 2.0]},
    {"Id": "b", "Timestamps": ["2"], "Values": [5.0]},
]


def test_an_expression_has_values_at_the_times_of_what_it_names() -> None:
    series = computed([A, {"Id": "e", "Expression": "a + b"}, {"Id": "f", "Expression": "e * 2"}], RESULTS)

    assert series["e"] == {"1": 1.0, "2": 7.0}  # a series without a value adds nothing
    assert series["f"] == {"1": 2.0, "2": 14.0}
    assert series["a"] == {"1": 1.0, "2": 2.0}


def test_an_expression_may_name_a_later_one() -> None:
    queries = [{"Id": "f", "Expression": "e * 2"}, {"Id": "e", "Expression": "a + b"}]
    assert computed(queries, RESULTS)["f"] == {"1": 2.0, "2": 14.0}


@pytest.mark.parametrize(
    "queries",
    [[{"Id": "e"}], [{"Id": "e", "Expression": "f"}, {"Id": "f", "Expression": "e"}], [{"Id": "e", "Expression": "e"}]],
)
def test_one_that_never_has_a_value_is_an_error(queries: list[dict[str, str]]) -> None:
    with pytest.raises(MathError):
        computed(queries, RESULTS)


@pytest.mark.parametrize("expression", ["c * 2", "a *", "FROBNICATE(a)"])
def test_an_expression_that_is_none_is_an_error_without_data_too(expression: str) -> None:
    with pytest.raises(MathError):
        computed([{"Id": "e", "Expression": expression}], [{"Id": "a", "Timestamps": [], "Values": []}])
