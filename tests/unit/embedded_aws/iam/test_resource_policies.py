"""Policies of buckets, topics and repositories that their services refuse, and unusual ones that they take."""

from collections.abc import Callable
from typing import Any

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.iam.resource_policies import check_bucket_policy, check_repository_policy, check_topic_policy

ARN = "arn:aws:s3:::pages"
READING: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "111122223333"},
    "Action": "s3:GetObject",
    "Resource": f"{ARN}/*",
}
TOPIC = "arn:aws:sns:ap-northeast-1:111122223333:alerts"
TELLING = READING | {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": TOPIC}


def statement(**changes: Any) -> dict[str, Any]:
    return {"Statement": [{name: it for name, it in (READING | changes).items() if it is not None}]}


@pytest.mark.parametrize(
    "policy",
    [
        statement(Action="s3:*", Resource=[ARN, f"{ARN}/*"]),
        statement(Action=["S3:getobject", "s3:List*"], Resource=[ARN, f"{ARN}/a"]),
        statement(Action="*", Resource="*"),
        statement(Resource=f"{ARN}*", Action=["s3:GetObject", "s3:ListBucket"]),
        statement(Resource=f"{ARN}/home/${{aws:username}}/*", Sid="with a space"),
        statement(Action=None, NotAction="s3:GetObject", Effect="Deny", Principal="*"),
        statement(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}, Effect="Deny"),
        statement(Principal={"AWS": ["*", "AIDACKCEVSQ6C2EXAMPLE", "arn:aws:iam::111122223333:user/path/name"]}),
        statement(Principal={"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}),
        statement(Principal={"Service": ["logging.s3.amazonaws.com", "logs.ap-northeast-1.amazonaws.com"]}),
        statement(Principal={"AWS": "arn:aws:sts::111122223333:assumed-role/name/session"}),
        statement(
            Condition={"ForAllValues:StringLike": {"aws:TagKeys": ["a*"]}, "Null": {"s3:ExistingObjectTag/a": "true"}}
        ),
        statement(Condition={"StringEquals": {"s3:ExistingObjectTag/team": "a", "AWS:SourceAccount": "111122223333"}}),
        {"Version": "2008-10-17", "Id": "any", "Statement": READING},
    ],
)
def test_policies_of_buckets(policy: dict[str, Any]) -> None:
    check_bucket_policy("pages", policy)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("{", "Policies must be valid JSON and the first byte must be '{'"),
        ({"Statement": []}, "Could not parse the policy: Statement is empty!"),
        ({"Statement": [5]}, "Could not parse the policy: Statement is empty!"),
        ({"Version": "2020-01-01", "Statement": [READING]}, "The policy must contain a valid version string"),
        (statement(Effect="allow"), "Invalid effect"),
        (statement(Comment="x"), "Unknown field in the policy"),
        (statement(Principal=None), "Missing required field Principal"),
        (statement(Principal={"AWS": "bob"}), "Invalid principal in policy"),
        (statement(Principal={"AWS": "arn:aws:iam::111122223333:role/*"}), "Invalid principal in policy"),
        (statement(Principal={"Nobody": "x"}), "Invalid principal in policy"),
        (statement(Principal={}), "Invalid principal in policy"),
        (statement(Action="s3:GetObjet"), "Policy has invalid action"),
        (statement(Action="ec2:DescribeInstances"), "Policy has invalid action"),
        (statement(Action=None), "Policy has invalid action"),
        (statement(Resource="arn:aws:s3:::other/*"), "Policy has invalid resource"),
        (statement(Resource="pages/*"), "Policy has invalid resource"),
        (statement(Resource=None), "Policy has invalid resource"),
        (statement(Action="s3:ListBucket"), "Action does not apply to any resource(s) in statement"),
        (statement(Resource=ARN), "Action does not apply to any resource(s) in statement"),
        (statement(Condition={"StringEqual": {"aws:a": "b"}}), "Policy has an invalid condition operator"),
        (statement(Condition={"StringEquals": {"s3:nonsense": "b"}}), "Policy has an invalid condition key"),
        (
            statement(Condition={"StringEquals": {"s3:prefix": "b"}}),
            "Conditions do not apply to combination of actions and resources in statement",
        ),
        (statement(Condition={"StringEquals": {"SourceAccount": "b"}}), "Policy has an invalid condition key"),
    ],
)
def test_wrong_policies_of_buckets(policy: Any, said: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_bucket_policy("pages", policy)

    assert refusal.value.message == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"Action": ["SNS:Subscribe", "sns:Get*"], "Principal": {"AWS": "*"}}, None),
        ({"Action": "sns:Publsh"}, "Invalid parameter: Policy statement action out of service scope!"),
        ({"Resource": f"{TOPIC}-other"}, "Invalid parameter: Policy statement must apply to a single resource"),
        ({"Principal": {"AWS": "bob"}}, "Invalid parameter: Policy Error: PrincipalNotFound"),
        ({"Effect": "allow"}, "Invalid parameter: Policy Error: null"),
    ],
)
def test_policies_of_topics(changes: dict[str, Any], said: str | None) -> None:
    assert refused(lambda: check_topic_policy(TOPIC, {"Statement": TELLING | changes})) == said


def test_policies_of_repositories() -> None:
    pulling = {"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}
    check_repository_policy({"Statement": [pulling]})

    with pytest.raises(Refusal, match="Invalid repository policy provided"):
        check_repository_policy({"Statement": [pulling | {"Action": "ecr:Pull"}]})


def refused(check: Callable[[], None]) -> str | None:
    try:
        check()
    except Refusal as refusal:
        return refusal.message
    return None
