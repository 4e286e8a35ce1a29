"""Parts of the extensions that compute and touch no service."""

import json
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.aws_lambda.functions import function_environment
from embedded_aws.cloudformation.failure_reasons import readable
from embedded_aws.cloudformation.generated_names import renew_suffix
from embedded_aws.cloudformation.interrupted_operations import REASON, end_operation
from embedded_aws.cloudformation.template_conditions import resolve_joins
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam.refusals import (
    INLINE_POLICIES_CHARACTERS,
    MANAGED_POLICY_CHARACTERS,
    check_inline_policies,
    check_managed_policy,
    check_trust_policy,
    policy_size,
)


def test_white_space_of_a_policy_does_not_count() -> None:
    document = {"Version": "2012-10-17", "Statement": []}

    assert policy_size(json.dumps(document, indent=4)) == policy_size(document) == len('{"Version":"2012-10-17",') + 15


def test_policies_may_be_exactly_as_long_as_their_quota() -> None:
    check_managed_policy("x" * MANAGED_POLICY_CHARACTERS)
    check_inline_policies("role", {"a": "x" * 10_000, "b": "x" * 240})
    check_trust_policy("x" * 2_048)

    with pytest.raises(Refusal, match="Cannot exceed quota for PolicySize: 6144"):
        check_managed_policy("x" * (MANAGED_POLICY_CHARACTERS + 1))
    with pytest.raises(Refusal, match=f"Maximum policy size of {INLINE_POLICIES_CHARACTERS} bytes exceeded for role r"):
        check_inline_policies("r", {"a": "x" * 10_000, "b": "x" * 241})
    with pytest.raises(Refusal, match="Cannot exceed quota for ACLSizePerRole: 2048"):
        check_trust_policy("x" * 2_049)


def test_generated_name_keeps_its_form_and_depends_on_the_stack() -> None:
    first = renew_suffix("NetworkStack-Role-0123456789ABC", "stack/one")

    assert first.startswith("NetworkStack-Role-")
    assert len(first) == len("NetworkStack-Role-0123456789ABC")
    assert first == first.rpartition("-")[0] + "-" + first.rpartition("-")[2].upper()
    assert first == renew_suffix("NetworkStack-Role-0123456789ABC", "stack/one"), "an update keeps the name"
    assert first != renew_suffix("NetworkStack-Role-0123456789ABC", "stack/two")
    assert first != renew_suffix("NetworkStack-Role-0123456789ABD", "stack/one")


def test_generated_name_of_a_bucket_stays_in_small_letters() -> None:
    name = renew_suffix("stack-bucket-0123456789abc", "stack/one")

    assert name == name.lower()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"__type": "AlreadyExists", "message": "There is one."}', "There is one."),
        (b"<Response><Errors><Error><Message>In use.</Message></Error></Errors></Response>", "In use."),
        (b'<R xmlns="urn:x"><Message>It\'s in use.</Message></R>', "It's in use."),
    ],
)
def test_raw_response_becomes_a_readable_reason(raw: bytes, message: str) -> None:
    reason = readable(f"AWS::EC2::VPC delete failed: {raw!r}")

    assert reason.startswith(f'Resource handler returned message: "{message}" (')


@pytest.mark.parametrize("reason", ["", "already readable", "AWS::EC2::VPC delete failed: b'no message'"])
def test_other_reasons_stay_as_they_are(reason: str) -> None:
    assert readable(reason) == reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CREATE_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("DELETE_IN_PROGRESS", "DELETE_FAILED"),
    ],
)
def test_interrupted_stack_gets_a_status_to_go_on_from(before: str, after: str) -> None:
    resource = {"ResourceStatus": "CREATE_IN_PROGRESS"}
    stack: dict[str, Any] = {"StackId": "id", "StackName": "name", "StackStatus": before, "_resources": {"A": resource}}

    event = end_operation(stack)

    assert event is not None
    assert (stack["StackStatus"], stack["StackStatusReason"]) == (after, REASON)
    assert event["ResourceStatus"] == after
    assert resource["ResourceStatus"] == "CREATE_FAILED"


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"])
def test_stack_at_rest_stays_as_it_is(status: str) -> None:
    stack = {"StackId": "id", "StackName": "name", "StackStatus": status}

    assert end_operation(stack) is None
    assert stack["StackStatus"] == status


@pytest.mark.parametrize(("value", "expected"), [("", ""), ("a", "a"), ("a,b", "a+b")])
def test_join_of_a_list_parameter_in_a_condition(value: str, expected: str) -> None:
    condition = {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["+", {"Ref": "List"}]}]}]}

    assert resolve_joins(condition, {"List": value}) == {"Fn::Not": [{"Fn::Equals": ["", expected]}]}


def test_join_of_texts_and_parameters_in_a_condition() -> None:
    condition = {"Fn::Equals": [{"Fn::Join": ["-", ["x", {"Ref": "One"}]]}, "x-1"]}

    assert resolve_joins(condition, {"One": "1"}) == {"Fn::Equals": ["x-1", "x-1"]}


def test_function_gets_its_own_variables_and_none_of_the_server() -> None:
    server = {"PATH": "/bin", "AUTH": "false", "STATE_DIR": "/state", "AWS_REGION": "ap-northeast-1"}
    given = {**server, "AUTH": "own", "STAGE": "dev", "AWS_LAMBDA_FUNCTION_NAME": "probe"}
    config = {"FunctionName": "probe", "Handler": "index.handler", "Runtime": "python3.12"}

    variables = function_environment(given, server=server, config=config, runtime_folder=Path("/runtime"))

    assert variables["AUTH"] == "own", "a variable of the function may have the name of one of the server's"
    assert variables["STAGE"] == "dev"
    assert "STATE_DIR" not in variables
    assert variables["PATH"] == "/bin"
    assert variables["PYTHONPATH"] == "/runtime"
    assert variables["_HANDLER"] == "index.handler"
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"
