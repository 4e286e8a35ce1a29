"""What a template's names refer to."""

import json

import pytest

from embedded_aws.iam import emulator as iam
from embedded_aws.requests.known import KNOWN

ROLE = "arn:aws:iam::000000000000:role/deploying"


@pytest.mark.parametrize(
    ("service", "right"),
    [
        ("codedeploy.amazonaws.com", True),
        ("codedeploy.us-east-1.amazonaws.com", True),
        ("codedeploy.us-west-2.amazonaws.com", False),
        ("ecs-tasks.amazonaws.com", False),
    ],
)
def test_a_role_of_codedeploy_may_trust_its_region(monkeypatch: pytest.MonkeyPatch, service: str, right: bool) -> None:
    monkeypatch.setattr("embedded_aws.requests.known.get_region", lambda: "us-east-1")
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}}
    iam.roles["deploying"] = {"Arn": ROLE, "AssumeRolePolicyDocument": json.dumps(trust)}
    try:
        assert KNOWN["role of CodeDeploy"](ROLE) is right
    finally:
        del iam.roles["deploying"]
