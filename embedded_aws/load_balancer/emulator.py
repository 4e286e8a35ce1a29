"""What is used of the emulator's load balancing service, under plain names (see ``EmulatorFunction``)."""

from collections.abc import Awaitable
from functools import partial
from typing import Any, Final

from ministack.services import alb

from embedded_aws.core.patching import EmulatorFunction, Function, Response, wrap_item
from embedded_aws.core.refusal import Refusal, answering

Record = dict[str, Any]
SERVICE: Final = "ElasticLoadBalancingV2"
refusal = partial(Refusal, SERVICE)

# The handlers of API actions.
actions = alb._ACTION_MAP
load_balancers = alb._lbs
target_groups = alb._tgs
listeners = alb._listeners
rules = alb._rules
targets = alb._targets
target_group_attributes = alb._tg_attrs

action_xml = EmulatorFunction[str](alb, "_action_xml")
attribute = EmulatorFunction[str](alb, "_lb_attr")
condition_xml = EmulatorFunction[str](alb, "_condition_xml")
delete_listener = EmulatorFunction[Response](alb, "_delete_listener")
dispatch_request = EmulatorFunction[Awaitable[tuple[int, dict[str, Any], Any]]](alb, "dispatch_request")
error = EmulatorFunction[Response](alb, "_error")
execute_actions = EmulatorFunction[Awaitable[Response]](alb, "_execute_actions")
forward_to_group = EmulatorFunction[Awaitable[Response]](alb, "_forward_to_tg")
load_balancer_xml = EmulatorFunction[str](alb, "_lb_xml")
match_condition = EmulatorFunction[bool](alb, "_match_condition")
parameter = EmulatorFunction[str](alb, "_p")
parse_actions = EmulatorFunction[list[Record]](alb, "_parse_actions")
parse_conditions = EmulatorFunction[list[Record]](alb, "_parse_conditions")
parse_targets = EmulatorFunction[list[Record]](alb, "_parse_targets_param")
# Registers targets in a group, as pairs of address and port, in place of those at some earlier addresses.
set_targets = EmulatorFunction[None](alb, "set_targets_for_group")
target_group_full_name = EmulatorFunction[str](alb, "_target_group_full_name_from_arn")
target_group_xml = EmulatorFunction[str](alb, "_tg_xml")
xml_response = EmulatorFunction[Response](alb, "_xml")


def wrap_action(action: str, wrapper: Function) -> None:
    """Wrap the handler of an API action; the wrapper may raise a refusal."""
    wrap_item(actions, action, answering(wrapper, lambda refusal: error(refusal.code, refusal.message)))


def forwarded_groups(action: Record) -> list[tuple[str, int]]:
    """List the target groups of a forward action with their weights."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if groups:
        return [(group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups]
    return [(action["TargetGroupArn"], 1)] if action.get("TargetGroupArn") else []


def owned_actions() -> list[tuple[str, Record]]:
    """List load balancer and action of all listeners and rules."""
    by_listener = {arn: listener["LoadBalancerArn"] for arn, listener in listeners.items()}
    records = [(listener["LoadBalancerArn"], listener.get("DefaultActions", [])) for listener in listeners.values()]
    records += [
        (by_listener[rule["ListenerArn"]], rule.get("Actions", []))
        for rule in list(rules.values())
        if rule.get("ListenerArn") in by_listener
    ]
    return [(owner, action) for owner, actions in records for action in actions]


def users_of(group_arn: str) -> list[str]:
    """List the load balancers whose listeners or rules forward to a target group, whatever the weight."""
    return sorted({owner for owner, action in owned_actions() if group_arn in dict(forwarded_groups(action))})
