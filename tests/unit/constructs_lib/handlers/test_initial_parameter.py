from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from constructs_lib.handlers import initial_parameter
from tests.unit.constructs_lib.handlers.conftest import Answers

TAGS = [{"Key": "Project", "Value": "shop"}]
PROPERTIES = {"Name": "/shop/release", "InitialValue": "image:1", "Description": "what runs", "Tags": TAGS}
WRITE = {
    "Name": "/shop/release",
    "Value": "image:1",
    "Description": "what runs",
    "Type": "String",
    "Tags": TAGS,
    "Overwrite": False,
}


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    client = boto3.client("ssm", region_name="ap-northeast-1", aws_access_key_id="test", aws_secret_access_key="test")
    monkeypatch.setattr(boto3, "client", lambda service: client)
    stubber = Stubber(client)
    stubber.activate()
    return stubber


def call(request: str) -> None:
    event: dict[str, Any] = {"RequestType": request, "ResourceProperties": PROPERTIES}
    initial_parameter.handler(event, None)


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_missing_parameter_gets_its_first_value(ssm: Stubber, answers: Answers, request_type: str) -> None:
    ssm.add_response("put_parameter", {}, WRITE)
    call(request_type)
    ssm.assert_no_pending_responses()
    assert answers.only["status"] == "SUCCESS"
    assert answers.only["physical_id"] == "/shop/release"


def test_a_parameter_that_exists_keeps_its_value(ssm: Stubber, answers: Answers) -> None:
    ssm.add_client_error("put_parameter", "ParameterAlreadyExists", expected_params=WRITE)
    call("Create")
    assert answers.only["status"] == "SUCCESS"


def test_deleting_the_resource_keeps_the_parameter(ssm: Stubber, answers: Answers) -> None:
    call("Delete")
    assert answers.only["status"] == "SUCCESS"


def test_an_error_of_the_api_fails_the_stack_with_its_reason(ssm: Stubber, answers: Answers) -> None:
    ssm.add_client_error("put_parameter", "AccessDeniedException", "not allowed")
    call("Create")
    assert answers.only["status"] == "FAILED"
    assert "not allowed" in answers.only["reason"]
