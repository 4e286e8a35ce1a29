"""Elastic Load Balancing's refusals that the emulator lacks, with AWS's messages."""

from typing import Any

from embedded_aws.core.patching import Function
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.emulator import refusal
from embedded_aws.load_balancer.value_refusals import (
    check_actions,
    check_conditions,
    check_health_check,
    check_log_bucket,
    check_network,
)
from embedded_aws.requests import property_rules

_PROTECTION = "deletion_protection.enabled"


def install() -> None:
    """Add the refusals to the API; `requests.rules` has the checks of other operations."""
    emulator.wrap_action("DeleteLoadBalancer", _delete_load_balancer)


def check_port_is_free(load_balancer_arn: str, port: int, *, current_listener: str | None = None) -> None:
    """Refuse a port that another listener than ``current_listener`` has."""
    for arn, listener in emulator.listeners.items():
        same_port = listener["LoadBalancerArn"] == load_balancer_arn and int(listener["Port"]) == port
        if same_port and arn != current_listener:
            message = f"A listener already exists on this port for this load balancer '{load_balancer_arn}'"
            raise refusal("DuplicateListener", message)


def check_group_is_unused(group_arn: str) -> None:
    """Refuse to delete a target group that a listener or rule uses, at any weight."""
    if emulator.users_of(group_arn):
        raise refusal("ResourceInUse", f"Target group '{group_arn}' is currently in use by a listener or a rule")


def check_is_unprotected(load_balancer_arn: str) -> None:
    """Refuse to delete a load balancer with deletion protection."""
    if emulator.attribute(load_balancer_arn, _PROTECTION, "false") == "true":
        message = f"Load balancer '{load_balancer_arn}' cannot be deleted because deletion protection is enabled"
        raise refusal("OperationNotPermitted", message)


def check_groups_exist(actions: list[emulator.Record]) -> None:
    """Refuse actions with missing groups, more than five groups, or wrong weights."""
    for action in actions:
        groups = emulator.forwarded_groups(action) if action.get("Type") == "forward" else []
        missing = [arn for arn, _ in groups if arn not in emulator.target_groups]
        if missing:
            raise refusal("TargetGroupNotFound", f"Target groups '{', '.join(missing)}' not found")
    property_rules.check("forward actions", {"Actions": actions})


def check_target_group(request: emulator.Record) -> None:
    """Refuse a target group with an invalid name or invalid health checks."""
    property_rules.check("target group", request)
    if request.get("Protocol", "HTTP") in ("HTTP", "HTTPS") and request.get("TargetType") != "lambda":
        check_health_check(request)
        property_rules.check("target group attributes", {"Attributes": request.get("TargetGroupAttributes") or []})


def check_load_balancer(request: emulator.Record) -> None:
    """Refuse a load balancer with an invalid name, in less than two zones, or that cannot write its logs."""
    property_rules.check("load balancer", request)
    check_log_bucket(request.get("LoadBalancerAttributes") or [])
    if request.get("Type") in (None, "application"):
        property_rules.check("load balancer attributes", {"Attributes": request.get("LoadBalancerAttributes") or []})
    check_network(request)


def check_new_attributes(request: emulator.Record) -> None:
    """Refuse attributes that a load balancer does not have, and a log bucket that refuses its logs."""
    check_log_bucket(request["Attributes"])
    if emulator.load_balancers.get(request.get("LoadBalancerArn"), {}).get("Type") == "application":
        property_rules.check("load balancer attributes", request)


def check_new_group_attributes(request: emulator.Record) -> None:
    """Refuse attributes that a target group of an application load balancer does not have, or not with its others."""
    group = emulator.target_groups.get(request.get("TargetGroupArn"), {})
    if str(group.get("Protocol", "")).startswith("HTTP"):
        changed = {it.get("Key") for it in request["Attributes"]}
        kept = emulator.target_group_attributes.get(request.get("TargetGroupArn"), [])
        attributes = [*(it for it in kept if it["Key"] not in changed), *request["Attributes"]]
        property_rules.check("target group attributes", {"Attributes": attributes})


def check_listener(request: emulator.Record, *, current_listener: str | None = None) -> None:
    """Refuse a listener on a port that another one than ``current_listener`` has, or with invalid actions."""
    check_port_is_free(
        request.get("LoadBalancerArn", ""), int(request.get("Port") or 80), current_listener=current_listener
    )
    property_rules.check("listener", request)
    check_groups_exist(request.get("DefaultActions") or [])
    check_actions(request.get("DefaultActions") or [], request.get("LoadBalancerArn", ""))


def check_changed_listener(request: emulator.Record) -> None:
    """Refuse an invalid change of a listener."""
    arn = request.get("ListenerArn", "")
    listener = emulator.listeners.get(arn)
    if listener is not None and request.get("Port"):
        check_port_is_free(listener["LoadBalancerArn"], int(request["Port"]), current_listener=arn)
    check_groups_exist(request.get("DefaultActions") or [])


def check_rule(request: emulator.Record, *, current_rule: str | None = None) -> None:
    """Refuse a rule with an invalid priority, or that of another one than ``current_rule``, or with invalid actions."""
    listener, priority = request.get("ListenerArn", ""), str(request.get("Priority", ""))
    property_rules.check("load balancer rule", request)
    for arn, rule in list(emulator.rules.items()):
        if arn != current_rule and rule.get("ListenerArn") == listener and str(rule["Priority"]) == priority:
            raise refusal("PriorityInUse", f"Priority '{priority}' is currently in use")
    check_conditions(request.get("Conditions") or [])
    check_groups_exist(request.get("Actions") or [])
    balancer = emulator.listeners.get(listener, {}).get("LoadBalancerArn", "")
    check_actions(request.get("Actions") or [], balancer)


def check_priorities(request: emulator.Record) -> None:
    """Refuse a priority of a rule that is not in the request; rules in the request may swap priorities."""
    wanted = {it.get("RuleArn"): it.get("Priority") for it in request.get("RulePriorities") or []}
    for arn, priority in wanted.items():
        rule = emulator.rules.get(arn)
        for other, each in list(emulator.rules.items()):
            same = rule is not None and each.get("ListenerArn") == rule["ListenerArn"]
            if same and other not in wanted and str(each["Priority"]) == str(priority):
                raise refusal("PriorityInUse", f"Priority '{priority}' is currently in use")


def _delete_load_balancer(original: Function, params: Any) -> Any:
    """Refuse under deletion protection, and delete the listeners too, as AWS does."""
    arn = emulator.parameter(params, "LoadBalancerArn")
    check_is_unprotected(arn)
    for listener_arn in [key for key, listener in emulator.listeners.items() if listener["LoadBalancerArn"] == arn]:
        emulator.delete_listener({"ListenerArn": [listener_arn]})
    return original(params)
