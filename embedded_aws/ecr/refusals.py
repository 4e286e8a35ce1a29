"""ECR's refusals of policies, with its message for any parameter."""

from typing import Any

from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import resource_policies


def check_repository_policy(request: dict[str, Any]) -> None:
    """Refuse a policy that is invalid."""
    resource_policies.check_repository_policy(request.get("policyText"))


def check_priorities(request: dict[str, Any]) -> None:
    """Refuse rules of the same priority, and one for any image that is not the last (user guide, "Lifecycle policies").

    AWS's messages are unknown; the two rules are documented.
    """
    rules = (json_object(request.get("lifecyclePolicyText")) or {}).get("rules") or []
    priorities = [int(rule["rulePriority"]) for rule in rules]
    of_any = [rule["rulePriority"] for rule in rules if rule["selection"]["tagStatus"] == "any"]
    said = "Lifecycle policy validation failure: "
    if len(priorities) > len(set(priorities)):
        raise _refusal("LifecyclePolicyText", f"{said}rulePriority must be unique")
    if of_any and (len(of_any) > 1 or int(of_any[0]) < max(priorities)):
        raise _refusal("LifecyclePolicyText", f"{said}the rule with tagStatus any must have the highest rulePriority")


def check_repository(properties: dict[str, Any]) -> None:
    """Refuse the invalid policies of a template."""
    check_priorities({"lifecyclePolicyText": (properties.get("LifecyclePolicy") or {}).get("LifecyclePolicyText")})
    if "RepositoryPolicyText" in properties:
        resource_policies.check_repository_policy(properties["RepositoryPolicyText"])


def _refusal(where: str, constraint: str) -> Refusal:
    message = f"Invalid parameter at '{where}' failed to satisfy constraint: '{constraint}'"
    return Refusal("Ecr", "InvalidParameterException", message)
