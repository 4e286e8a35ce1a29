"""Subnets that EC2 refuses, and its filters."""

import pytest

from embedded_aws import ec2
from embedded_aws.core.refusal import Refusal
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.network_refusals import check_subnet, check_vpc

WRONG = pytest.mark.parametrize("block", ["abc", "10.0.0.0/33", "2001:db8::/56", ""])


@WRONG
def test_a_subnets_cidr_block_must_be_valid(block: str) -> None:
    properties = {"CidrBlock": block, "VpcId": next(iter(emulator.vpcs))}
    with pytest.raises(Refusal, match="This is not a valid CIDR block") as refusal:
        check_subnet(properties)
    assert refusal.value.code == "InvalidParameterValue"


@WRONG
def test_a_vpcs_cidr_block_must_be_valid(block: str) -> None:
    with pytest.raises(Refusal, match="This is not a valid CIDR block"):
        check_vpc({"CidrBlock": block})


def test_an_older_name_of_a_filter_is_understood() -> None:
    assert ec2._filters(lambda sent: sent, {"isDefault": ["true"], "cidr": ["x"]}) == {
        "is-default": ["true"],
        "cidr": ["x"],
    }
