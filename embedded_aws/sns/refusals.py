"""SNS's refusals of policies and filters; other rules are in `requests/property_rules.yaml` (moto #1276)."""

from typing import Any

from embedded_aws.core.event_patterns import broken_pattern
from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import resource_policies

Request = dict[str, Any]


def check_subscription(request: Request) -> None:
    """Refuse an invalid filter."""
    if (given := request.get("FilterPolicy")) is not None:
        _check_filter(given, request.get("FilterPolicyScope", "MessageAttributes"))


def check_topic_policy(properties: Request) -> None:
    """Refuse an invalid policy for a template's topics."""
    for topic in properties.get("Topics") or []:
        resource_policies.check_topic_policy(str(topic), properties.get("PolicyDocument"))


def _check_filter(given: object, scope: object) -> None:
    policy = json_object(given)
    if policy == {}:
        return
    if said := next(broken_pattern(policy), None):
        raise _refusal(f"FilterPolicy: {said}")
    if scope == "MessageAttributes" and any(isinstance(it, dict) for it in (policy or {}).values()):
        raise _refusal("Filter policy scope MessageAttributes does not support nested filter policy")


def _refusal(reason: str) -> Refusal:
    return Refusal("Sns", "InvalidParameter", f"Invalid parameter: {reason}")
