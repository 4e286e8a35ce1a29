"""No test passes with a call that boto3 would refuse, or with an answer that AWS never gives."""

import io
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.aws import aws_of, given

QUERY = {"Filters": [{"Name": "state", "Values": ["available"]}]}


def fake(answer: Any) -> Any:
    return SimpleNamespace(describe_nat_gateways=lambda **_: answer)


@pytest.mark.parametrize("way", ["made with it", "set later", "given"])
def test_each_client_is_checked(way: str) -> None:
    wrong = fake({"Gateways": []})
    aws: Any = aws_of(ec2=wrong) if way == "made with it" else aws_of()
    if way == "set later":
        aws.ec2 = wrong
    elif way == "given":
        aws = given(SimpleNamespace(ec2=wrong))
    with pytest.raises(AssertionError, match=r"describe_nat_gateways: \{'Gateways'\}"):
        aws.ec2.describe_nat_gateways(**QUERY)


@pytest.mark.parametrize("wrong", [{"Filtres": []}, {"Filters": ["state"]}, {"NatGatewayIds": "nat-1"}])
def test_arguments_that_boto3_refuses_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=r"ec2\.describe_nat_gateways"):
        aws_of(ec2=fake({})).ec2.describe_nat_gateways(**wrong)


def test_filters_of_ec2_have_boto3s_name() -> None:
    client: Any = aws_of(ec2=fake({"NatGateways": []})).ec2
    assert client.describe_nat_gateways(**QUERY) == {"NatGateways": []}


@pytest.mark.parametrize("page", [{"Deployments": []}, {"deployments": [1]}])
def test_pages_of_a_fakes_own_are_checked(page: Any) -> None:
    pages = SimpleNamespace(paginate=lambda **_: [{"deployments": ["d-1"]}, page])
    client: Any = aws_of(codedeploy=SimpleNamespace(get_paginator=lambda _: pages)).codedeploy
    read = client.get_paginator("list_deployments").paginate(applicationName="shop")
    assert next(read) == {"deployments": ["d-1"]}
    with pytest.raises(AssertionError, match=r"codedeploy\.list_deployments"):
        next(read)
    with pytest.raises(AssertionError, match="applicationname"):
        next(client.get_paginator("list_deployments").paginate(applicationname="shop"))


@pytest.mark.parametrize(("body", "good"), [(io.BytesIO(b"page"), True), (b"page", False)])
def test_what_boto3_streams_is_read(body: object, good: bool) -> None:
    client: Any = aws_of(s3=SimpleNamespace(get_object=lambda **_: {"Body": body, "ETag": "e"})).s3
    if good:
        assert client.get_object(Bucket="pages", Key="index.html")["Body"].read() == b"page"
        return
    with pytest.raises(AssertionError, match=r"get_object\.Body is a stream"):
        client.get_object(Bucket="pages", Key="index.html")
