"""Load balancing resources in CloudFormation: weights, and the refusals of the API."""

from typing import Any

from embedded_aws.cloudformation.emulator import listener_actions, resource_handlers
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.load_balancer import emulator, refusals
from embedded_aws.load_balancer.describing import set_groups
from embedded_aws.load_balancer.metrics import group_name

_TYPES = "AWS::ElasticLoadBalancingV2::"


def install() -> None:
    """Change the emulator's handlers."""
    listener_actions.wrap(_listener_actions)
    emulator.target_group_full_name.wrap(_full_name)
    wrap_item(resource_handlers[f"{_TYPES}Listener"], "create", _create_listener)
    wrap_item(resource_handlers[f"{_TYPES}Listener"], "update", _update_listener)
    wrap_item(resource_handlers[f"{_TYPES}ListenerRule"], "create", _create_rule)
    wrap_item(resource_handlers[f"{_TYPES}ListenerRule"], "update", _update_rule)
    for operation in ("create", "update"):
        wrap_item(resource_handlers[f"{_TYPES}TargetGroup"], operation, _with_full_name)
    wrap_item(resource_handlers[f"{_TYPES}TargetGroup"], "delete", _delete_target_group)
    wrap_item(resource_handlers[f"{_TYPES}LoadBalancer"], "delete", _delete_load_balancer)


def _full_name(_original: Function, arn: str) -> str:
    """Begin with ``targetgroup/`` as CloudWatch's dimension does; without it no alarm on a group hears anything."""
    return group_name(arn)


def _listener_actions(
    original: Function, props: emulator.Record, lb_arn: str, prop: str = "DefaultActions"
) -> list[emulator.Record]:
    """Keep target groups and weights, of which the emulator takes the first group only."""
    actions: list[emulator.Record] = original(props, lb_arn, prop)
    declared = [action for action in props.get(prop) or [] if isinstance(action, dict)]
    for action, declaration in zip(actions, declared, strict=True):
        groups = (declaration.get("ForwardConfig") or {}).get("TargetGroups") or []
        if groups:
            set_groups(
                action,
                [{"TargetGroupArn": g["TargetGroupArn"], "Weight": int(g.get("Weight", 1))} for g in groups],
            )
    refusals.check_groups_exist(actions)
    return actions


def _create_listener(original: Function, logical_id: str, props: emulator.Record, stack_name: str) -> Any:
    refusals.check_port_is_free(props.get("LoadBalancerArn", ""), int(props.get("Port", 80)))
    return original(logical_id, props, stack_name)


def _update_listener(
    original: Function, physical_id: str, old: emulator.Record, new: emulator.Record, *rest: Any
) -> Any:
    refusals.check_port_is_free(new.get("LoadBalancerArn", ""), int(new.get("Port", 80)), but=physical_id)
    return original(physical_id, old, new, *rest)


def _create_rule(original: Function, logical_id: str, props: emulator.Record, stack_name: str) -> Any:
    refusals.check_priority_is_free(props.get("ListenerArn", ""), str(props.get("Priority", "")))
    return original(logical_id, props, stack_name)


def _update_rule(original: Function, physical_id: str, old: emulator.Record, new: emulator.Record, *rest: Any) -> Any:
    refusals.check_priority_is_free(new.get("ListenerArn", ""), str(new.get("Priority", "")), but=physical_id)
    return original(physical_id, old, new, *rest)


def _with_full_name(original: Function, *args: Any, **kwargs: Any) -> Any:
    """Give the full name as metrics have it: ``targetgroup/name/id`` (CloudFormation template reference)."""
    arn, attributes = original(*args, **kwargs)
    return arn, attributes | {"TargetGroupFullName": group_name(arn)}


def _delete_target_group(original: Function, physical_id: str, props: emulator.Record) -> Any:
    refusals.check_group_is_unused(physical_id)
    return original(physical_id, props)


def _delete_load_balancer(original: Function, physical_id: str, props: emulator.Record) -> Any:
    refusals.check_is_unprotected(physical_id)
    return original(physical_id, props)
