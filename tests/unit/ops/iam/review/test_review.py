"""Groups, proposal and proof."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ops.iam.review import catalogue, groups
from ops.iam.review.groups import Group
from ops.iam.review.policies import Policies, parse
from ops.iam.review.query import Window
from ops.iam.review.replay import prove
from ops.iam.review.review import Review
from tests.support.trail_events import OTHERS, event, policies, policy, review_of, usage_of


def group_of(review: Review, action: str) -> Group:
    return next(member.group for member in review.members if member.action == action)


def test_every_group_gets_what_belongs_to_it(tmp_path: Path) -> None:
    granted = policies(policy("ec2:*", "iam:PassRole", "s3:GetObject", "rds:DescribeDBInstances"))
    review = review_of(
        tmp_path,
        granted,
        event("RunInstances"),
        event("DescribeVpcs", errorCode="Client.InvalidVpcID.NotFound"),
        event("DeleteVpc", errorCode="Client.UnauthorizedOperation", readOnly=False),
        event("DescribeSubnets", errorCode="Client.RequestLimitExceeded"),
    )
    assert group_of(review, "ec2:RunInstances") is Group.USED
    assert group_of(review, "ec2:DescribeVpcs") is Group.USED  # the error came after the check
    assert group_of(review, "ec2:DeleteVpc") is Group.DENIED_ONLY
    assert group_of(review, "iam:PassRole") is Group.DEPENDENT
    assert group_of(review, "ec2:DescribeSubnets") is Group.UNOBSERVABLE  # throttled: nobody knows
    assert group_of(review, "s3:GetObject") is Group.UNOBSERVABLE
    assert group_of(review, "rds:DescribeDBInstances") is Group.UNUSED
    assert sum(review.groups.values()) == len(review.members)
    assert review.reduction == (review.groups[Group.UNUSED] + 1) / len(review.members)


def test_one_authorized_call_outweighs_denied_ones(tmp_path: Path) -> None:
    denied = event("DeleteVpc", errorCode="Client.UnauthorizedOperation")
    review = review_of(tmp_path, policies(policy("ec2:*")), denied, denied, event("DeleteVpc"))
    assert group_of(review, "ec2:DeleteVpc") is Group.USED


def test_what_was_refused_where_it_is_recorded_may_be_used_where_it_is_not(tmp_path: Path) -> None:
    """A trail may be told to record the objects of one bucket only."""
    denied = event("GetObject", "s3", managementEvent=False, errorCode="AccessDenied")
    review = review_of(tmp_path, policies(policy("s3:GetObject")), denied)
    assert group_of(review, "s3:GetObject") is Group.UNOBSERVABLE


def test_what_was_refused_in_one_region_may_be_allowed_in_the_one_without_records(tmp_path: Path) -> None:
    denied = event("AssumeRole", "sts", errorCode="AccessDenied")
    granted = policies(policy("sts:AssumeRole"))
    assert group_of(review_of(tmp_path, granted, denied), "sts:AssumeRole") is Group.UNOBSERVABLE
    assert group_of(review_of(tmp_path, granted, denied, *OTHERS), "sts:AssumeRole") is Group.DENIED_ONLY


def test_a_passed_role_is_used_and_never_lost(tmp_path: Path) -> None:
    seen = event("RunInstances", requestParameters={"iamInstanceProfile": {"name": "x"}})
    review = review_of(tmp_path, policies(policy("ec2:RunInstances", "iam:PassRole")), seen)
    assert group_of(review, "iam:PassRole") is Group.USED
    nothing = review_of(tmp_path, policies(policy("ec2:*", "iam:PassRole")), event("DescribeVpcs"))
    assert group_of(nothing, "iam:PassRole") is Group.UNOBSERVABLE


def test_the_proposal_keeps_what_is_kept_and_all_limits(tmp_path: Path) -> None:
    content: Any = [
        {
            "Sid": "Net",
            "Effect": "Allow",
            "Action": "ec2:*",
            "Resource": "arn:aws:ec2:*",
            "Condition": {"Bool": {"a": "b"}},
        },
        {"Sid": "Gone", "Effect": "Allow", "Action": "rds:DescribeDB*", "Resource": "*"},
        {"Sid": "Never", "Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    ]
    review = review_of(tmp_path, policies(parse({"Statement": content}, "test")), event("DescribeVpcs"))
    statements: Any = review.proposed["Statement"]
    assert [one["Sid"] for one in statements] == ["Net", "Never"]
    assert "ec2:DescribeVpcs" in statements[0]["Action"]
    assert "ec2:DescribeSubnets" not in statements[0]["Action"]
    assert {key: statements[0][key] for key in ("Resource", "Condition")} == {
        key: content[0][key] for key in ("Resource", "Condition")
    }
    assert statements[1] == content[2]
    assert all(catalogue.find(*action.split(":")) == action for action in statements[0]["Action"])


def test_no_name_of_a_statement_stands_twice(tmp_path: Path) -> None:
    """Several policies become one, and one statement may become two."""
    first = policy("iam:GetRole", "iam:ListRoles", Sid="Read")
    others = (policy("ec2:DescribeVpcs", Sid="Read"), policy("ec2:DescribeSubnets", Sid="Read2"))
    calls = [event("ListRoles", "iam"), event("DescribeVpcs"), event("DescribeSubnets")]
    role = event("GetRole", "iam", requestParameters={"roleName": "one"})
    statements: Any = review_of(tmp_path, policies(first, *others), role, *calls).proposed["Statement"]
    assert [one["Sid"] for one in statements] == ["Read", "Read3", "Read4", "Read2"]


def test_what_was_only_throttled_is_not_left_out_of_the_resources(tmp_path: Path) -> None:
    def described(table: str, **fields: Any) -> Any:
        return event("DescribeTable", "dynamodb", requestParameters={"tableName": table}, **fields)

    granted, late = policies(policy("dynamodb:DescribeTable")), {"errorCode": "ThrottlingException"}
    for other, resource in ("songs", "arn:aws:dynamodb:ap-northeast-1:123456789012:table/songs"), ("more", "*"):
        review = review_of(tmp_path, granted, described("songs"), described(other, **late))
        statements: Any = review.proposed["Statement"]
        assert [one["Resource"] for one in statements] == [resource]


@pytest.mark.parametrize(
    "tags",
    [{"tags": [{"key": "a"}]}, {"propagateTags": "SERVICE"}, {"CreateBucketConfiguration": {"Tags": [{"Key": "a"}]}}],
)
def test_a_request_with_tags_may_need_what_tags(tmp_path: Path, tags: dict[str, Any]) -> None:
    granted = policies(policy("ecs:TagResource", "ecs:RunTask"))
    for given, group in (
        (tags, Group.DEPENDENT),
        ({"group": '"tags": 1', "CreateBucketConfiguration": {}}, Group.UNUSED),
    ):
        review = review_of(tmp_path, granted, event("RunTask", "ecs", requestParameters={"count": 1} | given), *OTHERS)
        assert group_of(review, "ecs:TagResource") is group


def test_what_another_call_may_need_is_kept_as_it_is_written(tmp_path: Path) -> None:
    """The topic that is made with tags is tagged by the same permission, and no event says which one it is."""
    arn = "arn:aws:sns:ap-northeast-1:123456789012:one"
    tagged = event("TagResource", "sns", resources=[{"ARN": arn}])
    made = event("CreateTopic", "sns", requestParameters={"name": "two", "tags": [{"key": "a", "value": "b"}]})
    granted = policies(policy("sns:TagResource", "sns:CreateTopic"))
    alone: Any = review_of(tmp_path, granted, tagged, *OTHERS).proposed["Statement"]
    assert [one["Resource"] for one in alone] == [arn]
    both: Any = review_of(tmp_path, granted, tagged, made, *OTHERS).proposed["Statement"]
    assert [one["Resource"] for one in both] == ["*"]


def test_what_is_newer_than_the_catalogue_stays(tmp_path: Path) -> None:
    granted = policies(
        policy("lambda:*", "ec2:Describe*"), policy("newest:DoIt", "newest:Undo"), policy("iam:ListRoles")
    )
    calls = [
        event("DoIt", "newest"),
        event("BrandNew20260101", "lambda"),
        event("BrandNew", "s3"),
        event("A.B", "lambda"),
    ]
    statements: Any = review_of(tmp_path, granted, *calls).proposed["Statement"]
    assert "lambda:BrandNew" in statements[0]["Action"]
    assert statements[1]["Action"] == ["newest:DoIt", "newest:Undo"]
    assert not [action for one in statements for action in one["Action"] if action in ("s3:BrandNew", "lambda:A.B")]


def test_the_proof_tries_every_authorized_call(tmp_path: Path) -> None:
    granted = policies(policy("ec2:*", "s3:*"))
    events = [
        event("DescribeVpcs"),
        event("DescribeVpcs"),
        event("GetBucketEncryption", "s3", errorCode="ServerSideEncryptionConfigurationNotFoundError"),
        event("DeleteVpc", errorCode="Client.UnauthorizedOperation", readOnly=False),
    ]
    review = review_of(tmp_path, granted, *events)
    assert review.proof.holds
    assert review.proof.events == 3


def test_the_proof_finds_what_is_missing(tmp_path: Path) -> None:
    """It judges the document, whatever it was computed from."""
    usage = usage_of(tmp_path, event("DescribeVpcs"), event("ListBuckets", "s3"), event("ListBuckets", "s3"))
    proposed = {"Statement": [{"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}]}
    proof = prove(policies(policy("*")), proposed, usage)  # type: ignore[arg-type]
    assert not proof.holds
    assert [(one.event, one.permission, one.calls) for one in proof.refused] == [
        ("s3.amazonaws.com ListBuckets", "s3:ListAllMyBuckets", 2)
    ]


def test_what_todays_policies_refuse_is_said_apart(tmp_path: Path) -> None:
    review = review_of(tmp_path, policies(policy("ec2:*")), event("DescribeVpcs"), event("ListBuckets", "s3"))
    assert review.proof.holds
    assert [one.permission for one in review.proof.refused_today] == ["s3:ListAllMyBuckets"]
    assert review.not_granted == {"s3:ListAllMyBuckets": 1}


def test_without_policies_the_proposal_starts_from_what_was_used(tmp_path: Path) -> None:
    unknown = Policies(source="nowhere", identity=(), known=False)
    review = review_of(tmp_path, unknown, event("DescribeVpcs"))
    statements: Any = review.proposed["Statement"]
    assert statements[0]["Action"] == ["ec2:DescribeVpcs"]
    assert review.proof.holds
    assert review.members == ()
    assert any("not known" in warning for warning in review.warnings)


def test_short_records_and_missing_data_events_are_warned_about(tmp_path: Path) -> None:
    short = review_of(tmp_path, policies(policy("ec2:*")), event("DescribeVpcs"))
    assert any("reach over 1 of 31 days" in warning for warning in short.warnings)
    assert any("no data events" in warning for warning in short.warnings)
    events = [event("DescribeVpcs", day=day) for day in (1, 30)]
    data = event("GetObject", "s3", managementEvent=False)
    long = review_of(tmp_path, policies(policy("ec2:*", "s3:GetObject")), *events, data)
    assert not any("reach over" in warning or "data events" in warning for warning in long.warnings)
    assert group_of(long, "s3:GetObject") is Group.USED


def test_a_proposal_that_iam_would_not_take_is_warned_about(tmp_path: Path) -> None:
    call = event("DescribeVpcs")
    large, small = (review_of(tmp_path, policies(policy(name)), call, *OTHERS) for name in ("*", "ec2:*"))
    assert large.proposed_characters > 6_144 > small.proposed_characters
    assert any("A managed policy takes 6,144" in warning for warning in large.warnings)
    assert not any("A managed policy" in warning for warning in small.warnings)


def test_records_without_reading_calls_are_warned_about(tmp_path: Path) -> None:
    write, read = event("RunInstances", readOnly=False), event("DescribeVpcs")
    granted = policies(policy("ec2:*", "kms:Decrypt"))
    lacking, whole = review_of(tmp_path, granted, write), review_of(tmp_path, granted, write, read)
    assert any("no reading calls" in warning for warning in lacking.warnings)
    assert not any("no reading calls" in warning for warning in whole.warnings)
    assert group_of(lacking, "ec2:DescribeSubnets") is Group.UNOBSERVABLE
    assert group_of(lacking, "ec2:DeleteVpc") is group_of(whole, "ec2:DescribeSubnets") is Group.UNUSED
    reading = review_of(tmp_path, granted, read)
    assert any("no writing calls" in warning for warning in reading.warnings)
    assert not any("no writing calls" in warning for warning in (*lacking.warnings, *whole.warnings))


def test_records_without_the_region_of_global_services_are_warned_about(tmp_path: Path) -> None:
    actions = (
        *("acm:RequestCertificate", "freetier:GetAccountPlanState", "iam:CreateRole", "invoicing:GetInvoicePDF"),
        *("pricing:GetProducts", "wafv2:CreateWebACL"),
    )
    granted, read = policies(policy(*actions)), event("DescribeVpcs", readOnly=True)
    lacking = review_of(tmp_path, granted, event("RunInstances", readOnly=False), read)
    whole = review_of(tmp_path, granted, event("RunInstances", readOnly=False, awsRegion="us-east-1"), read)
    assert any("no events of us-east-1" in warning for warning in lacking.warnings)
    assert not any("us-east-1" in warning for warning in whole.warnings)
    assert {group_of(lacking, it) for it in actions} == {Group.UNOBSERVABLE}
    assert {it: group_of(whole, it) for it in actions} == dict.fromkeys(actions, Group.UNUSED)


def test_where_nobody_has_events_of_kms_they_may_be_left_out(tmp_path: Path) -> None:
    granted, calls = policies(policy("kms:Decrypt", "ec2:*")), (event("DescribeVpcs"), *OTHERS)
    assert group_of(review_of(tmp_path, granted, *calls), "kms:Decrypt") is Group.UNOBSERVABLE
    others = event("Decrypt", "kms", role="Another")
    assert group_of(review_of(tmp_path, granted, *calls, others), "kms:Decrypt") is Group.UNUSED


def test_days_add_up(tmp_path: Path) -> None:
    events = [event("DescribeVpcs", day=1), event("DescribeVpcs", day=3), event("DescribeSubnets", day=3)]
    review = review_of(tmp_path, policies(policy("ec2:*")), *events)
    assert [(day.day.day, day.calls, day.used, day.used_so_far) for day in review.days] == [(1, 1, 1, 1), (3, 2, 2, 2)]


@pytest.mark.parametrize("days", [1, 30])
def test_a_window_has_its_days(days: int) -> None:
    window = Window.ending(date(2026, 11, 30), days)
    assert window.days == days
    assert window.last == date(2026, 11, 30)


def test_services_are_sorted_by_what_they_are_granted(tmp_path: Path) -> None:
    review = review_of(tmp_path, policies(policy("ec2:*", "s3:ListAllMyBuckets")), event("DescribeVpcs"))
    assert list(review.services) == ["ec2", "s3"]
    assert sum(groups.count(review.members).values()) == len(review.members)
