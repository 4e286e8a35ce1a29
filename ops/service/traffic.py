"""The load balancer, which target group gets production traffic, and the health of its targets."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.aws.clients import Aws

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ActionOutputTypeDef, ListenerTypeDef, LoadBalancerTypeDef, RuleTypeDef


def describe_load_balancer(aws: Aws) -> "LoadBalancerTypeDef | None":
    """The load balancer; None between two months."""
    try:
        balancers = aws.elbv2.describe_load_balancers(Names=[aws.names.load_balancer])["LoadBalancers"]
    except aws.elbv2.exceptions.LoadBalancerNotFoundException:
        return None
    return balancers[0] if balancers else None


def describe_listeners(
    aws: Aws, balancer: "LoadBalancerTypeDef"
) -> "Iterator[tuple[ListenerTypeDef, list[RuleTypeDef]]]":
    """Each listener with its rules, in the order in which they are tried, the default one last."""
    arn = balancer.get("LoadBalancerArn", "")
    for page in aws.elbv2.get_paginator("describe_listeners").paginate(LoadBalancerArn=arn):
        for listener in page["Listeners"]:
            pages = aws.elbv2.get_paginator("describe_rules").paginate(ListenerArn=listener.get("ListenerArn", ""))
            yield listener, sorted((rule for rules in pages for rule in rules["Rules"]), key=_priority)


def _priority(rule: "RuleTypeDef") -> float:
    number = rule.get("Priority", "default")
    return int(number) if number.isdigit() else math.inf


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """One of the two target groups."""

    colour: str  # ``blue`` or ``green``
    name: str
    production_percent: float  # share of production traffic that the listener sends to it
    health: Mapping[str, int]  # number of targets by state, such as ``healthy`` or ``draining``
    reasons: tuple[str, ...] = ()  # AWS's reasons why targets are not healthy


def read_target_groups(aws: Aws) -> tuple[TargetGroup, ...]:
    """Both target groups, blue first; empty between two months."""
    colours = {"blue": aws.names.blue_target_group, "green": aws.names.green_target_group}
    balancer = describe_load_balancer(aws)
    if balancer is None:
        return ()
    # Not filtered by load balancer: a group to which no listener forwards has none.
    pages = aws.elbv2.get_paginator("describe_target_groups").paginate()
    found = (group for page in pages for group in page["TargetGroups"])
    groups = {group.get("TargetGroupName", ""): group.get("TargetGroupArn", "") for group in found}
    shares = _production_shares(aws, balancer)
    return tuple(
        _read_target_group(aws, colour, name, groups[name], shares.get(groups[name], 0.0))
        for colour, name in colours.items()
        if name in groups
    )


def _production_shares(aws: Aws, balancer: "LoadBalancerTypeDef") -> dict[str, float]:
    """Percent of production traffic by target group. The test listener and redirects do not count."""
    for listener, rules in describe_listeners(aws, balancer):
        if listener.get("Port") == aws.settings.load_balancer.test_port:
            continue
        own = [rule for rule in rules if not rule.get("IsDefault")]
        # No request gets to the default action behind a rule for all paths.
        default = [] if any(map(is_for_all_paths, own)) else listener.get("DefaultActions", [])
        if shares := shares_of([*(action for rule in own for action in rule.get("Actions", [])), *default]):
            return shares
    return {}


def is_for_all_paths(rule: "RuleTypeDef") -> bool:
    """Whether no request gets behind a rule, to the default action."""
    return [it.get("PathPatternConfig", {}).get("Values") for it in rule.get("Conditions", [])] in ([["*"]], [["/*"]])


def rules_in_front(rules: "list[RuleTypeDef]") -> "list[RuleTypeDef]":
    """Rules that answer before the one that forwards: no template has any, so a person has added them."""
    own = [rule for rule in rules if not rule.get("IsDefault")]
    forwarding = next((number for number, rule in enumerate(own) if shares_of(rule.get("Actions", []))), 0)
    return own[:forwarding]


def shares_of(actions: Iterable["ActionOutputTypeDef"]) -> dict[str, float]:
    """Percent by target group of the first action that forwards; weights are relative to their sum."""
    for action in actions:
        if action.get("Type") != "forward":
            continue
        groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
        weights = {group.get("TargetGroupArn", ""): group.get("Weight", 1) for group in groups}
        if not weights and "TargetGroupArn" in action:
            weights = {action["TargetGroupArn"]: 1}
        total = sum(weights.values())
        return {arn: 100 * weight / total if total else 0.0 for arn, weight in weights.items()}
    return {}


def _read_target_group(aws: Aws, colour: str, name: str, arn: str, production_percent: float) -> TargetGroup:
    targets = aws.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    states = [target.get("TargetHealth", {}) for target in targets]
    reasons = dict.fromkeys(
        f"{state.get('Reason', '')}: {state.get('Description', '')}" for state in states if state.get("Reason")
    )
    return TargetGroup(
        colour=colour,
        name=name,
        production_percent=production_percent,
        health=dict(Counter(str(state.get("State", "unknown")) for state in states)),
        reasons=tuple(reasons),
    )
