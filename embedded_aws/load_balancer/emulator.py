"""The names of the emulator's load balancing service that these extensions use, in one place.

The stores are the emulator's own dictionaries, scoped by account and region; they are filled and emptied, never
replaced. Functions are looked up when they are called, because extensions wrap them.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import alb, cloudwatch
from ministack.services.alb import _lbs, _listeners, _rules, _targets, _tg_attrs, _tgs

Record = dict[str, Any]

module = alb
load_balancers = _lbs
target_groups = _tgs
listeners = _listeners
rules = _rules
targets = _targets
target_group_attributes = _tg_attrs


def scope(account: str, region: str) -> AbstractContextManager[None]:
    """Read and write the stores of one account and region."""
    manager: AbstractContextManager[None] = request_scope(account, region)
    return manager


def error(code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    """Compose an error answer of this service."""
    answer: tuple[int, dict[str, str], bytes] = alb._error(code, message)  # noqa: SLF001
    return answer


def set_targets(group_arn: str, targets_now: Iterable[tuple[str, int]], previous_ids: Iterable[str]) -> None:
    """Register a service's tasks in a target group in place of those that it registered before."""
    alb.set_targets_for_group(group_arn, list(targets_now), list(previous_ids))


def put_metrics(namespace: str, data: list[Record]) -> None:
    """Store CloudWatch data and evaluate the alarms that look at them."""
    cloudwatch._put_metric_data({}, {"Namespace": namespace, "MetricData": data}, is_cbor=False, is_json=True)  # noqa: SLF001


def forwarded_groups(action: Record) -> list[tuple[str, int]]:
    """List the target groups of a forward action with their weights."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if groups:
        return [(group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups]
    return [(action["TargetGroupArn"], 1)] if action.get("TargetGroupArn") else []


def actions_of(load_balancer_arn: str | None = None) -> list[tuple[str, Record]]:
    """List load balancer and action of all listeners and rules, or of those of one load balancer."""
    by_listener = {arn: listener["LoadBalancerArn"] for arn, listener in listeners.items()}
    records = [(by_listener[arn], listener.get("DefaultActions", [])) for arn, listener in listeners.items()]
    records += [
        (by_listener[rule["ListenerArn"]], rule.get("Actions", []))
        for rule in list(rules.values())
        if rule.get("ListenerArn") in by_listener
    ]
    return [
        (owner, action)
        for owner, actions in records
        for action in actions
        if load_balancer_arn is None or owner == load_balancer_arn
    ]


def users_of(group_arn: str) -> list[str]:
    """List the load balancers whose listeners or rules forward to a target group, whatever the weight."""
    users = {owner for owner, action in actions_of() if group_arn in dict(forwarded_groups(action))}
    return sorted(users)
