"""Whoever hands a role to a service must be allowed to pass it, which the emulator does not ask.

Source: IAM user guide, "Grant a user permissions to pass a role to an AWS service".
"""

from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from embedded_aws.core.patching import Function, wrap
from embedded_aws.iam.authorization.resources import read_request

_PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action
# Members of a request that are roles, and the service that they are handed to.
_PASSED = {
    "cloudformation:CreateChangeSet": (("RoleARN",), "cloudformation.amazonaws.com"),
    "cloudformation:CreateStack": (("RoleARN",), "cloudformation.amazonaws.com"),
    "cloudformation:DeleteStack": (("RoleARN",), "cloudformation.amazonaws.com"),
    "cloudformation:UpdateStack": (("RoleARN",), "cloudformation.amazonaws.com"),
    "codedeploy:CreateDeploymentGroup": (("serviceRoleArn",), "codedeploy.amazonaws.com"),
    "codedeploy:UpdateDeploymentGroup": (("serviceRoleArn",), "codedeploy.amazonaws.com"),
    "ecs:RegisterTaskDefinition": (("taskRoleArn", "executionRoleArn"), "ecs-tasks.amazonaws.com"),
    "fis:CreateExperimentTemplate": (("roleArn",), "fis.amazonaws.com"),
    "lambda:CreateFunction": (("Role",), "lambda.amazonaws.com"),
    "lambda:UpdateFunctionConfiguration": (("Role",), "lambda.amazonaws.com"),
    "scheduler:CreateSchedule": (("Target.RoleArn",), "scheduler.amazonaws.com"),
    "scheduler:UpdateSchedule": (("Target.RoleArn",), "scheduler.amazonaws.com"),
}
# The roles of the request that is being answered, and the service; then whether passing one of them was refused.
_roles: ContextVar[tuple[tuple[str, ...], str]] = ContextVar("hannibal_passed_roles", default=((), ""))
_refused: ContextVar[bool] = ContextVar("hannibal_passing_refused", default=False)


def install() -> None:
    """Ask for each role that a request hands over, after the request itself was allowed."""
    wrap(iam_actions, "request_tag_context", _remember_roles)
    wrap(iam_evaluator, "enforce", _and_pass_roles)
    wrap(iam_actions, "access_denied_response", _name_what_was_refused)


def _remember_roles(
    original: Function, service: str, action: str, body: bytes, parameters: dict[str, list[str]]
) -> Any:
    members, receiver = _PASSED.get(action, ((), ""))
    request = read_request(body, parameters) if members else {}
    _roles.set((tuple(str(role) for member in members if (role := _member(request, member))), receiver))
    _refused.set(False)
    return original(service, action, body, parameters)


def _member(request: dict[str, Any], path: str) -> Any:
    """A member of a request; a dot leads into one."""
    found: Any = request
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _and_pass_roles(original: Function, access_key: str, action: str, service: str, region: str, **options: Any) -> Any:
    denied = original(access_key, action, service, region, **options)
    roles, receiver = _roles.get()
    if denied or action not in _PASSED:
        return denied
    for role in roles:
        denied = original(
            access_key, _PASS_ROLE, "iam", region, resource_arn=role, service_context={"iam:PassedToService": receiver}
        )
        if denied:
            _refused.set(True)
            return denied
    return None


def _name_what_was_refused(original: Function, service: str, action: str, *rest: Any, **options: Any) -> Any:
    return original(service, _PASS_ROLE if _refused.get() else action, *rest, **options)
