"""What Elastic Load Balancing refuses and the emulator lets pass, with AWS's own messages."""

import re
from typing import Any

from embedded_aws.core.patching import Function
from embedded_aws.core.refusal import Refusal
from embedded_aws.load_balancer import emulator

SERVICE = "ElasticLoadBalancingV2"
_LAST_PRIORITY = 50_000
_LONGEST_NAME = 32
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PROTECTION = "deletion_protection.enabled"


def install() -> None:
    """Refuse in the API; the CloudFormation handlers call the checks themselves."""
    emulator.wrap_action("CreateListener", _create_listener)
    emulator.wrap_action("ModifyListener", _modify_listener)
    emulator.wrap_action("CreateRule", _create_rule)
    emulator.wrap_action("SetRulePriorities", _set_priorities)
    emulator.wrap_action("DeleteTargetGroup", _delete_target_group)
    emulator.wrap_action("DeleteLoadBalancer", _delete_load_balancer)


def check_port_is_free(load_balancer_arn: str, port: int, *, but: str | None = None) -> None:
    """Refuse a listener on a port that another one than ``but`` has."""
    for arn, listener in emulator.listeners.items():
        if arn != but and listener["LoadBalancerArn"] == load_balancer_arn and int(listener["Port"]) == port:
            message = f"A listener already exists on this port for this load balancer '{load_balancer_arn}'"
            raise Refusal(SERVICE, "DuplicateListener", message)


def check_priority_is_free(listener_arn: str, priority: str, *, but: str | None = None) -> None:
    """Refuse a priority that another rule than ``but`` has, or that is none from 1 to 50000."""
    if not priority.isdecimal() or not 1 <= int(priority) <= _LAST_PRIORITY:
        raise Refusal(SERVICE, "ValidationError", f"Priority '{priority}' must be between 1 and {_LAST_PRIORITY}")
    for arn, rule in list(emulator.rules.items()):
        if arn != but and rule.get("ListenerArn") == listener_arn and str(rule["Priority"]) == priority:
            raise Refusal(SERVICE, "PriorityInUse", f"Priority '{priority}' is currently in use")


def check_group_is_unused(group_arn: str) -> None:
    """Refuse to delete a target group that a listener or rule names, whatever the weight."""
    if emulator.users_of(group_arn):
        message = f"Target group '{group_arn}' is currently in use by a listener or a rule"
        raise Refusal(SERVICE, "ResourceInUse", message)


def check_is_unprotected(load_balancer_arn: str) -> None:
    """Refuse to delete a load balancer with deletion protection."""
    if emulator.attribute(load_balancer_arn, _PROTECTION, "false") == "true":
        message = f"Load balancer '{load_balancer_arn}' cannot be deleted because deletion protection is enabled"
        raise Refusal(SERVICE, "OperationNotPermitted", message)


def check_groups_exist(actions: list[emulator.Record]) -> None:
    """Refuse a listener that forwards to a group that does not exist, or more than five, or wrong weights."""
    for action in actions:
        groups = emulator.forwarded_groups(action) if action.get("Type") == "forward" else []
        missing = [arn for arn, _ in groups if arn not in emulator.target_groups]
        if missing:
            raise Refusal(SERVICE, "TargetGroupNotFound", f"Target groups '{', '.join(missing)}' not found")
        if len(groups) > 5:
            raise Refusal(SERVICE, "TooManyTargetGroups", "The maximum number of target groups per action is 5")
        for _, weight in groups:
            if not 0 <= weight <= 999:
                raise Refusal(SERVICE, "ValidationError", f"The weight '{weight}' must be between 0 and 999")


def check_name(request: emulator.Record) -> None:
    """Refuse a name that neither a load balancer nor a target group has (API reference, Name)."""
    name = str(request.get("Name") or "")
    what = "Target group name" if request.get("TargetType") or request.get("Protocol") else "The load balancer name"
    if len(name) > _LONGEST_NAME:
        raise Refusal(SERVICE, "ValidationError", f"{what} '{name}' cannot be longer than '{_LONGEST_NAME}' characters")
    if name and not _NAME.fullmatch(name):
        message = f"{what} '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        raise Refusal(SERVICE, "ValidationError", message)
    if name.startswith("-") or name.endswith("-"):
        raise Refusal(SERVICE, "ValidationError", f"{what} '{name}' cannot begin or end with a hyphen(-)")


def check_load_balancer(request: emulator.Record) -> None:
    """Refuse a load balancer with a name that none has, or in less than two zones."""
    check_name(request)
    if str(request.get("Name") or "").startswith("internal-"):
        message = f"The load balancer name '{request['Name']}' cannot begin with 'internal-'"
        raise Refusal(SERVICE, "ValidationError", message)
    if request.get("Subnets") and len(request["Subnets"]) < 2 and request.get("Type") in (None, "application"):
        message = "At least two subnets in two different Availability Zones must be specified"
        raise Refusal(SERVICE, "ValidationError", message)


def _create_listener(original: Function, params: Any) -> Any:
    load_balancer_arn = emulator.parameter(params, "LoadBalancerArn")
    check_port_is_free(load_balancer_arn, int(emulator.parameter(params, "Port", "80") or 80))
    check_groups_exist(emulator.parse_actions(params, "DefaultActions"))
    return original(params)


def _modify_listener(original: Function, params: Any) -> Any:
    arn = emulator.parameter(params, "ListenerArn")
    listener = emulator.listeners.get(arn)
    if listener is not None and (port := emulator.parameter(params, "Port")):
        check_port_is_free(listener["LoadBalancerArn"], int(port), but=arn)
    check_groups_exist(emulator.parse_actions(params, "DefaultActions"))
    return original(params)


def _create_rule(original: Function, params: Any) -> Any:
    check_priority_is_free(emulator.parameter(params, "ListenerArn"), emulator.parameter(params, "Priority"))
    check_groups_exist(emulator.parse_actions(params, "Actions"))
    return original(params)


def _set_priorities(original: Function, params: Any) -> Any:
    """Refuse a place that is taken by a rule which stays there; those that are named may change places."""
    read = emulator.parameter
    wanted: dict[str, str] = {}
    while arn := read(params, f"RulePriorities.member.{len(wanted) + 1}.RuleArn"):
        wanted[arn] = read(params, f"RulePriorities.member.{len(wanted) + 1}.Priority")
    for arn, priority in wanted.items():
        rule = emulator.rules.get(arn)
        for other, each in list(emulator.rules.items()):
            same = rule is not None and each.get("ListenerArn") == rule["ListenerArn"]
            if same and other not in wanted and str(each["Priority"]) == priority:
                raise Refusal(SERVICE, "PriorityInUse", f"Priority '{priority}' is currently in use")
    return original(params)


def _delete_target_group(original: Function, params: Any) -> Any:
    check_group_is_unused(emulator.parameter(params, "TargetGroupArn"))
    return original(params)


def _delete_load_balancer(original: Function, params: Any) -> Any:
    """Refuse under protection, and take the listeners along, as AWS does."""
    arn = emulator.parameter(params, "LoadBalancerArn")
    check_is_unprotected(arn)
    for listener_arn in [key for key, listener in emulator.listeners.items() if listener["LoadBalancerArn"] == arn]:
        emulator.delete_listener({"ListenerArn": [listener_arn]})
    return original(params)
