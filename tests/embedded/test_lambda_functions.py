"""Functions run as on AWS: with its modules and variables, and with nothing of this machine."""

import re
from typing import Any

import pytest

from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import Outcome, create, unique

pytestmark = pytest.mark.embedded

CODE = """
import importlib.util, os, sys
import boto3, cfnresponse

def handler(event, context):
    wanted = event["ResourceProperties"]
    if wanted["Answer"] == "fail":
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, reason="as ordered")
    elif wanted["Answer"] == "send":
        found = boto3.client("ssm").get_parameter(Name=wanted["Parameter"])["Parameter"]["Value"]
        foreign = ("aws_cdk", "constructs_lib", "embedded_aws", "installation", "ministack", "pytest")
        data = {
            "Parameter": found,
            "Region": boto3.session.Session().region_name,
            "Variables": " ".join(sorted(os.environ)),
            "Foreign": " ".join(name for name in foreign if importlib.util.find_spec(name)),
        }
        cfnresponse.send(event, context, cfnresponse.SUCCESS, data, "made-by-function")
"""


def custom_resource(**properties: Any) -> dict[str, Any]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": CODE},
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Runtime": "python3.12",
                "Environment": {"Variables": {"OWN": "1"}},
            },
        },
        "Resource": {
            "Type": "Custom::Probe",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, **properties},
        },
    }


@pytest.fixture(scope="module")
def probe(embedded_aws: EmbeddedAws) -> Outcome:
    parameter = unique("/probe")
    embedded_aws.session().client("ssm").put_parameter(Name=parameter, Value="found", Type="String")
    names = ("Parameter", "Region", "Variables", "Foreign")
    outputs = {name: {"Value": {"Fn::GetAtt": ["Resource", name]}} for name in names}
    resources = custom_resource(Answer="send", Parameter=parameter)
    return create(embedded_aws.session().client("cloudformation"), resources, Outputs=outputs)


def test_inline_function_answers_through_cfnresponse(probe: Outcome) -> None:
    assert probe.status == "CREATE_COMPLETE", probe.reasons
    assert probe.physical_ids["Resource"] == "made-by-function"


def test_function_talks_to_the_embedded_aws_in_its_region(probe: Outcome) -> None:
    assert probe.outputs["Parameter"] == "found"
    assert probe.outputs["Region"] == "ap-northeast-1"


def test_function_can_import_only_what_aws_has(probe: Outcome) -> None:
    assert probe.outputs.get("Foreign", "") == ""


def test_function_sees_the_variables_of_aws_and_its_own_only(probe: Outcome) -> None:
    variables = probe.outputs["Variables"].split()
    expected = {"AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION", "LAMBDA_TASK_ROOT", "OWN", "_HANDLER"}
    of_the_server = {"AUTH", "BIND_HOST", "GATEWAY_PORT", "HOME", "PERSIST_STATE", "S3_DATA_DIR", "STATE_DIR"}
    assert expected <= set(variables)
    assert not of_the_server & set(variables)


def test_failure_is_reported_as_cloudformation_reports_it(embedded_aws: EmbeddedAws) -> None:
    client = embedded_aws.session().client("cloudformation")
    outcome = create(client, custom_resource(Answer="fail"))

    expected = "Received response status [FAILED] from custom resource. Message returned: as ordered"
    assert outcome.reasons["Resource"] == expected
    assert outcome.status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}


def test_resource_that_never_answers_times_out(embedded_aws: EmbeddedAws) -> None:
    client = embedded_aws.session().client("cloudformation")
    outcome = create(client, custom_resource(Answer="none", ServiceTimeout=1))

    assert outcome.reasons["Resource"].startswith(
        "CloudFormation did not receive a response from your Custom Resource."
    )


def test_functions_that_share_a_log_group_have_streams_of_their_own_names(embedded_aws: EmbeddedAws) -> None:
    resources = custom_resource(Answer="fail")
    resources["Group"] = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": unique("/functions")}}
    resources["Function"]["Properties"]["LoggingConfig"] = {"LogGroup": {"Ref": "Group"}}
    resources["Group"]["DeletionPolicy"] = "Retain"
    create(embedded_aws.session().client("cloudformation"), resources)

    logs: Any = embedded_aws.session().client("logs")
    group = resources["Group"]["Properties"]["LogGroupName"]
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"][:1]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/[\w-]*Function[\w-]*\[\$LATEST\]\w{32}", stream["logStreamName"])
