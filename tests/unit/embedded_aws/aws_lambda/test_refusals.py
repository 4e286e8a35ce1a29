"""Variables and runtimes of a function."""

import pytest

from embedded_aws.aws_lambda import refusals
from embedded_aws.aws_lambda.refusals import check_function, check_new_function
from embedded_aws.core.refusal import Refusal


def test_variables_are_measured_as_json() -> None:
    check_function({"FunctionName": "a"})
    check_function({"Environment": {"Variables": {"A": "x" * (4_096 - len('{"A":""}'))}}})
    with pytest.raises(Refusal, match="exceeded the 4KB limit"):
        check_function({"Environment": {"Variables": {"A": '"' * 2_045}}})


def test_an_old_runtime_is_refused_to_new_functions_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that holds one may still change its memory."""
    dates = {
        "old": {"create-block": "2026-01-01", "update-block": "2999-01-01"},
        "gone": {"update-block": "2026-01-01"},
    }
    monkeypatch.setattr(refusals, "_lifecycles", lambda: dates)
    check_function({"Runtime": "old"})
    with pytest.raises(Refusal, match="The runtime parameter of old is no longer supported"):
        check_new_function({"Runtime": "old"})
    with pytest.raises(Refusal, match="The runtime parameter of gone is no longer supported"):
        check_function({"Runtime": "gone"})
