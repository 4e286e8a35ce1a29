"""Which resources a call was about, what is proposed for them, and what the replay says of them."""

from pathlib import Path
from typing import Any

import pytest

from ops.iam import reference
from ops.iam.review.events import prefix_of
from ops.iam.review.narrowing import MOST_RESOURCES
from ops.iam.review.policies import Policies, parse
from ops.iam.review.replay import prove
from ops.iam.review.resources import parameters, rules
from ops.iam.review.review import Review
from tests.support.trail_events import ACCOUNT, ARN, Event, event, policies, policy, review_of, usage_of

REGION = "ap-northeast-1"
BUCKETS = [f"arn:aws:s3:::hannibal-{name}" for name in ("logs", "pages")]


def about_bucket(arn: str) -> Event:
    return event("GetBucketTagging", "s3", resources=[{"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": arn}])


def requesting(call: str, source: str, /, **parameters: Any) -> Event:
    return event(call, source, requestParameters=parameters)


def used(review: Review) -> dict[str, list[str]]:
    return {one.action: list(one.resources) for one in review.used_on}


def proposed(review: Review) -> list[tuple[list[str], Any]]:
    statements: Any = review.proposed["Statement"]
    return [(one["Action"], one["Resource"]) for one in statements]


CALLS: list[tuple[Event, str, str]] = [
    (about_bucket(BUCKETS[0]), "s3:GetBucketTagging", BUCKETS[0]),
    (requesting("GetBucketTagging", "s3", bucketName="hannibal-logs"), "s3:GetBucketTagging", BUCKETS[0]),
    (
        event("GetObject", "s3", resources=[{"ARN": f"{BUCKETS[0]}/a/b"}, {"ARN": BUCKETS[0]}]),
        "s3:GetObject",
        f"{BUCKETS[0]}/*",
    ),
    (requesting("GetRole", "iam", roleName="Worker"), "iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/Worker"),
    (
        requesting("GetSecretValue", "secretsmanager", secretId="hannibal/db/password"),
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:hannibal/db/password-??????",
    ),
    (
        requesting("GetFunction20150331v2", "lambda", functionName="probe"),
        "lambda:GetFunction",
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:probe",
    ),
    (
        requesting("FilterLogEvents", "logs", logGroupName="/ecs/nestjs-hannibal-3"),
        "logs:FilterLogEvents",
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/nestjs-hannibal-3",
    ),
    (
        requesting("DescribeTable", "dynamodb", tableName="songs"),
        "dynamodb:DescribeTable",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/songs",
    ),
    (
        requesting("UpdateService", "ecs", cluster=f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/c", service="api"),
        "ecs:UpdateService",
        f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/c/api",
    ),
    (
        requesting("DescribeTasks", "ecs", cluster="c", tasks=["1f", "2e"]),
        "ecs:DescribeTasks",
        f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/c/*",
    ),
    (
        requesting("RunTask", "ecs", cluster="c", taskDefinition="api:7"),
        "ecs:RunTask",
        f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/api:*",
    ),
    (
        requesting("DescribeStacks", "cloudformation", stackName="ComputeStack"),
        "cloudformation:DescribeStacks",
        f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/ComputeStack/*",
    ),
    (
        requesting("CreateDeployment", "codedeploy", applicationName="app", deploymentGroupName="dg"),
        "codedeploy:CreateDeployment",
        f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:app/dg",
    ),
    (
        requesting("GetParameter", "ssm", name="/hannibal/release"),
        "ssm:GetParameter",
        f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/hannibal/release",
    ),
    (
        requesting("RegisterTaskDefinition", "ecs", family="api", taskRoleArn=ARN),
        "iam:PassRole",
        ARN,
    ),
    (
        # as CloudFormation asks for {{resolve:ssm:/hannibal/port:3}}
        requesting("GetParameters", "ssm", names=["/hannibal/port:3"]),
        "ssm:GetParameters",
        f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/hannibal/port",
    ),
    (
        requesting("GetParameter", "ssm", name="/aws/service/ami-amazon-linux-latest/al2023"),
        "ssm:GetParameter",
        f"arn:aws:ssm:{REGION}::parameter/aws/service/ami-amazon-linux-latest/al2023",
    ),
    (
        requesting("ChangeResourceRecordSets", "route53", hostedZoneId="/hostedzone/Z1"),
        "route53:ChangeResourceRecordSets",
        "arn:aws:route53:::hostedzone/Z1",
    ),
]


def test_a_resource_is_found_by_its_arn_or_by_the_request(tmp_path: Path) -> None:
    uses = usage_of(tmp_path, *(call for call, _, _ in CALLS)).uses()
    found = {(action, spellings[0]) for action, use in uses.items() for spellings in use.calls}
    registered = ("ecs:RegisterTaskDefinition", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/api:*")
    assert found == {(action, resource) for _, action, resource in CALLS} | {registered}


UNKNOWN: list[Event] = [
    requesting("GetRole", "iam"),
    requesting("GetRole", "iam", roleName=["a", {}]),
    requesting("GetRole", "iam", roleName="Work*"),
    requesting("GetRole", "iam", roleName="arn:aws:s3:::bucket"),
    requesting("UpdateService", "ecs", service="api"),
    requesting("CreateDBSnapshot", "rds", dBInstanceIdentifier="db"),
    requesting("GetFunction20150331v2", "lambda", functionName=f"{ACCOUNT}:function:probe"),
    event("GetRole", "iam", requestParameters="text", resources="text"),
    event("GetRole", "iam", resources=[{"ARN": 7}, "x", {"ARN": "arn:aws:s3:::bucket"}]),
    requesting("RunInstances", "ec2", instanceType="t3.micro"),
    requesting("DescribeDBInstances", "rds", dBInstanceIdentifier="Db"),
    requesting("DescribeAlarms", "monitoring", alarmNames=["composite"]),
]


def test_what_the_record_does_not_say_is_not_guessed(tmp_path: Path) -> None:
    granted = policies(policy(*{f"{prefix_of(call['eventSource'])}:*" for call in UNKNOWN}))
    review = review_of(tmp_path, granted, *UNKNOWN)
    assert [one.resources for one in review.used_on] == [{}] * len(review.used_on)
    assert sum(one.unknown for one in review.used_on) == len(UNKNOWN)
    assert [resource for _, resource in proposed(review)] == ["*"]
    assert (review.proof.events, review.proof.on_resources) == (len(UNKNOWN), 0)


def test_another_bucket_that_was_copied_from_is_not_taken_for_this_one(tmp_path: Path) -> None:
    call = requesting("CopyObject", "s3", bucketName="to", **{"x-amz-copy-source": "from/key"})
    assert used(review_of(tmp_path, policies(policy("s3:*")), call)) == {
        "s3:GetObject": [],
        "s3:PutObject": ["arn:aws:s3:::to/*"],
    }


def test_the_proposal_has_the_resources_that_were_used(tmp_path: Path) -> None:
    granted = policies(policy("s3:GetBucket*", "s3:ListAllMyBuckets", "ec2:DescribeVpcs", Sid="Reads"))
    calls = [about_bucket(arn) for arn in BUCKETS]
    review = review_of(tmp_path, granted, *calls, event("ListBuckets", "s3"), event("DescribeVpcs"))
    assert proposed(review) == [
        (["ec2:DescribeVpcs", "s3:ListAllMyBuckets"], "*"),
        (["s3:GetBucketTagging"], BUCKETS),
    ]
    statements: Any = review.proposed["Statement"]
    assert [one["Sid"] for one in statements] == ["Reads", "Reads2"]
    assert review.proposed_narrowed == 1
    assert review.proof.holds
    assert (review.proof.events, review.proof.on_resources) == (4, 4)


def test_one_call_on_something_unknown_keeps_what_is_written(tmp_path: Path) -> None:
    review = review_of(
        tmp_path, policies(policy("s3:GetBucket*")), about_bucket(BUCKETS[0]), event("GetBucketTagging", "s3")
    )
    assert proposed(review) == [(["s3:GetBucketTagging"], "*")]
    assert review.proposed_narrowed == 0


@pytest.mark.parametrize(
    ("bus", "rules_of"), [("orders", ["rule/nightly", "rule/orders/nightly"]), (None, ["rule/nightly"])]
)
def test_a_rule_of_another_event_bus_has_its_name_in_the_address(
    tmp_path: Path, bus: str | None, rules_of: list[str]
) -> None:
    call = requesting("PutTargets", "events", rule="nightly", **({"eventBusName": bus} if bus else {}))
    start = f"arn:aws:events:{REGION}:{ACCOUNT}:"
    review = review_of(tmp_path, policies(policy("events:PutTargets")), call)
    expected: Any = [start + rule for rule in rules_of]
    assert proposed(review) == [(["events:PutTargets"], expected if bus else expected[0])]
    own = policies(policy("events:PutTargets", Resource=f"{start}{rules_of[-1]}*"))
    assert proposed(review_of(tmp_path, own, call)) == [(["events:PutTargets"], start + rules_of[-1])]


def test_data_events_narrow_nothing_because_a_trail_may_record_them_of_some_resources_only(tmp_path: Path) -> None:
    call = event("GetObject", "s3", managementEvent=False, resources=[{"ARN": f"{BUCKETS[0]}/a"}])
    assert proposed(review_of(tmp_path, policies(policy("s3:GetObject")), call)) == [(["s3:GetObject"], "*")]


@pytest.mark.parametrize(
    ("granted", "resource"),
    [
        ("arn:aws:s3:::hannibal-*", BUCKETS[0]),
        ("arn:${AWS::Partition}:s3:::hannibal-*", BUCKETS[0]),
        (BUCKETS[0], BUCKETS[0]),
        ("arn:aws:s3:::${aws:PrincipalTag/bucket}", "arn:aws:s3:::${aws:PrincipalTag/bucket}"),
        ("${ArtifactStack/Logs.Arn}", "${ArtifactStack/Logs.Arn}"),
        (["arn:aws:s3:::hannibal-*", "arn:aws:s3:::other"], BUCKETS[0]),
    ],
)
def test_a_proposal_is_never_wider_than_what_is_granted(tmp_path: Path, granted: Any, resource: str) -> None:
    review = review_of(tmp_path, policies(policy("s3:GetBucketT*", Resource=granted)), about_bucket(BUCKETS[0]))
    assert proposed(review)[-1] == (["s3:GetBucketTagging"], resource)
    assert review.proof.holds


def test_what_no_policy_of_today_allows_narrows_nothing(tmp_path: Path) -> None:
    """Something else allows it, or its name was read wrongly."""
    granted = policies(policy("s3:GetBucketTagging", Resource=BUCKETS))
    review = review_of(tmp_path, granted, about_bucket(BUCKETS[0]), about_bucket("arn:aws:s3:::other"))
    assert proposed(review) == [(["s3:GetBucketTagging"], BUCKETS)]
    assert review.proof.holds
    assert [one.resource for one in review.proof.refused_today] == ["arn:aws:s3:::other"]


def test_an_action_leaves_a_statement_whose_resources_it_never_met(tmp_path: Path) -> None:
    one, other = (policy("s3:GetBucketTagging", Resource=arn) for arn in BUCKETS)
    review = review_of(tmp_path, policies(one, other), about_bucket(BUCKETS[1]))
    assert proposed(review) == [(["s3:GetBucketTagging"], BUCKETS[1])]


def test_many_resources_are_taken_together(tmp_path: Path) -> None:
    calls = [about_bucket(f"arn:aws:s3:::hannibal-{number}") for number in range(MOST_RESOURCES + 1)]
    wide = review_of(tmp_path, policies(policy("s3:*")), *calls)
    assert proposed(wide)[-1] == (["s3:GetBucketTagging"], "arn:aws:s3:::hannibal-*")
    written = [f"arn:aws:s3:::hannibal-?{end}" for end in ("", "?")]
    narrow = review_of(tmp_path, policies(policy("s3:GetBucketT*", Resource=written)), *calls)
    assert proposed(narrow)[-1] == (["s3:GetBucketTagging"], written)
    assert wide.proof.holds
    assert narrow.proof.holds


def test_conditions_denies_and_exceptions_stay(tmp_path: Path) -> None:
    content: Any = [
        {
            "Effect": "Allow",
            "Action": "s3:Get*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        },
        {"Effect": "Allow", "Action": "s3:Get*", "NotResource": "arn:aws:s3:::secret"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::secret"},
    ]
    review = review_of(tmp_path, policies(parse({"Statement": content}, "test")), about_bucket(BUCKETS[0]))
    statements: Any = review.proposed["Statement"]
    narrowed = next(one for one in statements if one.get("Resource") == BUCKETS[0])
    assert narrowed["Condition"] == content[0]["Condition"]
    assert statements[-2]["NotResource"] == "arn:aws:s3:::secret"
    assert statements[-1] == content[2]


def test_the_replay_finds_a_resource_that_is_missing(tmp_path: Path) -> None:
    usage = usage_of(tmp_path, *map(about_bucket, BUCKETS))
    new: Any = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": BUCKETS[0]}]}
    proof = prove(policies(policy("s3:*")), new, usage)
    assert [(one.permission, one.resource, one.calls) for one in proof.refused] == [
        ("s3:GetBucketTagging", BUCKETS[1], 1)
    ]


def test_without_policies_the_resources_that_were_used_are_the_start(tmp_path: Path) -> None:
    unknown = Policies(source="nowhere", identity=(), known=False)
    review = review_of(tmp_path, unknown, about_bucket(BUCKETS[0]), event("DescribeVpcs"))
    assert proposed(review) == [(["ec2:DescribeVpcs"], ["*"]), (["s3:GetBucketTagging"], [BUCKETS[0]])]
    assert review.proof.holds


def test_every_kind_of_the_rules_exists_and_every_template_can_be_one_of_its_arns() -> None:
    for kind, templates in rules().named.items():
        end = reference.arn_format(kind).split(":", 5)[5]
        for template in templates:
            assert template.startswith("{") or template.split("{")[0].startswith(end.split("${")[0]), kind
    for group in rules().either:
        assert all(reference.arn_format(kind) for kind in group)
    assert "bucketName" in parameters()["s3.amazonaws.com"]
    assert "alarmName" in parameters()["monitoring.amazonaws.com"]


def test_of_very_many_resources_the_first_are_told_apart_and_the_rest_is_unknown(tmp_path: Path) -> None:
    usage = usage_of(tmp_path, *(about_bucket(f"arn:aws:s3:::hannibal-{number}") for number in range(600)))
    use = usage.uses()["s3:GetBucketTagging"]
    assert (len(use.calls), use.unknown) == (500, 100)
