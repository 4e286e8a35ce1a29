"""Which ranges a VPC may have, and by which list CloudFront reaches it."""

from pathlib import Path

import pytest

from tests.support.settings_file import load, minimal, problem, with_value


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
    assert f"network.cidr: {cidr} is in {kept}, in which AWS creates no VPC" in message


@pytest.mark.parametrize(
    "cidr",
    ["10.0.0.0/16", "1.0.0.0/16", "100.64.0.0/16", "172.17.0.0/16", "169.253.0.0/16", "198.19.0.0/20", "240.0.0.0/16"],
)
def test_a_range_that_aws_makes_a_vpc_of_is_taken(tmp_path: Path, cidr: str) -> None:
    assert load(tmp_path, with_value("network.cidr", cidr)).network.cidr == cidr


def test_another_region_has_its_own_prefix_list(tmp_path: Path) -> None:
    content = {**minimal(), "region": "eu-west-1"}
    content["network"]["availability_zones"] = ["eu-west-1a", "eu-west-1b"]
    network = load(tmp_path, content).network
    assert network.cloudfront_prefix_list_id == "pl-4fa04526"
    assert "cloudfront_prefix_list_id" not in network.model_fields_set
    assert load(tmp_path, minimal()).network.cloudfront_prefix_list_id == "pl-58a04531"

    content["network"]["cloudfront_prefix_list_id"] = "pl-58a04531"
    message = problem(tmp_path, content)
    assert "network.cloudfront_prefix_list_id: pl-58a04531 is ap-northeast-1's; eu-west-1's is pl-4fa04526" in message

    content["network"]["cloudfront_prefix_list_id"] = "pl-0123456789abcdef0"  # whatever AWS will call it
    assert load(tmp_path, content).network.cloudfront_prefix_list_id == "pl-0123456789abcdef0"
