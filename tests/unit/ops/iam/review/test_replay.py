"""The replay with conditions: what is proved, what is refused, what depends on keys that the records do not tell."""

from pathlib import Path
from typing import Any

import pytest

from ops.iam.review.condition_keys import fields_of_policies
from ops.iam.review.logs import read_logs
from ops.iam.review.policies import Policies, PolicyError, parse
from ops.iam.review.query import Window
from ops.iam.review.replay import Proof, prove
from ops.iam.review.review import Review
from ops.iam.review.row_merging import RowMerger
from ops.iam.review.usage import Usage, newest_day, summarize
from ops.templates.values import Map
from tests.support.trail_events import ACCOUNT, ROLE, Event, event, policies, review_of, write

TOKYO, OHIO = "ap-northeast-1", "us-east-2"
OFFICE: dict[str, Any] = {"sourceIPAddress": "203.0.113.9", "tlsDetails": {"tlsVersion": "TLSv1.3"}}
ELSEWHERE = {**OFFICE, "sourceIPAddress": "198.51.100.1"}


def document(*statements: Map, version: str = "2012-10-17") -> Map:
    return {"Version": version, "Statement": [*statements]}


def allow(*actions: str, on: str = "*", **condition: Any) -> Map:
    content: Map = {"Sid": "Allows", "Effect": "Allow", "Action": [*actions], "Resource": on}
    return content | ({"Condition": condition} if condition else {})


def deny(*actions: str, on: str = "*", **condition: Any) -> Map:
    return allow(*actions, on=on, **condition) | {"Sid": "Denies", "Effect": "Deny"}


def granted(*statements: Map, boundary: Map | None = None) -> Policies:
    limit = parse(document(boundary), "limit") if boundary else None
    return policies(parse(document(*statements), "today"), boundary=limit)


def usage(folder: Path, asked: Policies, *events: Event) -> Usage:
    rows, problems, _ = read_logs(
        write(folder, *events), ROLE, fields=fields_of_policies(asked), merge=RowMerger(asked)
    )
    last = newest_day(rows)
    assert not problems
    assert last
    return summarize(rows, Window.ending(last, 30))


def replay(folder: Path, today: Policies, then: Map, *events: Event) -> Proof:
    """Events against today's policies and another one, with everything kept that either asks for."""
    both = policies(*today.identity, parse(then, "then"), boundary=today.boundary)
    return prove(today, then, usage(folder, both, *events))


def proposed(review: Review) -> list[Any]:
    statements: Any = review.proposed["Statement"]
    return [*statements]


def test_a_condition_that_held_is_proof_and_is_kept(tmp_path: Path) -> None:
    address = {"aws:SourceIp": "203.0.113.0/24"}
    statement = allow("ec2:DescribeVpc*", StringEquals={"aws:RequestedRegion": TOKYO}, IpAddress=address)
    review = review_of(tmp_path, granted(statement), event("DescribeVpcs", **OFFICE))
    assert (review.proof.events, review.proof.conditional, review.proof.proved, review.proof.undecided) == (1, 1, 1, ())
    assert proposed(review) == [statement | {"Action": ["ec2:DescribeVpcs"]}]
    (one,) = review.conditions
    assert (one.held, one.not_held, one.unknown, one.statement) == (1, 0, 0, "today: Allows")


def test_a_key_that_no_record_tells_is_named_and_is_no_proof(tmp_path: Path) -> None:
    statement = allow("ec2:Describe*", StringEquals={"aws:PrincipalTag/team": "web", "aws:RequestedRegion": TOKYO})
    review = review_of(tmp_path, granted(statement), event("DescribeVpcs"), event("DescribeVpcs", awsRegion=OHIO))
    assert review.proof.holds
    assert (review.proof.proved, review.proof.undecided_calls) == (0, 1)
    (one,) = review.proof.undecided
    assert (one.permission, one.keys, one.statements) == (
        "ec2:DescribeVpcs",
        ("aws:PrincipalTag/team",),
        ("proposed: Allows",),
    )
    # What is known not to hold decides, whatever the other key says.
    assert [one.calls for one in review.proof.refused_today] == [1]
    assert (review.conditions[0].unknown, review.conditions[0].not_held) == (1, 1)
    assert "1 undecided, because the records do not say enough (1 of them as today)" in review.proof.text
    assert "1 refused by today's policies as well" in review.proof.text
    assert review.conditions[0].text == (
        "did not hold for 1 call, not known for 1 call (aws:PrincipalTag/team); kept as it is"
    )
    assert proposed(review)[0]["Condition"] == statement["Condition"]


def test_a_call_that_today_allows_for_certain_is_told_apart_from_one_that_hangs_today_as_well(tmp_path: Path) -> None:
    team = {"aws:PrincipalTag/team": "web"}
    today = granted(allow("ec2:DescribeVpcs"), allow("ec2:DescribeSubnets", StringEquals=team) | {"Sid": "Tagged"})
    then = document(allow("ec2:DescribeVpcs", "ec2:DescribeSubnets", StringEquals=team))
    proof = replay(tmp_path, today, then, event("DescribeVpcs"), event("DescribeSubnets"))
    assert (proof.undecided_calls, proof.undecided_as_today) == (2, 1)
    assert [one.as_today for one in proof.undecided] == [1, 0]  # of the subnets, of the VPCs
    assert "as today" in proof.undecided[0].text
    assert "as today" not in proof.undecided[1].text


@pytest.mark.parametrize("condition", [["x"], "${Fn::If}", {"StringEquals": 1}])
def test_a_condition_that_iam_would_refuse_is_refused(tmp_path: Path, condition: Any) -> None:
    statement = allow("ec2:DescribeVpcs") | {"Condition": condition}
    with pytest.raises(PolicyError, match="operators, keys and values"):
        review_of(tmp_path, granted(statement), event("DescribeVpcs"))


@pytest.mark.parametrize("condition", [{"StringEquals": "x"}, {"Fn::If": {"aws:userid": "x"}}])
def test_a_condition_that_cannot_be_read_is_no_proof(tmp_path: Path, condition: Any) -> None:
    statement = allow("ec2:DescribeVpcs") | {"Condition": condition}
    review = review_of(tmp_path, granted(statement), event("DescribeVpcs"))
    assert (review.proof.proved, review.proof.undecided_calls) == (0, 1)
    assert proposed(review)[0]["Condition"] == condition


def test_a_statement_without_conditions_proves_what_another_leaves_open(tmp_path: Path) -> None:
    statements = allow("ec2:*", StringEquals={"aws:PrincipalTag/team": "web"}), allow("ec2:DescribeVpcs")
    review = review_of(tmp_path, granted(*statements), event("DescribeVpcs"))
    assert (review.proof.proved, review.proof.undecided) == (1, ())


def test_an_action_that_was_never_used_under_a_condition_leaves_its_statement(tmp_path: Path) -> None:
    abroad = allow("ec2:DescribeVpcs", "ec2:DescribeSubnets", StringEquals={"aws:RequestedRegion": OHIO})
    calls = event("DescribeVpcs"), event("DescribeSubnets", awsRegion=OHIO)
    everywhere = allow("ec2:DescribeVpcs", "ec2:DescribeSubnets") | {"Sid": "All"}
    review = review_of(tmp_path, granted(abroad, everywhere), *calls)
    assert [(one["Sid"], one["Action"]) for one in proposed(review)] == [
        ("Allows", ["ec2:DescribeSubnets"]),
        ("All", ["ec2:DescribeSubnets", "ec2:DescribeVpcs"]),
    ]
    assert review.conditions[0].never == ("ec2:DescribeVpcs",)
    assert review.conditions[0].text.endswith("kept, without what was used and never under it: ec2:DescribeVpcs")
    assert review.proof.proved == 2


def test_resources_are_narrowed_by_the_calls_that_a_condition_lets_through(tmp_path: Path) -> None:
    statements = (
        allow("s3:GetBucketTagging", on="arn:aws:s3:::*", StringEquals={"aws:RequestedRegion": TOKYO}),
        allow("s3:GetBucketTagging", on="arn:aws:s3:::other") | {"Sid": "Other"},
    )
    calls = [
        event("GetBucketTagging", "s3", awsRegion=region, requestParameters={"bucketName": name})
        for region, name in ((TOKYO, "mine"), (OHIO, "other"))
    ]
    review = review_of(tmp_path, granted(*statements), *calls)
    assert [one["Resource"] for one in proposed(review)] == ["arn:aws:s3:::mine", "arn:aws:s3:::other"]
    assert review.proof.proved == 2


def test_a_policy_with_a_stricter_condition_refuses_what_today_allows(tmp_path: Path) -> None:
    today, then = granted(allow("ec2:*")), document(allow("ec2:*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}))
    proof = replay(tmp_path, today, then, event("DescribeVpcs", **OFFICE), event("DescribeVpcs", **ELSEWHERE))
    assert not proof.holds
    assert [one.calls for one in proof.refused] == [1]
    assert proof.proved == 1


def test_a_denial_decides_by_its_condition(tmp_path: Path) -> None:
    office = deny("*", NotIpAddress={"aws:SourceIp": "203.0.113.0/24"})
    today = granted(allow("ec2:*"), office)
    calls = event("DescribeVpcs", **OFFICE), event("DescribeVpcs", sourceIPAddress="cloudformation.amazonaws.com")
    proof = replay(tmp_path, today, document(allow("ec2:*"), office), *calls)
    assert (proof.proved, proof.undecided_calls, proof.refused_today) == (1, 1, ())
    assert proof.undecided[0].keys == ("aws:SourceIp",)
    stricter = document(allow("ec2:*"), deny("*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}))
    assert not replay(tmp_path, granted(allow("ec2:*")), stricter, *calls).holds


def test_a_denial_of_calls_without_a_second_factor(tmp_path: Path) -> None:
    """As everybody writes it; a session of a pipeline has none, and says so."""
    today = granted(allow("ec2:*"), deny("*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"}))
    identity = event("DescribeVpcs")["userIdentity"]
    with_factor = {"mfaAuthenticated": "true", "creationDate": "2026-11-10T12:00:00Z"}
    calls = [
        event(
            "DescribeVpcs",
            userIdentity={**identity, "sessionContext": {**identity["sessionContext"], "attributes": it}},
        )
        for it in (with_factor, {**with_factor, "mfaAuthenticated": "false"}, {})
    ]
    proof = prove(today, document(*[one.content for one in today.statements]), usage(tmp_path, today, *calls))
    assert (proof.proved, proof.undecided_calls, [one.calls for one in proof.refused_today]) == (1, 1, [1])


def test_a_denial_of_one_resource_is_none_of_another(tmp_path: Path) -> None:
    bucket = event("GetBucketTagging", "s3", requestParameters={"bucketName": "mine"})
    calls = bucket, event("GetBucketTagging", "s3")
    statements = allow("s3:*"), deny("s3:*", on="arn:aws:s3:::other")
    proof = replay(tmp_path, granted(*statements), document(*statements), *calls)
    assert (proof.proved, proof.undecided_calls) == (1, 1)
    assert proof.undecided[0].keys == ("the resource",)
    denied = allow("s3:*"), deny("s3:*", on="arn:aws:s3:::m*")
    assert [one.calls for one in replay(tmp_path, granted(*denied), document(*denied), *calls).refused_today] == [1]


def test_a_statement_about_some_resources_is_no_proof_where_the_resource_is_not_known(tmp_path: Path) -> None:
    statement = allow("s3:GetBucketTagging", on="arn:aws:s3:::mine")
    review = review_of(tmp_path, granted(statement), event("GetBucketTagging", "s3"))
    assert (review.proof.proved, review.proof.undecided_as_today) == (0, 1)
    assert review.proof.undecided[0].keys == ("the resource",)
    assert proposed(review) == [statement]


def test_the_boundary_is_evaluated_as_well(tmp_path: Path) -> None:
    today = granted(allow("ec2:*"), boundary=allow("*", StringEquals={"aws:RequestedRegion": TOKYO}))
    proof = replay(
        tmp_path, today, document(allow("ec2:*")), event("DescribeVpcs"), event("DescribeVpcs", awsRegion=OHIO)
    )
    assert (proof.proved, [one.calls for one in proof.refused_today]) == (1, [1])


def test_variables_in_resources_and_values_stand_for_what_the_record_says(tmp_path: Path) -> None:
    calls = [
        event("GetBucketTagging", "s3", requestParameters={"bucketName": f"{ACCOUNT}-{name}"}) for name in ("x", "y")
    ]
    today = granted(allow("s3:*"))
    proof = replay(tmp_path, today, document(allow("s3:*", on="arn:aws:s3:::${aws:PrincipalAccount}-x")), *calls)
    assert [one.resource for one in proof.refused] == [f"arn:aws:s3:::{ACCOUNT}-y"]
    assert proof.proved == 1
    tagged = document(allow("s3:*", on="arn:aws:s3:::${aws:PrincipalTag/team}-?"))
    proof = replay(tmp_path, today, tagged, *calls)
    assert (proof.proved, proof.undecided[0].keys, proof.undecided_calls) == (0, ("aws:PrincipalTag/team",), 2)
    own = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + ROLE
    assert replay(tmp_path, today, document(allow("s3:*", ArnEquals={"aws:PrincipalArn": own})), *calls).proved == 2
    reference = document(allow("s3:*", on="${Bucket.Arn}"))
    assert replay(tmp_path, today, reference, *calls).undecided[0].keys == ("${Bucket.Arn}",)


def test_what_a_statement_does_not_mean_is_no_part_of_it(tmp_path: Path) -> None:
    others: Map = {"Sid": "Others", "Effect": "Allow", "Action": "iam:*", "NotResource": "arn:aws:iam::*:role/x*"}
    calls = [event("GetRole", "iam", requestParameters={"roleName": name}) for name in ("x", "y")]
    proof = replay(tmp_path, granted(allow("iam:*")), document(others), *calls)
    assert [one.resource for one in proof.refused] == [f"arn:aws:iam::{ACCOUNT}:role/x"]
    # The record does not say a role's path, and /x/y would be meant.
    assert proof.undecided[0].keys == ("NotResource",)


def test_a_thousand_sessions_and_addresses_are_one_row(tmp_path: Path) -> None:
    asked = granted(
        allow("ec2:*", IpAddress={"aws:SourceIp": "198.18.0.0/15"}, StringLike={"aws:userid": "AROA*:ci-*"})
    )
    identity = event("DescribeVpcs")["userIdentity"]
    calls = [
        event(
            "DescribeVpcs",
            sourceIPAddress=f"198.18.{number // 250}.{number % 250}",
            userIdentity={**identity, "principalId": f"AROAX:ci-{number}"},
        )
        for number in range(1_000)
    ]
    found = usage(tmp_path, asked, *calls, event("DescribeVpcs", **OFFICE))
    assert sorted(call.count for call in found.calls) == [1, 1_000]


def test_too_many_different_sessions_are_told_as_unknown(tmp_path: Path) -> None:
    """A variable is another resource for each session, so rows cannot be taken together."""
    own = document(allow("s3:*", on="arn:aws:s3:::${aws:userid}"))
    identity = event("DescribeVpcs")["userIdentity"]
    calls = [
        event(
            "GetBucketTagging",
            "s3",
            requestParameters={"bucketName": f"b{number}"},
            userIdentity={**identity, "principalId": f"b{number}"},
        )
        for number in range(300)
    ]
    proof = replay(tmp_path, granted(allow("s3:*")), own, *calls)
    assert (proof.events, proof.proved, proof.undecided_calls) == (300, 200, 100)
    assert proof.undecided[0].keys == ("aws:userid",)


def test_without_policies_nothing_depends_on_conditions(tmp_path: Path) -> None:
    unknown = Policies(source="nowhere", identity=(), known=False)
    review = review_of(tmp_path, unknown, event("DescribeVpcs"))
    assert (review.proof.proved, review.conditions, review.proof.undecided) == (1, (), ())
