"""From needs to policies."""

from dataclasses import replace
from typing import Any

import pytest

from installation.aws_facts.limits import MANAGED_POLICY_CHARACTERS
from installation.permissions.wildcards import matches_pattern
from ops.errors import FailedError
from ops.iam.needs import Need
from ops.iam.policy_documents import Document, document, missing, permission
from ops.iam.required import uncovered_resources
from ops.templates.template import Template
from ops.templates.values import Map
from tests.support.policies import arns

BUCKET = Need("AuditStack", "Logs", "AWS::S3::Bucket", "s3:CreateBucket", "create")
DESCRIBE = Need("NetworkStack", "Vpc", "AWS::EC2::VPC", "ec2:DescribeVpcs", "read")
PASS = Need("ComputeStack", "Task", "AWS::ECS::TaskDefinition", "iam:PassRole", "create")


def statements(*needs: Need, services: tuple[str, ...] = ()) -> dict[str, Any]:
    return {str(it["Sid"]): it for it in document(needs[0].stack, needs, services).statements}


def test_a_bucket_is_limited_to_the_names_of_its_stack() -> None:
    assert permission(BUCKET).resources == (
        "arn:aws:s3:::${project}-athena-results-${account}",
        "arn:aws:s3:::${project}-audit-access-${account}",
        "arn:aws:s3:::${project}-cloudtrail-logs-${account}",
    )


def test_what_knows_no_resource_is_allowed_on_everything_in_a_statement_of_its_own() -> None:
    found = statements(DESCRIBE, replace(DESCRIBE, action="ec2:CreateVpc"))

    assert found["KnowNoResource"]["Action"] == ["ec2:DescribeVpcs"]
    assert found["KnowNoResource"]["Resource"] == ["*"]
    assert "*" not in found["Ec2"]["Resource"]


def test_roles_are_passed_to_the_services_that_the_templates_trust() -> None:
    (found,) = statements(PASS, services=("ecs-tasks.amazonaws.com",)).values()

    assert found["Condition"] == {"StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}
    assert all(matches_pattern(it, "arn:aws:iam::${account}:role/*") for it in found["Resource"])


def test_names_that_nobody_has_said_are_an_error() -> None:
    queue = Need("ComputeStack", "Queue", "AWS::SQS::Queue", "sqs:CreateQueue", "create")

    with pytest.raises(FailedError, match=r"ComputeStack/Queue \(AWS::SQS::Queue\) needs sqs:CreateQueue"):
        permission(queue)


def test_an_action_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FailedError, match="s3:MakeBucket is no action"):
        permission(replace(BUCKET, action="s3:MakeBucket"))


def test_what_one_policy_cannot_hold_goes_on_in_the_next() -> None:
    statement = {"Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["x" * 2500]}

    parts = Document("EdgeStack", tuple({**statement, "Sid": str(number)} for number in range(5))).split()

    assert [len(part.statements) for part in parts] == [2, 2, 1]
    assert [part.policy.subject for part in parts] == ["Edge", "Edge2", "Edge3"]
    assert all(part.characters <= MANAGED_POLICY_CHARACTERS for part in parts)


def test_a_statement_that_no_policy_can_hold_is_an_error() -> None:
    with pytest.raises(FailedError, match="statement A of EdgeStack"):
        Document("EdgeStack", ({"Sid": "A", "Action": ["x" * 7000], "Resource": []},)).split()


@pytest.mark.parametrize("need", [BUCKET, DESCRIBE, PASS])
def test_a_policy_lacks_what_is_taken_from_it(need: Need) -> None:
    whole = document(need.stack, [need], ["ecs-tasks.amazonaws.com"])
    (statement,) = whole.statements

    assert not missing([need], [whole])
    assert missing([need], [replace(whole, statements=({**statement, "Action": []},))]) == (need,)
    assert missing([need], [replace(whole, statements=({**statement, "Resource": []},))]) == (need,)


def test_a_policy_of_another_stack_does_not_help() -> None:
    assert missing([BUCKET], [document("EdgeStack", [replace(BUCKET, stack="EdgeStack")], [])]) == (BUCKET,)


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("nestjs-hannibal-3-cloudtrail-logs-123456789012", True),
        ({"Fn::Join": ["", ["nestjs-hannibal-3-cloudtrail-logs-", {"Ref": "AWS::AccountId"}]]}, True),
        ("somebody-else", False),
        ({"Ref": "Parameter"}, True),  # only known at deployment
    ],
)
def test_names_of_templates_are_those_that_policies_allow(name: Any, covered: bool) -> None:
    content: Map = {"Resources": {"Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}}

    found = list(uncovered_resources(Template("AuditStack", content), arns()))

    assert [it.resource for it in found] == ([] if covered else ["Logs"])
