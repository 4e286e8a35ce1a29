"""Whether a service may assume a role, which services check before they accept one."""

from typing import Any

from embedded_aws.core.json_value import as_list, json_object
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import emulator


def trusts(arn: str, service: str) -> bool | None:
    """Whether a role trusts a service; None if there is no such role."""
    role = emulator.roles.get(arn.rpartition("/")[2])
    if role is None or role["Arn"] != arn:
        return None
    policy = json_object(role["AssumeRolePolicyDocument"]) or {}
    for statement in as_list(policy.get("Statement", [])):
        principal = statement.get("Principal", {})
        services = as_list(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
        if statement.get("Effect") == "Allow" and {service, "*"}.intersection(services):
            return True
    return False


def check_stack_role(request: dict[str, Any]) -> None:
    """Refuse a role that CloudFormation cannot assume (terraform-provider-aws #22834)."""
    arn = request.get("RoleARN")
    if arn and not trusts(arn, "cloudformation.amazonaws.com"):
        raise Refusal("CloudFormation", "ValidationError", f"Role {arn} is invalid or cannot be assumed")
