"""The replay against the emulator's evaluator, on made policies and calls of which everything is known."""

import json
import random
from datetime import date
from typing import NamedTuple

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from ops.iam.review.replay import prove
from ops.iam.review.resources import Request
from ops.iam.review.usage import Call, Coverage, Outcome, Usage
from ops.templates.values import Map
from tests.support.trail_events import ACCOUNT, ARN, policies, policy

CASES = 1_500
OWN = "arn:aws:s3:::${aws:PrincipalAccount}x"
BUCKETS = ("*", "arn:aws:s3:::a*", "arn:aws:s3:::ab", "arn:aws:s3:::b?", OWN)
ACTIONS = ("*", "s3:*", "s3:GetBucketTagging", "s3:GetBucket*", "s3:PutBucketTagging")
CONDITIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws:RequestedRegion": (
        ("StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists"),
        ("ap-northeast-1", "us-east-1"),
    ),
    "aws:SourceIp": (("IpAddress", "NotIpAddress", "IpAddressIfExists"), ("203.0.113.0/24", "198.51.100.7")),
    "aws:userid": (("StringLike", "StringNotLike", "StringEquals"), ("AROA:a", "AROA:*", "AROA:b")),
    "aws:SecureTransport": (("Bool", "BoolIfExists"), ("true", "false")),
    "aws:username": (("StringEquals", "StringNotEquals", "StringEqualsIfExists"), ("me",)),
    "aws:PrincipalArn": (("ArnEquals", "ArnNotLike"), (ARN, "arn:aws:iam::*:role/Other")),
}


class Made(NamedTuple):
    """A call, as a record tells it."""

    action: str
    bucket: str
    region: str
    address: str
    session: str


def condition(chance: random.Random) -> Map:
    found: dict[str, Map] = {}
    for key in chance.sample(sorted(CONDITIONS), chance.randint(0, 2)):
        operators, values = CONDITIONS[key]
        wanted = chance.sample(values, chance.randint(1, min(2, len(values))))
        found.setdefault(chance.choice(operators), {})[key] = [*wanted]
    return {**found}


def statement(chance: random.Random) -> Map:
    content: Map = {"Effect": chance.choice(["Allow", "Allow", "Deny"])}
    if chance.random() < 0.15:
        content["NotAction"] = [chance.choice(ACTIONS[1:])]
    else:
        content["Action"] = [chance.choice(ACTIONS)]
    buckets = chance.sample(BUCKETS, chance.randint(1, 2))
    if chance.random() < 0.2:
        content["NotResource"] = [one for one in buckets if one not in ("*", OWN)] or ["arn:aws:s3:::ab"]
    else:
        content["Resource"] = [*buckets]
    conditions = condition(chance)
    return content | ({"Condition": conditions} if conditions else {})


def usage(made: Made) -> Usage:
    name = made.action.partition(":")[2]
    request = Request(event=made.action, arns=(), named=(("bucketName", (made.bucket,)),), region=made.region, role=ARN)
    call = Call(
        day=date(2026, 11, 1),
        source="s3.amazonaws.com",
        name=name,
        outcome=Outcome.AUTHORIZED,
        parameters=frozenset(),
        request=request,
        count=1,
        said=f"sourceIPAddress={made.address}\nprincipalId={made.session}\ntlsVersion=TLSv1.3\n",
    )
    coverage = Coverage(
        first=call.day, last=call.day, days_with_events=1, events=1, role_events=1, regions=(made.region,), selectors=()
    )
    return Usage(issuers=(ARN,), others=(), calls=(call,), unmapped=(), errors={}, coverage=coverage)


def second_opinion(document: Map, made: Made) -> bool:
    """The emulator knows no variables, so they are written out for it."""
    text = json.dumps(document).replace("${aws:PrincipalAccount}", ACCOUNT)
    context = EvalContext(
        principal_arn=ARN,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=made.action,
        resource_arn=f"arn:aws:s3:::{made.bucket}",
        region=made.region,
        source_ip=made.address,
        secure_transport=True,
        service_context={"aws:userid": made.session},
    )
    return bool(evaluate(context, [parse_policy_document(text)]).decision == "Allow")


def test_the_emulator_is_of_the_same_opinion() -> None:
    chance = random.Random(11)  # noqa: S311 - the same cases every time
    today = policies(policy("*"))
    answers = set()
    for _ in range(CASES):
        document: Map = {
            "Version": "2012-10-17",
            "Statement": [statement(chance) for _ in range(chance.randint(1, 4))],
        }
        made = Made(
            action=chance.choice(["s3:GetBucketTagging", "s3:PutBucketTagging"]),
            bucket=chance.choice(["ab", "a", "bc", f"{ACCOUNT}x", "zz"]),
            region=chance.choice(["ap-northeast-1", "us-east-1"]),
            address=chance.choice(["203.0.113.9", "198.51.100.7"]),
            session=chance.choice(["AROA:a", "AROA:b"]),
        )
        proof = prove(today, document, usage(made))
        expected = second_opinion(document, made)
        assert (proof.proved, proof.refused_calls) == (int(expected), int(not expected)), (document, made)
        answers.add(expected)
    assert answers == {True, False}
