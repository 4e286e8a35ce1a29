"""Nearly 300 calls that AWS refuses: none is taken, and each is refused with AWS's code."""

import http.client
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


# How each service of JSON is asked, with what its signature names; Lambda by its path.
JSON_OPERATIONS = {
    "application-autoscaling": "AnyScaleFrontendService.DescribeScalableTargets",
    "cloudtrail": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails",
    "codedeploy": "CodeDeploy_20141006.ListApplications",
    "ecr": "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories",
    "ecs": "AmazonEC2ContainerServiceV20141113.ListClusters",
    "logs": "Logs_20140328.DescribeLogGroups",
    "monitoring": "GraniteServiceVersion20100801.DescribeAlarms",
    "secretsmanager": "secretsmanager.ListSecrets",
    "ssm": "AmazonSSM.DescribeParameters",
}
NO_OBJECTS = (b"[]", b'"x"', b"null", b"5", b'{"a": "\xff"}', b'{"a":', b'{"a": ' + b"9" * 5000 + b"}")


def post(server: EmbeddedAws, path: str, service: str, body: bytes, **headers: str) -> tuple[int, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    signature = f"AWS4-HMAC-SHA256 Credential=test/20260801/ap-northeast-1/{service}/aws4_request, Signature=x"
    connection.request("POST", path, body=body, headers={"Authorization": signature, **headers})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.getheader("x-amzn-errortype")


@pytest.mark.parametrize("body", NO_OBJECTS, ids=repr)
@pytest.mark.parametrize("service", JSON_OPERATIONS)
def test_a_body_that_is_no_json_object_is_refused(embedded_aws: EmbeddedAws, service: str, body: bytes) -> None:
    answer = post(embedded_aws, "/", service, body, **{"X-Amz-Target": JSON_OPERATIONS[service]})

    assert answer == (400, "SerializationException")


@pytest.mark.parametrize("body", NO_OBJECTS, ids=repr)
def test_lambda_refuses_such_a_body_but_takes_any_event(embedded_aws: EmbeddedAws, body: bytes) -> None:
    functions = "/2015-03-31/functions"

    assert post(embedded_aws, functions, "lambda", body) == (400, "SerializationException")
    invoked = post(embedded_aws, f"{functions}/none/invocations", "lambda", b"[]")
    assert invoked == (404, "ResourceNotFoundException")


@pytest.mark.parametrize(
    ("service", "target", "path", "body"),
    [
        ("scheduler", "", "/schedules/a", b'{"Target": "x"}'),
        ("scheduler", "", "/schedules/a", b'{"Target": {"EcsParameters": ["x"]}}'),
        ("budgets", "AWSBudgetServiceGateway.CreateBudget", "/", b'{"AccountId": "000000000000", "Budget": "x"}'),
        ("events", "AWSEvents.PutTargets", "/", b'{"Rule": "r", "Targets": "x"}'),
        ("events", "AWSEvents.PutTargets", "/", b'{"Rule": "r", "Targets": ["x"]}'),
    ],
)
def test_a_text_in_place_of_a_structure_is_refused(
    embedded_aws: EmbeddedAws, service: str, target: str, path: str, body: bytes
) -> None:
    headers = {"X-Amz-Target": target} if target else {}

    assert post(embedded_aws, path, service, body, **headers) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("lambda", "/x/functions"),
        ("lambda", "/x/%66unctions"),
        ("lambda", "/2015-03-31/%2566unctions"),
        ("lambda", "/2020-01-01/functions/f/policy"),
        ("scheduler", "/x"),
    ],
)
def test_a_path_that_aws_lacks_is_unknown(embedded_aws: EmbeddedAws, service: str, path: str) -> None:
    assert post(embedded_aws, path, service, b"{}") == (404, "UnknownOperationException")


def test_a_request_names_one_operation(embedded_aws: EmbeddedAws) -> None:
    """Otherwise one of them could be authorized, and the other one answered."""
    named = post(embedded_aws, "/?Action=GetCallerIdentity", "iam", b"Action=ListUsers&Version=2010-05-08")
    assert named == (400, "InvalidAction")
