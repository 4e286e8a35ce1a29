"""Tokens and filters that many operations look at alike."""

import asyncio
import base64
import errno
import os

import pytest

from embedded_aws.core.protocols import SentRequest
from embedded_aws.core.refusal import Refusal
from embedded_aws.requests import common


def request(operation: str, **content: object) -> SentRequest:
    return SentRequest(operation=operation, content=dict(content))


@pytest.mark.parametrize(
    "token", ["0", "25", base64.b64encode(b"25").decode(), base64.urlsafe_b64encode(b"7").decode(), "MTA"]
)
def test_a_token_that_was_given_is_taken(token: str) -> None:
    common.check("ecs", request("ListTasks", nextToken=token))


@pytest.mark.parametrize("token", ["zz", "none", "-1", "", "é"])
def test_an_unknown_token_is_no_offset(token: str) -> None:
    assert not common.is_offset(token)


def test_a_wrong_token_is_refused_in_the_service_s_words() -> None:
    with pytest.raises(Refusal, match="Invalid token: zz") as refusal:
        common.check("ecs", request("ListTasks", nextToken="zz"))
    assert refusal.value.code == "InvalidParameterException"
    common.check("logs", request("GetLogEvents", nextToken="f/1"))  # looks at its own
    common.check("iam", request("ListRoles", NextToken="zz"))  # has none


def test_filters_are_those_of_the_documentation() -> None:
    for name in ("cidr", "isDefault", "tag:Name", "tag-key", "vpc-id"):
        common.check("ec2", request("DescribeVpcs", Filters=[{"Name": name, "Values": ["x"]}]))
    common.check("rds", request("DescribeDBParameterGroups", Filters=[{"Name": "any", "Values": ["x"]}]))  # names none
    with pytest.raises(Refusal, match="The filter 'colour' is invalid"):
        common.check("ec2", request("DescribeVpcs", Filters=[{"Name": "colour", "Values": ["x"]}]))
    with pytest.raises(Refusal, match="Unrecognized filter name: colour"):
        common.check("rds", request("DescribeDBInstances", Filters=[{"Name": "colour", "Values": ["x"]}]))


def test_a_trial_ends_where_nothing_refuses_it() -> None:
    common.end_trial("ec2", request("CreateVpc", DryRun="false"))
    common.end_trial("ecs", request("CreateCluster", DryRun="true"))
    with pytest.raises(Refusal, match="DryRun flag is set"):
        common.end_trial("ec2", request("CreateVpc", DryRun="true"))


def test_a_client_of_xml_can_read_that_this_machine_failed() -> None:
    async def full(*_: object) -> object:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/state/copy")

    status, headers, body = asyncio.run(common._readable("rds")(full, "POST", "/", {}, b"Action=CreateDBSnapshot", {}))

    assert (status, headers["Content-Type"]) == (500, "text/xml")
    assert b"No space left on device" in body
