"""What resources need, by their schemas and by the rules."""

from typing import Any

import pytest

from ops.errors import FailedError
from ops.iam.needs import added, handler_actions, has_property, left_out, template_needs, unknown_actions
from ops.iam.reference import action
from ops.templates.template import Template
from ops.templates.values import Map

REGION = "ap-northeast-1"


def actions(resource_type: str, stack: str = "ArtifactStack", **properties: Any) -> set[str]:
    content: Map = {"Resources": {"Thing": {"Type": resource_type, "Properties": properties}}}
    return {need.action for need in template_needs(Template(stack, content), REGION)}


def test_handlers_say_what_a_type_needs() -> None:
    found = handler_actions("AWS::SNS::Topic", REGION)

    assert found["sns:CreateTopic"] == ("create",)
    assert found["sns:DeleteTopic"] == ("delete",)
    assert "read" in found["sns:GetTopicAttributes"]


def test_looking_outside_of_stacks_is_not_needed() -> None:
    assert "sns:ListTopics" not in handler_actions("AWS::SNS::Topic", REGION)


def test_actions_are_written_as_iam_writes_them() -> None:
    assert "cloudtrail:CreateTrail" in handler_actions("AWS::CloudTrail::Trail", REGION)


def test_what_iam_does_not_know_is_named_and_not_granted() -> None:
    assert "s3:DeleteBucketCors" in unknown_actions(["AWS::S3::Bucket"], REGION)
    assert not [name for name in handler_actions("AWS::S3::Bucket", REGION) if action(name) is None]


def test_a_permission_comes_back_with_the_property_that_needs_it() -> None:
    assert "s3:PutBucketCORS" not in actions("AWS::S3::Bucket")
    assert "s3:PutBucketCORS" in actions("AWS::S3::Bucket", CorsConfiguration={"CorsRules": []})
    assert "s3:GetObject" not in actions("AWS::Lambda::Function", Code={"ZipFile": "x"})
    assert "s3:GetObject" in actions("AWS::Lambda::Function", Code={"S3Bucket": "x"})


@pytest.mark.parametrize(
    ("resource_type", "needed", "not_needed"),
    [
        ("AWS::S3::Bucket", "s3:GetBucketMetadataTableConfiguration", "s3:CreateBucketMetadataTableConfiguration"),
        ("AWS::Lambda::Function", "lambda:GetFunctionScalingConfig", "lambda:PutFunctionScalingConfig"),
        ("AWS::CodeDeploy::DeploymentGroup", "codedeploy:GetDeployment", "codedeploy:CreateDeployment"),
    ],
)
def test_a_feature_that_no_template_uses_is_read_all_the_same(resource_type: str, needed: str, not_needed: str) -> None:
    """A read handler gets an identifier, and no properties that could tell it what not to ask for."""
    assert "read" in handler_actions(resource_type, REGION)[needed]
    assert needed in actions(resource_type)
    assert not_needed not in actions(resource_type)


def test_deleting_the_trail_is_never_given() -> None:
    found = actions("AWS::CloudTrail::Trail", "AuditStack")

    assert not found & {"cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"}
    assert "cloudtrail:CreateTrail" in found


def test_custom_resources_are_called() -> None:
    assert actions("Custom::NewestSnapshot") == {"lambda:InvokeFunction"}


def test_references_are_read_with_the_execution_role() -> None:
    content: Map = {
        "Parameters": {
            "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"}
        },
        "Resources": {
            "Thing": {
                "Type": "Custom::Thing",
                "Properties": {
                    "Image": "{{resolve:ssm:/hannibal/release/current}}",
                    "Password": {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString}}"]]},
                    "Vpc": {"Fn::GetStackOutput": {"StackName": "NetworkStack", "OutputName": "Vpc"}},
                },
            }
        },
    }

    found = {(need.action, need.about) for need in template_needs(Template("ComputeStack", content), REGION)}

    assert found == {
        ("lambda:InvokeFunction", ""),
        ("ssm:GetParameters", "parameter/hannibal/release/current"),
        ("ssm:GetParameters", "parameter/cdk-bootstrap/x/version"),
        ("secretsmanager:GetSecretValue", ""),
        ("cloudformation:DescribeStacks", "stack/NetworkStack/*"),
    }


def test_a_linked_role_is_that_of_the_service() -> None:
    content: Map = {"Resources": {"Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {}}}}

    (need,) = [
        need
        for need in template_needs(Template("ComputeStack", content), REGION)
        if need.action == "iam:CreateServiceLinkedRole"
    ]

    assert need.about == "role/aws-service-role/ecs.amazonaws.com/*"


def test_a_type_without_schema_is_an_error_that_names_it() -> None:
    with pytest.raises(FailedError, match="AWS::Nothing::Here has no schema"):
        actions("AWS::Nothing::Here")


def test_parts_of_properties_are_found() -> None:
    assert has_property({"Code": {"S3Bucket": "x"}}, "Code.S3Bucket")
    assert not has_property({"Code": {"ZipFile": "x"}}, "Code.S3Bucket")


def test_rules_concern_actions_that_exist() -> None:
    for rule in added():
        assert not [name for name in rule.actions if action(name) is None], rule


def test_every_rule_says_why_in_a_sentence() -> None:
    for rule in (*added(), *left_out()):
        assert rule.reason.endswith("."), rule
