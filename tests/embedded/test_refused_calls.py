"""More than 200 calls that AWS refuses: none is taken, and each is refused with AWS's code."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.embedded.refused_calls import RefusedCall, refused_calls
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import create

pytestmark = pytest.mark.embedded

TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}
# What the calls of the table name: ok and okp, okc, okf; a group of logs.
THERE: dict[str, Any] = {
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "okalarm",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "MetricName": "errors",
            "Namespace": "test",
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        },
    },
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "okbucket"}},
    "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "okc"}},
    "Definition": {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "ContainerDefinitions": [{"Name": "api", "Image": "public.ecr.aws/x:1"}],
            "Cpu": "256",
            "Family": "okf",
            "Memory": "512",
            "NetworkMode": "awsvpc",
            "RequiresCompatibilities": ["FARGATE"],
        },
    },
    "Group": {
        "Type": "AWS::RDS::DBParameterGroup",
        "Properties": {"DBParameterGroupName": "okpg", "Description": "x", "Family": "postgres17"},
    },
    "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/wrong"}},
    "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/okp", "Type": "String", "Value": "1"}},
    "Repository": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "ok"}},
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "ok", "AssumeRolePolicyDocument": TRUST}},
    "Rule": {"Type": "AWS::Events::Rule", "Properties": {"Name": "ok", "ScheduleExpression": "rate(5 minutes)"}},
    "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "ok", "SecretString": "1"}},
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "ok"}},
}


@pytest.fixture(scope="module")
def clients(embedded_aws: EmbeddedAws) -> dict[str, Any]:
    """Clients that leave it to the service to look, with what the calls name."""
    outcome = create(embedded_aws.session().client("cloudformation"), THERE)
    assert outcome.status == "CREATE_COMPLETE", outcome.reasons
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    session: Any = embedded_aws.session()
    return {name: session.client(name, config=config) for name in {call.service for call in refused_calls()}}


@pytest.mark.parametrize("call", tuple(refused_calls()), ids=str)
def test_a_call_that_aws_refuses_is_refused(clients: dict[str, Any], call: RefusedCall) -> None:
    with pytest.raises(ClientError) as error:
        getattr(clients[call.service], call.operation)(**call.request)

    answer = error.value.response["Error"]
    assert answer["Code"] == call.code
    assert answer["Message"].startswith(call.begins)
