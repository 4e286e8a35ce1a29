"""How long the variables of a function may be."""

import pytest

from embedded_aws.aws_lambda.refusals import check_function
from embedded_aws.core.refusal import Refusal


def test_variables_are_measured_as_json() -> None:
    check_function({"FunctionName": "a"})
    check_function({"Environment": {"Variables": {"A": "x" * (4_096 - len('{"A":""}'))}}})
    with pytest.raises(Refusal, match="exceeded the 4KB limit"):
        check_function({"Environment": {"Variables": {"A": '"' * 2_045}}})
