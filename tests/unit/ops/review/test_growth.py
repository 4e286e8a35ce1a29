"""Twice as many resources are twice as much work for the review: counted in calls, so that no busy machine decides."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest

from installation import names
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.review import template_findings
from ops.templates.assembly import Assembly
from ops.templates.values import Map

_FEW, _MANY = 40, 120
_SERVICE = "delivery.logs.amazonaws.com"
Resource = dict[str, Any]


def _role(number: int, side: str) -> Resource:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": _SERVICE}}
    trust["Condition"] = {"StringEquals": {"aws:SourceAccount": side}}
    own = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{side}{number}/*"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [trust]},
            "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [own]}}],
        },
    }


def _bucket_policy(number: int, side: str) -> Resource:
    bucket = f"arn:aws:s3:::bucket{number}"
    own = {"Effect": "Allow", "Action": "s3:PutObject", "Principal": {"Service": _SERVICE}}
    plain: Resource = {"Effect": "Deny", "Action": "s3:*", "Principal": "*", "Resource": [bucket, f"{bucket}/*"]}
    plain["Condition"] = {"NumericLessThan": {"s3:TlsVersion": len(side)}}
    document = {"Statement": [own | {"Resource": f"{bucket}/{side}*"}, plain]}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": f"bucket{number}", "PolicyDocument": document}}


def _ingress(number: int, side: str) -> Resource:
    ports = {"FromPort": number, "ToPort": number + len(side), "IpProtocol": "tcp"}
    return {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": "sg", "CidrIp": "10.0.0.0/8", **ports}}


def _parameter(number: int, side: str) -> Resource:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": f"/{number}", "Type": "String", "Value": side}}


def _chained(number: int, side: str) -> Resource:
    """A security group that is replaced by what is replaced before it."""
    text: Any = {"Fn::Sub": f"after ${{Made{number - 1}}}"} if number else side
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": text, "VpcId": "vpc"}}


def _with(side: Assembly, made: Mapping[str, Resource]) -> Assembly:
    stack = side.stacks[names.GUARDRAIL_STACK]
    template: Map = {**stack.template, "Resources": {**stack.resources, **made}}
    return replace(side, stacks={**side.stacks, stack.name: replace(stack, template=template)})


def _work(base: Assembly, head: Assembly, cdk_diff: CdkDiff) -> int:
    """Calls of a review, of Python's functions and of built-in ones."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        template_findings(compare(base, head, cdk_diff, base.region), None)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("make", [_role, _bucket_policy, _ingress, _parameter, _chained])
@pytest.mark.parametrize("change", ["added", "changed", "removed"])
def test_work_grows_with_the_number_of_resources(
    dev: Assembly, cdk_diff: CdkDiff, make: Callable[[int, str], Resource], change: str
) -> None:
    def work(number: int) -> int:
        sides = [_with(dev, {f"Made{it}": make(it, side) for it in range(number)}) for side in ("a", "bb")]
        base, head = {"added": (dev, sides[1]), "removed": (sides[0], dev), "changed": sides}[change]
        return _work(base, head, cdk_diff)

    work(1)  # what is read once and kept
    none, few, many = work(0), work(_FEW), work(_MANY)
    each = (few - none) / _FEW
    assert many - none <= each * _MANY * 1.15, (
        f"{each:.0f} calls each of {_FEW}, {(many - none) / _MANY:.0f} of {_MANY}"
    )
