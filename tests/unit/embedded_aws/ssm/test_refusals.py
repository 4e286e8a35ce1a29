"""What Parameter Store takes as a value."""

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.ssm.refusals import check_parameter


def test_a_value_fits_its_pattern() -> None:
    check_parameter({"Name": "/a", "Value": "12", "AllowedPattern": r"^\d+$"})
    with pytest.raises(Refusal, match="cannot be validated against allowedPattern"):
        check_parameter({"Name": "/a", "Value": "x", "AllowedPattern": r"^\d+$"})


def test_a_pattern_that_only_java_reads_refuses_nothing() -> None:
    check_parameter({"Name": "/a", "Value": "x", "AllowedPattern": r"^\p{Alpha}+$"})
