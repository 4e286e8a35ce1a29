"""Stacks that cannot go on, each under the name of one of the platform's; found, and remedied where that is safe."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from typer.testing import CliRunner, Result

from installation import names
from installation.settings.file import load_settings
from ops.aws.clients import Aws
from ops.cli.app import build
from ops.doctor.finding import Finding
from ops.doctor.remediation import ContinueRollback
from ops.doctor.stack import examine
from ops.errors import ExitCode
from tests.support.embedded.doctoring import clients, commands, evidence
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import wait
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

# Refuses to go back to what it was, until its cause is gone.
FUNCTION = """
import boto3, cfnresponse

def handler(event, context):
    wanted = event["ResourceProperties"]["Value"]
    repaired = boto3.client("ssm").get_parameters(Names=["/repaired"])["Parameters"]
    stuck = event["RequestType"] == "Update" and wanted == "old" and not repaired
    cfnresponse.send(
        event, context, cfnresponse.FAILED if stuck else cfnresponse.SUCCESS, {}, "thing", reason="cannot go back"
    )
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
BAD = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x", "Name": "/taken"}}


class Stacks:
    """Makes stacks, without validation that would find their faults before they begin, and has them looked at."""

    def __init__(self, server: EmbeddedAws) -> None:
        self.server = server
        self.settings = load_settings("dev")
        self.aws: Aws = clients(server, self.settings)

    def create(self, name: str, resources: dict[str, Any]) -> str:
        body = json.dumps({"Resources": resources})
        made = self.aws.cloudformation.create_stack(
            StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"], DisableValidation=True
        )
        return made["StackId"]

    def update(self, name: str, resources: dict[str, Any]) -> None:
        body = json.dumps({"Resources": resources})
        self.aws.cloudformation.update_stack(
            StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"], DisableValidation=True
        )

    def remove(self, stack_id: str) -> None:
        self.aws.cloudformation.delete_stack(StackName=stack_id)
        assert wait(self.aws.cloudformation, stack_id).status == "DELETE_COMPLETE"

    def finding(self, cause: str, *, later: timedelta = timedelta()) -> Finding:
        found = examine(self.aws, datetime.now(UTC) + later, drift=False).findings
        return next(one for one in found if one.cause == cause)

    def command(self, *arguments: str) -> Result:
        return CliRunner().invoke(build(), list(arguments), env=self.server.environment)


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stacks]:
    server = EmbeddedAws(tmp_path_factory.mktemp("doctor-stacks"))
    try:
        server.start()
        made = Stacks(server)
        made.aws.ssm.put_parameter(Name="/taken", Type="String", Value="by somebody")
        yield made
    finally:
        server.close()


def test_a_creation_that_failed(stacks: Stacks) -> None:
    stack_id = stacks.create(names.EDGE_STACK, {"Topic": {"Type": "AWS::SNS::Topic"}, "Parameter": BAD})
    assert wait(stacks.aws.cloudformation, stack_id).status == "ROLLBACK_COMPLETE"
    finding = stacks.finding("creation-failed")
    assert "first cause: Parameter (AWS::SSM::Parameter) CREATE_FAILED" in evidence(finding)
    assert "removes what is left" in finding.summary
    assert "hannibal start --env dev" in commands(finding)
    stacks.remove(stack_id)


def test_each_finding_of_a_failed_validation(stacks: Stacks) -> None:
    topics = {"Type": "AWS::SNS::Topic", "Properties": {"Topics": []}}
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": "never"}}
    body = json.dumps({"Resources": {"Topic": topics, "Group": group}})
    words = {
        "Topic (AWS::SNS::Topic) /Resources/Topic/Properties: ",
        "Group (AWS::Logs::LogGroup) /Resources/Group/Properties/RetentionInDays: ",
    }
    stack_id = stacks.aws.cloudformation.create_stack(StackName=names.EDGE_STACK, TemplateBody=body)["StackId"]
    wait(stacks.aws.cloudformation, stack_id)
    found = evidence(stacks.finding("creation-failed"))
    assert "Validation failed with 2 error(s)" in found
    assert all(f"validation: {word}" in found for word in words), found
    stacks.remove(stack_id)
    # Only a change set: the CDK deploys by one.
    change_set = stacks.aws.cloudformation.create_change_set(
        StackName=names.EDGE_STACK, ChangeSetName="one", ChangeSetType="CREATE", TemplateBody=body
    )
    found = evidence(stacks.finding("change-set-waits"))
    assert all(f"validation: {word}" in found for word in words)
    stacks.remove(change_set["StackId"])


def test_a_deletion_that_a_full_bucket_stopped(stacks: Stacks) -> None:
    stack_id = stacks.create(names.EDGE_STACK, {"Bucket": {"Type": "AWS::S3::Bucket"}})
    bucket = wait(stacks.aws.cloudformation, stack_id).physical_ids["Bucket"]
    stacks.aws.s3.put_object(Bucket=bucket, Key="left", Body=b"x")
    stacks.aws.cloudformation.delete_stack(StackName=stack_id)
    assert wait(stacks.aws.cloudformation, stack_id).status == "DELETE_FAILED"
    finding = stacks.finding("deletion-failed")
    assert "not empty" in evidence(finding)
    assert f"aws s3 rm s3://{bucket} --recursive" in commands(finding)
    assert any("this keeps versions" in it.what for it in finding.remediations)
    assert "hannibal stop" in commands(finding)
    assert finding.fix is None  # what is in the bucket is its owner's
    stacks.aws.s3.delete_object(Bucket=bucket, Key="left")
    stacks.remove(stack_id)


def test_a_deletion_that_a_one_off_task_stopped(stacks: Stacks) -> None:
    cluster = stacks.settings.names.cluster
    resource = {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": cluster}}
    stack_id = stacks.create(names.COMPUTE_STACK, {"Cluster": resource})
    assert wait(stacks.aws.cloudformation, stack_id).status == "CREATE_COMPLETE"
    stacks.aws.ecs.register_task_definition(
        family="left", containerDefinitions=[{"name": "api", "image": "example/api:1", "memory": 128}]
    )
    (task,) = stacks.aws.ecs.run_task(cluster=cluster, taskDefinition="left", launchType="EC2")["tasks"]
    stacks.aws.cloudformation.delete_stack(StackName=stack_id)
    assert wait(stacks.aws.cloudformation, stack_id).status == "DELETE_FAILED"
    finding = stacks.finding("deletion-failed")
    assert "Tasks are active" in evidence(finding)
    identifier = task["taskArn"].rpartition("/")[2]
    assert f"aws ecs stop-task --cluster {cluster} --task {identifier}" in commands(finding)
    stacks.aws.ecs.stop_task(cluster=cluster, task=task["taskArn"])
    stacks.remove(stack_id)


@pytest.mark.parametrize(
    ("repaired", "result"), [(False, "is rolled back but for Thing, which stay"), (True, "EdgeStack is rolled back\n")]
)
def test_a_rollback_that_failed_goes_on_as_far_as_it_can(stacks: Stacks, repaired: bool, result: str) -> None:
    def resources(value: str) -> dict[str, Any]:
        code = {
            "Code": {"ZipFile": FUNCTION},
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Runtime": "python3.12",
        }
        token = {"Fn::GetAtt": ["Function", "Arn"]}
        return {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": code},
            "Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": token, "Value": value}},
        }

    stack_id = stacks.create(names.EDGE_STACK, resources("old"))
    assert wait(stacks.aws.cloudformation, stack_id).status == "CREATE_COMPLETE"

    stacks.update(stack_id, resources("new") | {"Parameter": BAD | {"DependsOn": "Thing"}})
    assert wait(stacks.aws.cloudformation, stack_id).status == "UPDATE_ROLLBACK_FAILED"
    finding = stacks.finding("rollback-failed")
    assert "update: Parameter (AWS::SSM::Parameter) " in evidence(finding)
    assert "rollback: Thing (Custom::Thing) UPDATE_FAILED: " in evidence(finding)
    assert finding.fix == ContinueRollback(stack=names.EDGE_STACK, skip=("Thing",))
    assert commands(finding).endswith("--resources-to-skip Thing")

    if repaired:
        stacks.aws.ssm.put_parameter(Name="/repaired", Type="String", Value="yes")
    fixed = stacks.command("doctor", "stack", "--no-drift", "--fix", "--yes")
    assert fixed.exit_code == ExitCode.DONE, fixed.output
    assert result in fixed.output
    notice = stacks.finding("update-rolled-back")
    assert (notice.level, notice.remediations[0].command) == ("notice", "hannibal start --env dev")
    stacks.remove(stack_id)


def test_an_operation_that_is_still_going_on_and_one_that_hangs(stacks: Stacks) -> None:
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    waiting = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "43200"},
    }
    stack_id = stacks.create(names.EDGE_STACK, {"Handle": handle, "Wait": waiting})
    wait_for(lambda: "waits for: Wait" in evidence(stacks.finding("stack-busy")))
    assert stacks.finding("stack-busy").level == "notice"
    assert stacks.command("doctor", "stack", "--no-drift").exit_code == ExitCode.DONE
    stuck = stacks.finding("stack-stuck", later=timedelta(hours=1))
    assert stuck.level == "trouble"
    assert "Wait (AWS::CloudFormation::WaitCondition) CREATE_IN_PROGRESS" in evidence(stuck)
    described = stacks.aws.cloudformation.describe_stack_resource(StackName=stack_id, LogicalResourceId="Handle")
    signal = {"Status": "SUCCESS", "UniqueId": "1", "Data": "", "Reason": "the test is over"}
    urllib3.request("PUT", described["StackResourceDetail"]["PhysicalResourceId"], body=json.dumps(signal).encode())
    assert wait(stacks.aws.cloudformation, stack_id).status == "CREATE_COMPLETE"
    stacks.remove(stack_id)


def test_an_update_that_is_cancelled_goes_back(stacks: Stacks) -> None:
    cloudformation, handle = stacks.aws.cloudformation, {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    stack_id = stacks.create(names.EDGE_STACK, {"Handle": handle})
    assert wait(cloudformation, stack_id).status == "CREATE_COMPLETE"
    waiting = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "43200"},
    }
    stacks.update(names.EDGE_STACK, {"Handle": handle, "Wait": waiting})
    wait_for(lambda: "waits for: Wait" in evidence(stacks.finding("stack-busy")))
    stacks.server.session().client("cloudformation").cancel_update_stack(StackName=names.EDGE_STACK)
    outcome = wait(cloudformation, stack_id)
    assert (outcome.status, outcome.reasons) == ("UPDATE_ROLLBACK_COMPLETE", {"Wait": "Resource creation cancelled"})
    events = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    assert "User Initiated" in {event.get("ResourceStatusReason") for event in events}
    stacks.remove(stack_id)


def test_what_was_changed_by_hand(stacks: Stacks) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "as in the template"}}
    stack_id = stacks.create(names.GUARDRAIL_STACK, {"Alerts": topic})
    arn = wait(stacks.aws.cloudformation, stack_id).physical_ids["Alerts"]
    stacks.server.session().client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="DisplayName", AttributeValue="as somebody wanted it"
    )
    result = stacks.command("doctor", "stack", "--json")
    findings = json.loads(result.stdout)["examinations"][0]["findings"]
    (drift,) = [one for one in findings if one["cause"] == "drift"]
    assert "as in the template became as somebody wanted it" in drift["evidence"][0]["text"]
    assert drift["mends"][0]["command"] == "hannibal drift --env dev"


@pytest.mark.parametrize(
    ("stack", "cause", "remediation"),
    [
        (
            names.ARTIFACT_STACK,
            "resource-deleted",
            "npx cdk deploy ArtifactStack --exclusively -c env=dev --revert-drift",
        ),
        (names.EDGE_STACK, "month-resource-deleted", "hannibal stop --env dev && hannibal start --env dev"),
    ],
)
def test_what_was_deleted_by_hand(stacks: Stacks, stack: str, cause: str, remediation: str) -> None:
    stack_id = stacks.create(
        stack,
        {
            "Pages": {"Type": "AWS::S3::Bucket"},
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "Pages"},
                    "PolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Deny",
                                "Principal": "*",
                                "Action": "s3:GetObject",
                                "Resource": {"Fn::Sub": "${Pages.Arn}/*"},
                            }
                        ]
                    },
                },
            },
            "Images": {"Type": "AWS::ECR::Repository"},
        },
    )
    made = wait(stacks.aws.cloudformation, stack_id).physical_ids
    session = stacks.server.session()
    session.client("s3").delete_bucket_policy(Bucket=made["Pages"])
    session.client("ecr").delete_repository(repositoryName=made["Images"])
    result = stacks.command("doctor", "stack", "--json")
    findings = json.loads(result.stdout)["examinations"][0]["findings"]
    (finding,) = [one for one in findings if one["cause"] == cause]
    assert (finding["level"], finding["mends"][0]["command"]) == ("trouble", remediation)
    assert not any(stack in str(one["evidence"]) for one in findings if one["cause"] == "drift")
    change_set: Any = {"StackName": stack, "ChangeSetName": "revert"}
    stacks.aws.cloudformation.create_change_set(
        **change_set, UsePreviousTemplate=True, DeploymentMode="REVERT_DRIFT", Capabilities=["CAPABILITY_IAM"]
    )
    stacks.aws.cloudformation.execute_change_set(**change_set)
    assert wait(stacks.aws.cloudformation, stack_id).status == "UPDATE_COMPLETE"
    assert session.client("s3").get_bucket_policy(Bucket=made["Pages"])["Policy"]
    assert session.client("ecr").describe_repositories(repositoryNames=[made["Images"]])["repositories"]
    assert sorted(one["text"].split()[0] for one in finding["evidence"]) == ["Images", "Policy"]
    stacks.remove(stack_id)
