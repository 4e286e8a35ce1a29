"""What Parameter Store takes as a value."""

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.requests.known import check
from embedded_aws.ssm import check_parameter


def test_a_value_fits_its_pattern() -> None:
    check_parameter({"Name": "/a", "Value": "12", "AllowedPattern": r"^\d+$"})
    with pytest.raises(Refusal, match="cannot be validated against allowedPattern"):
        check_parameter({"Name": "/a", "Value": "x", "AllowedPattern": r"^\d+$"})


def test_a_pattern_that_only_java_reads_refuses_nothing() -> None:
    check_parameter({"Name": "/a", "Value": "x", "AllowedPattern": r"^\p{Alpha}+$"})


@pytest.mark.parametrize("value", ["{{name}}", "a {{ ssm:b }} c", "{{}}"])
def test_a_value_that_looks_like_a_reference_is_refused(value: str) -> None:
    with pytest.raises(Refusal, match="Parameter value can't nest another parameter"):
        check("ssm:PutParameter", {"Name": "/a", "Value": value})


def test_single_braces_are_no_reference() -> None:
    check("ssm:PutParameter", {"Name": "/a", "Value": '{"a":{"b":{}}}'})
