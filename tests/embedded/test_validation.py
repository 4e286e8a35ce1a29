"""Validation before stack operations: what stops them, what only warns, and how the CDK command line says it."""

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.conftest import ROOT
from tests.support.embedded import small_assembly
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import create, delete, unique, wait
from tests.support.waiting import LIMIT_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

pytestmark = pytest.mark.embedded
Resources = dict[str, dict[str, Any]]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
EXISTENCE = "AWS::EarlyValidation::ResourceExistenceCheck"
PROPERTIES = "AWS::EarlyValidation::PropertyValidation"


@pytest.fixture
def cloudformation(embedded_aws: EmbeddedAws) -> "CloudFormationClient":
    client: CloudFormationClient = embedded_aws.session().client("cloudformation")
    return client


def group(name: object, **more: object) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name, **more}}


class ChangeSet:
    """A change set of a stack that is not there yet, or of one that is."""

    def __init__(self, client: "CloudFormationClient", resources: Resources, stack: str = "", **options: Any) -> None:
        self.client = client
        self.stack = stack or unique("validated")
        self.arn = client.create_change_set(
            StackName=self.stack,
            ChangeSetName="one",
            ChangeSetType="UPDATE" if stack else "CREATE",
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **options,
        )["Id"]

    @property
    def status(self) -> tuple[str, str]:
        found = self.client.describe_change_set(ChangeSetName=self.arn)
        return found["Status"], found["ExecutionStatus"]

    @property
    def reason(self) -> str:
        return self.client.describe_change_set(ChangeSetName=self.arn).get("StatusReason", "")

    def events(self, *, failed: bool = True) -> list[Any]:
        pages = self.client.get_paginator("describe_events").paginate(
            StackName=self.stack, ChangeSetName="one", Filters={"FailedEvents": failed}
        )
        return [event for page in pages for event in page["OperationEvents"]]

    def findings(self) -> list[tuple[str, str, str]]:
        return [
            (event["LogicalResourceId"], event["ValidationPath"], event["ValidationStatusReason"])
            for event in self.events()
        ]


def test_a_name_that_is_taken_fails_the_change_set(cloudformation: "CloudFormationClient") -> None:
    name = unique("/validated")
    existing = create(cloudformation, {"First": group(name)})

    made = ChangeSet(cloudformation, {"Second": group(name)})

    assert made.status == ("FAILED", "UNAVAILABLE")
    assert made.reason == (
        f"The following hook(s)/validation failed: [{EXISTENCE}]. To troubleshoot Early Validation errors, use the "
        "DescribeEvents API for detailed failure information."
    )
    (event,) = made.events()
    reason = f"Resource of type 'AWS::Logs::LogGroup' with identifier '{name}' already exists."
    expected = {
        "EventType": "VALIDATION_ERROR",
        "OperationType": "CREATE_CHANGESET",
        "OperationStatus": "FAILED",
        "LogicalResourceId": "Second",
        "ResourceType": "AWS::Logs::LogGroup",
        "ValidationFailureMode": "FAIL",
        "ValidationName": "NAME_CONFLICT_VALIDATION",
        "ValidationStatus": "FAILED",
        "ValidationStatusReason": reason,
        "ValidationPath": "/Resources/Second",
    }
    assert expected.items() <= event.items()
    with pytest.raises(ClientError, match=r"cannot be executed in its current status of \[FAILED\]"):
        cloudformation.execute_change_set(ChangeSetName=made.arn)
    delete(cloudformation, existing.stack_id)


@pytest.mark.parametrize(
    ("resource", "path", "reason"),
    [
        (
            group("/a", RetentionInDays=8),
            "/RetentionInDays",
            "8 is not a valid enum value. Supported values: [1, 3, 5,",
        ),
        (group("/a", Retention=7), "", "Unsupported property [Retention]"),
        (group("/a", Arn="x"), "", "Encountered unsupported property Arn"),
        (group({"name": "/a"}), "/LogGroupName", "Property [LogGroupName] expected type: String, found: JSONObject"),
        (group("/a", Tags={"a": "b"}), "/Tags", "Property [Tags] expected type: JSONArray, found: JSONObject"),
        (group("/a", Tags=[{"Key": "b"}]), "/Tags/0", "Required property [Value] not found"),
        (group("a b"), "/LogGroupName", "failed validation constraint for keyword [pattern]"),
        (
            group("/a", Tags=[{"Key": "b" * 129, "Value": "c"}]),
            "/Tags/0/Key",
            "failed validation constraint for keyword [maxLength]",
        ),
        ({"Type": "AWS::IAM::Role"}, "", "Required property [AssumeRolePolicyDocument] not found"),
    ],
)
def test_a_property_that_the_schema_does_not_allow_fails_the_change_set(
    cloudformation: "CloudFormationClient", resource: dict[str, Any], path: str, reason: str
) -> None:
    made = ChangeSet(cloudformation, {"It": resource})

    assert made.status == ("FAILED", "UNAVAILABLE")
    assert f"[{PROPERTIES}]" in made.reason
    ((logical_id, where, why),) = made.findings()
    assert (logical_id, where) == ("It", f"/Resources/It/Properties{path}")
    assert why.startswith(reason)


def test_all_findings_are_told_at_once(cloudformation: "CloudFormationClient") -> None:
    name = unique("/validated")
    existing = create(cloudformation, {"First": group(name)})

    made = ChangeSet(cloudformation, {"Second": group(name), "Third": group("/a", Retention=7, Name="x")})

    assert f"[{PROPERTIES}, {EXISTENCE}]" in made.reason
    assert sorted(it[0] for it in made.findings()) == ["Second", "Third", "Third"]
    delete(cloudformation, existing.stack_id)


def test_what_only_the_deployment_tells_is_not_judged(cloudformation: "CloudFormationClient") -> None:
    made = create(
        cloudformation,
        {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": TRUST,
                    "Tags": [{"Fn::If": ["Tagged", {"Key": "a", "Value": {"Ref": "Days"}}, {"Ref": "AWS::NoValue"}]}],
                },
            },
            "Group": group({"Fn::Sub": "/of/${Role}"}, RetentionInDays={"Ref": "Days"}),
        },
        Parameters={"Days": {"Type": "Number", "Default": "7"}},
        Conditions={"Tagged": {"Fn::Equals": ["a", "b"]}},
    )

    assert made.status == "CREATE_COMPLETE", made.reasons
    delete(cloudformation, made.stack_id)


def test_create_and_update_stack_change_nothing_that_validation_refuses(
    cloudformation: "CloudFormationClient", embedded_aws: EmbeddedAws
) -> None:
    first = unique("/validated")
    refused = create(cloudformation, {"Good": group(first), "Bad": group("/a", Retention=7)})
    assert refused.status == "ROLLBACK_COMPLETE"
    assert not refused.physical_ids, "nothing was made"
    events = cloudformation.describe_events(StackName=refused.stack_id)["OperationEvents"]
    assert {it["OperationType"] for it in events} == {"CREATE_STACK"}
    assert "Unsupported property [Retention]" in {it.get("ValidationStatusReason") for it in events}

    stack = create(cloudformation, {"Good": group(first)})
    body = json.dumps({"Resources": {"Good": group(first, RetentionInDays=8)}})
    cloudformation.update_stack(StackName=stack.stack_id, TemplateBody=body)
    assert wait(cloudformation, stack.stack_id).status == "UPDATE_ROLLBACK_COMPLETE"
    (found,) = embedded_aws.session().client("logs").describe_log_groups(logGroupNamePrefix=first)["logGroups"]
    assert "retentionInDays" not in found
    delete(cloudformation, stack.stack_id)


def test_what_the_stack_has_itself_is_no_conflict(cloudformation: "CloudFormationClient") -> None:
    name = unique("/validated")
    stack = create(cloudformation, {"It": group(name)})
    same = ChangeSet(cloudformation, {"It": group(name, RetentionInDays=7)}, stack.stack_id)
    assert same.status == ("CREATE_COMPLETE", "AVAILABLE")
    cloudformation.delete_change_set(ChangeSetName=same.arn)

    moved = ChangeSet(cloudformation, {"Moved": group(name)}, stack.stack_id)
    assert [it[0] for it in moved.findings()] == ["Moved"], "the new one is made before the former is deleted"
    delete(cloudformation, stack.stack_id)


def test_validation_can_be_left_out(cloudformation: "CloudFormationClient") -> None:
    made = ChangeSet(cloudformation, {"It": group("/a", Retention=7)}, DisableValidation=True)
    assert made.status == ("CREATE_COMPLETE", "AVAILABLE")
    assert made.events(failed=False) == []


def test_what_can_be_corrected_until_the_execution_is_a_warning(
    cloudformation: "CloudFormationClient", embedded_aws: EmbeddedAws
) -> None:
    bucket, topic = unique("validated-bucket"), unique("validated-topic")
    other = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": topic}}}
    stack = create(
        cloudformation, {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}, **other}
    )
    s3 = embedded_aws.session().client("s3")
    s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    addresses: Resources = {f"Address{number}": {"Type": "AWS::EC2::EIP"} for number in range(6)}

    made = ChangeSet(cloudformation, {**other, **addresses}, stack.stack_id)

    assert made.status == ("CREATE_COMPLETE", "AVAILABLE")
    assert made.events() == [], "the operation did not fail"
    events = made.events(failed=False)
    assert {it["ValidationFailureMode"] for it in events} == {"WARN"}
    reasons = {it["LogicalResourceId"]: it["ValidationStatusReason"] for it in events}
    assert reasons["Bucket"].startswith(f"The bucket '{bucket}' is not empty. You must either delete all objects")
    assert "exceeds the quota 'EC2-VPC Elastic IPs (L-0263D0A3)'" in reasons["Address5"]
    s3.delete_object(Bucket=bucket, Key="one")
    delete(cloudformation, stack.stack_id)


def test_the_unmodified_cdk_prints_what_validation_found(embedded_aws: EmbeddedAws, tmp_path: Path) -> None:
    name = unique("/validated")
    session = embedded_aws.session()
    session.client("ssm").put_parameter(Name=name, Type="String", Value="by hand")
    folder = small_assembly.write(tmp_path / "assembly", {"Taken": small_assembly.parameter(name, "x")})
    command = [str(ROOT / "node_modules/.bin/cdk"), "deploy", small_assembly.NAME, "--app", str(folder), "--ci"]

    done = subprocess.run(
        command,
        cwd=ROOT,
        env=embedded_aws.environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )

    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Early validation failed for change set" in said
    reason = f"Resource of type 'AWS::SSM::Parameter' with identifier '{name}' already exists. (at /Resources/Taken)"
    assert reason in " ".join(said.split())
    cloudformation = session.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=small_assembly.NAME)["Stacks"]
    assert stack["StackStatus"] == "REVIEW_IN_PROGRESS", "nothing was made"
    cloudformation.delete_stack(StackName=small_assembly.NAME)
    with pytest.raises((ClientError, WaiterError)):
        cloudformation.describe_stacks(StackName=small_assembly.NAME)


def parameter(value: str, pattern: str) -> dict[str, Any]:
    return {"Parameters": {"P": {"Type": "String", "Default": value, "AllowedPattern": pattern}}}


def test_a_pattern_that_backtracks_for_ever_is_refused_in_time(cloudformation: "CloudFormationClient") -> None:
    with pytest.raises(ClientError, match=r"Parameter 'P' must match pattern \(a\+\)\+"):
        create(cloudformation, {"Logs": group(unique("/pattern"))}, **parameter("a" * 60 + "b", "(a+)+"))


@pytest.mark.parametrize(("value", "pattern"), [("a-b-c", "(?i)([A-Z]-?)+"), ("it-has-many-words", "([a-z]+-?)+")])
def test_a_parameter_that_its_pattern_fits_is_taken(
    cloudformation: "CloudFormationClient", value: str, pattern: str
) -> None:
    outcome = create(cloudformation, {"Logs": group(unique("/pattern"))}, **parameter(value, pattern))

    assert outcome.status == "CREATE_COMPLETE"
    delete(cloudformation, outcome.stack_id)


def test_a_control_character_in_an_output_leaves_the_stack_readable(cloudformation: "CloudFormationClient") -> None:
    outcome = create(cloudformation, {"Logs": group(unique("/control"))}, Outputs={"It": {"Value": "a\u0001b"}})

    assert outcome.outputs == {"It": "a?b"}
    delete(cloudformation, outcome.stack_id)
