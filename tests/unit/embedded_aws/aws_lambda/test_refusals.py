"""Variables and runtimes of a function."""

from typing import Any

import pytest

from embedded_aws.aws_lambda import refusals
from embedded_aws.aws_lambda.refusals import check_function, check_new_function
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import emulator as iam


def test_variables_are_measured_as_json() -> None:
    check_function({"FunctionName": "a"})
    check_function({"Environment": {"Variables": {"A": "x" * (4_096 - len('{"A":""}'))}}})
    with pytest.raises(Refusal, match="exceeded the 4KB limit"):
        check_function({"Environment": {"Variables": {"A": '"' * 2_045}}})


def test_an_old_runtime_is_refused_to_new_functions_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that holds one may still change its memory."""
    dates = {
        "old": {"create-block": "2026-01-01", "update-block": "2999-01-01"},
        "gone": {"update-block": "2026-01-01"},
    }
    monkeypatch.setattr(refusals, "_lifecycles", lambda: dates)
    check_function({"Runtime": "old"})
    with pytest.raises(Refusal, match="The runtime parameter of old is no longer supported"):
        check_new_function({"Runtime": "old"})
    with pytest.raises(Refusal, match="The runtime parameter of gone is no longer supported"):
        check_function({"Runtime": "gone"})


@pytest.mark.parametrize(
    ("granted", "refused"),
    [
        ({"AttachedPolicies": ["arn:aws:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"]}, False),
        ({"AttachedPolicies": ["arn:aws:iam::aws:policy/AmazonVPCFullAccess"]}, False),
        ({"AttachedPolicies": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]}, True),
        ({"AttachedPolicies": []}, True),
        (
            {
                "AttachedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"],
                "PermissionsBoundary": "arn:aws:iam::aws:policy/job-function/NetworkAdministrator",
            },
            False,
        ),
    ],
)
def test_a_role_with_a_policy_of_unknown_contents_may_be_right(granted: dict[str, Any], refused: bool) -> None:
    request = {"Role": "arn:aws:iam::000000000000:role/networked", "VpcConfig": {"SubnetIds": ["subnet-1"]}}
    iam.roles["networked"] = {"RoleName": "networked", "Arn": request["Role"], "InlinePolicies": {}, **granted}
    try:
        if refused:
            with pytest.raises(Refusal, match="permissions to call CreateNetworkInterface on EC2"):
                check_function(request)
        else:
            check_function(request)
    finally:
        del iam.roles["networked"]
