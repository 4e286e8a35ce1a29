"""Elastic Load Balancing's refusals of listeners' actions and of rules' conditions.

Sources: API reference, Action and RuleCondition; the messages are those that cdk-preflight's rules quote.
"""

import re
from collections import Counter
from typing import Final

from embedded_aws.ec2 import emulator as ec2
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.emulator import refusal
from embedded_aws.requests import property_rules

_FIELDS: Final = {
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "host-header": "HostHeaderConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
    "path-pattern": "PathPatternConfig",
}
_MOST_VALUES: Final = 5
_ONCE: Final = ("host-header", "http-request-method", "path-pattern", "source-ip")
_PATH: Final = re.compile(r"[A-Za-z0-9_\-.$/~\"'@:+&*?]{1,128}")
_LONGEST_VALUE: Final = 128


def _invalid(message: str) -> Exception:
    return refusal("ValidationError", message)


def check_actions(actions: list[emulator.Record], balancer_arn: str) -> None:
    """Refuse invalid answers, a redirect to itself, and groups that the load balancer cannot reach."""
    property_rules.check("actions", {"Actions": actions})
    for action in actions:
        if action.get("Type") == "forward":
            for group, _ in emulator.forwarded_groups(action):
                _check_group(group, balancer_arn)


def _check_group(group_arn: str, balancer_arn: str) -> None:
    group, balancer = emulator.target_groups.get(group_arn), emulator.load_balancers.get(balancer_arn)
    if group is None or balancer is None:
        return
    if group["Protocol"] not in ("HTTP", "HTTPS") and group.get("TargetType") != "lambda":
        message = (
            f"Target group '{group_arn}' has the protocol '{group['Protocol']}', which the listener does not support"
        )
        raise refusal("InvalidLoadBalancerAction", message)
    zones = balancer.get("AvailabilityZones", [])
    names = {*balancer.get("Subnets", []), *(zone.get("SubnetId") for zone in zones)}
    vpcs = {ec2.subnets[name]["VpcId"] for name in names if name in ec2.subnets}
    if vpcs and group.get("VpcId") not in vpcs:
        message = f"The target group '{group_arn}' is not in the VPC of the load balancer"
        raise refusal("InvalidConfigurationRequest", message)
    if set(emulator.users_of(group_arn)) - {balancer_arn}:
        message = f"The following target groups cannot be associated with more than one load balancer: {group_arn}"
        raise refusal("TargetGroupAssociationLimit", message)


def check_conditions(conditions: list[emulator.Record]) -> None:
    """Refuse invalid conditions, too many, and values that no request can have."""
    property_rules.check("conditions", {"Conditions": conditions})
    for field, count in Counter(condition["Field"] for condition in conditions).items():
        if count > 1 and field in _ONCE:
            raise _invalid(f"A rule can only have one '{field}' condition")
    total = sum(len(_values(condition)) for condition in conditions)
    if total > _MOST_VALUES:
        raise _invalid(f"A rule can only have '{_MOST_VALUES}' condition values")
    for condition in conditions:
        _check_condition(condition)


def _values(condition: emulator.Record) -> list[object]:
    values: list[object] = (
        (condition.get(_FIELDS[condition["Field"]]) or {}).get("Values") or condition.get("Values") or []
    )
    return values


def _check_condition(condition: emulator.Record) -> None:
    field, values = condition["Field"], [str(value) for value in _values(condition)]
    if not values and not (condition.get(_FIELDS[field]) or {}).get("RegexValues"):
        raise _invalid("A condition value must be specified")
    for value in values:
        if field == "path-pattern" and not _PATH.fullmatch(value):
            raise _invalid(f"The path pattern '{value}' is not valid")
        if len(value) > _LONGEST_VALUE and field != "query-string":
            raise _invalid(f"The condition value '{value}' cannot be longer than '{_LONGEST_VALUE}' characters")
        if field == "source-ip" and "/" not in value:
            raise _invalid(f"The source IP '{value}' is not a valid CIDR block")
        if field == "http-request-method" and not re.fullmatch(r"[A-Z_-]{1,40}", value):
            raise _invalid(f"The HTTP request method '{value}' is not valid")
