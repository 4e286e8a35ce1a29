"""Which ranges a VPC may have."""

from pathlib import Path

import pytest

from tests.support.settings_file import load, problem, with_value


@pytest.mark.parametrize(
    ("cidr", "kept"),
    [
        ("0.0.0.0/16", "0.0.0.0/8"),
        ("0.255.0.0/16", "0.0.0.0/8"),
        ("127.0.0.0/16", "127.0.0.0/8"),
        ("169.254.0.0/16", "169.254.0.0/16"),
        ("169.254.16.0/20", "169.254.0.0/16"),
        ("224.0.0.0/16", "224.0.0.0/4"),
        ("239.255.240.0/20", "224.0.0.0/4"),
    ],
)
def test_a_range_that_aws_gives_no_vpc_is_refused(tmp_path: Path, cidr: str, kept: str) -> None:
    message = problem(tmp_path, with_value("network.cidr", cidr))
    assert f"network.cidr: {cidr} lies in {kept}, of which AWS makes no VPC" in message


@pytest.mark.parametrize(
    "cidr",
    ["10.0.0.0/16", "1.0.0.0/16", "100.64.0.0/16", "172.17.0.0/16", "169.253.0.0/16", "198.19.0.0/20", "240.0.0.0/16"],
)
def test_a_range_that_aws_makes_a_vpc_of_is_taken(tmp_path: Path, cidr: str) -> None:
    assert load(tmp_path, with_value("network.cidr", cidr)).network.cidr == cidr
