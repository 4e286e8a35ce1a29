"""Policies that are none, in IAM's words."""

from typing import Any

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.iam.policy_grammar import check_identity_policy, check_trust_policy

ACCOUNT = "111122223333"
READING: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUSTING: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"Action": ["s3:Get*", "*"]}, None),
        ({"Resource": ["arn:aws:s3:::a/*", "*"]}, None),
        (
            {
                "Condition": {
                    "ForAllValues:StringLikeIfExists": {"aws:TagKeys": "a"},
                    "Bool": {"aws:SecureTransport": "true"},
                }
            },
            None,
        ),
        ({"Action": "GetObject"}, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        ({"Action": "s3:Get:Object"}, "Actions/Condition can contain only one colon."),
        ({"Action": "s 3:Get"}, "Vendor s 3 is not valid"),
        ({"Sid": "Any0"}, None),
        (
            {"Sid": "any thing"},
            (
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
                "[0-9A-Za-z]*"
            ),
        ),
        ({"Comment": "x"}, "Syntax errors in policy."),
        ({"NotAction": "s3:*"}, "Syntax errors in policy."),
        ({"Resource": ["arn:aws:s3:::a", "arn:*", "arn:aws:*", "*:*", "${aws:username}"]}, None),
        ({"Resource": "arn:aws:s3"}, 'Resource arn:aws:s3 must be in ARN format or "*".'),
        ({"Action": []}, "Policy statement must contain actions."),
        ({"Resource": []}, "Policy statement must contain resources."),
        ({"Resource": "bucket"}, 'Resource bucket must be in ARN format or "*".'),
        ({"Principal": "*"}, "Policy document should not specify a principal."),
        ({"Effect": "allow"}, "Syntax errors in policy."),
        ({"Principal": None}, "Syntax errors in policy."),
        ({"NotPrincipal": None}, "Syntax errors in policy."),
        ({"Condition": {"StringIs": {"aws:a": "b"}}}, "Invalid Condition type : StringIs."),
    ],
)
def test_identity_policies_are_taken_or_refused(statement: dict[str, Any], said: str | None) -> None:
    policy = {"Version": "2012-10-17", "Statement": [READING | statement]}

    assert refused(lambda: check_identity_policy(policy)) == said


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("{", "Syntax errors in policy."),
        ({"Statement": []}, "Syntax errors in policy."),
        ({"Statement": 5}, "Syntax errors in policy."),
        ({"Version": "2026-01-01", "Statement": READING}, "The policy must contain a valid version string"),
        (
            {"Statement": [READING | {"Sid": "a"}, READING | {"Sid": "a"}]},
            "Statement IDs (SID) in a single policy must be unique.",
        ),
    ],
)
def test_invalid_policy_documents_are_refused(policy: str | dict[str, Any], said: str) -> None:
    assert refused(lambda: check_identity_policy(policy)) == said


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({}, None),
        ({"Action": ["sts:AssumeRole", "sts:TagSession"]}, None),
        ({"Action": ["sts:AssumeRole*", "sts:*"]}, None),
        (
            {
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/x"},
            },
            None,
        ),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, None),
        ({"Principal": {"AWS": "arn:aws:iam::444455556666:role/theirs"}}, None),
        ({"Principal": {"Federated": "cognito-identity.amazonaws.com"}}, None),
        (
            {"Principal": {"Federated": "token"}},
            "Federated principals must be valid domain names or SAML metadata ARNs",
        ),
        ({"Principal": {"Service": "ecs-tasks"}}, 'Invalid principal in policy: "SERVICE":"ecs-tasks"'),
        (
            {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/missing"}},
            f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:role/missing"',
        ),
        ({"Action": "s3:GetObject"}, "AssumeRole policy may only specify STS AssumeRole actions."),
        ({"Resource": "*"}, "Has prohibited field Resource"),
    ],
)
def test_trust_policies_are_taken_or_refused(statement: dict[str, Any], said: str | None) -> None:
    policy = {"Version": "2012-10-17", "Statement": TRUSTING | statement}

    assert refused(lambda: check_trust_policy(policy, ACCOUNT)) == said


def test_a_trust_policy_names_a_principal() -> None:
    policy = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}

    assert refused(lambda: check_trust_policy(policy, ACCOUNT)) == "Missing required field Principal"


def refused(check: Any) -> str | None:
    try:
        check()
    except Refusal as refusal:
        return refusal.message
    return None
