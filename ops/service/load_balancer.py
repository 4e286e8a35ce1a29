"""The load balancer with its listeners and rules as ELB describes them, for all modules."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ops.aws.clients import Aws

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ListenerTypeDef, LoadBalancerTypeDef, RuleTypeDef


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
    """Each listener with its rules."""
    arn = balancer.get("LoadBalancerArn", "")
    for page in aws.elbv2.get_paginator("describe_listeners").paginate(LoadBalancerArn=arn):
        for listener in page["Listeners"]:
            pages = aws.elbv2.get_paginator("describe_rules").paginate(ListenerArn=listener.get("ListenerArn", ""))
            yield listener, [rule for rules in pages for rule in rules["Rules"]]
