"""Elastic Load Balancing's refusals of attributes, health checks, networks, actions, conditions, and log buckets.

Sources: API reference, LoadBalancerAttribute, TargetGroupAttribute, Action and RuleCondition; Application Load Balancer
user guide, "Enable access logs" and "Troubleshooting"; the messages are those that the rules of cdk-preflight quote.
"""

import json
from collections import Counter
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Final

from ministack.core.responses import get_account_id

from embedded_aws.core.json_value import as_list
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.emulator import refusal
from embedded_aws.requests import property_rules
from embedded_aws.s3 import emulator as s3

_INTERVAL_SECONDS, _TIMEOUT_SECONDS = 30, 5
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
_invalid = partial(refusal, "ValidationError")
_PRINCIPAL = "logdelivery.elasticloadbalancing.amazonaws.com"


def check_health_check(request: emulator.Record) -> None:
    """Refuse a health check whose timeout is not shorter than its interval."""
    interval = int(request.get("HealthCheckIntervalSeconds", _INTERVAL_SECONDS))
    timeout = int(request.get("HealthCheckTimeoutSeconds", _TIMEOUT_SECONDS))
    if timeout >= interval:
        raise _invalid(f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'")


def check_network(request: emulator.Record) -> None:
    """Refuse two subnets in one zone, internet-facing without an internet gateway, and groups of another VPC."""
    subnets = [ec2.subnets[it] for it in request.get("Subnets") or [] if it in ec2.subnets]
    if not subnets or request.get("Type", "application") != "application":
        return
    if max(Counter(subnet["AvailabilityZone"] for subnet in subnets).values()) > 1:
        message = "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        raise refusal("InvalidConfigurationRequest", message)
    vpc = subnets[0]["VpcId"]
    attached = [it["VpcId"] for gateway in ec2.internet_gateways.values() for it in gateway.get("Attachments", [])]
    if request.get("Scheme", "internet-facing") == "internet-facing" and vpc not in attached:
        raise refusal("InvalidSubnet", f"VPC {vpc} has no internet gateway")
    for group in request.get("SecurityGroups") or []:
        if ec2.security_groups.get(group, {}).get("VpcId", vpc) != vpc:
            raise refusal("InvalidConfigurationRequest", "One or more security groups are invalid")


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
        config = condition.get(_FIELDS[condition["Field"]]) or {}
        if not _values(condition) and not config.get("RegexValues"):
            raise _invalid("A condition value must be specified")
    property_rules.check("condition values", {"Conditions": [{it["Field"]: _values(it)} for it in conditions]})


def _values(condition: emulator.Record) -> list[object]:
    values: list[object] = (
        (condition.get(_FIELDS[condition["Field"]]) or {}).get("Values") or condition.get("Values") or []
    )
    return values


def check_log_bucket(attributes: list[dict[str, Any]]) -> None:
    """Refuse access logs in a bucket to which the log delivery service may not write its test file."""
    values = {str(each.get("Key")): str(each.get("Value", "")) for each in attributes}
    bucket = values.get("access_logs.s3.bucket", "")
    if values.get("access_logs.s3.enabled") != "true" or not bucket:
        return
    prefix = values.get("access_logs.s3.prefix", "")
    key = "/".join(part for part in (prefix, "AWSLogs", get_account_id(), "ELBAccessLogTestFile") if part)
    policy = json.loads(s3.bucket_policies.get(bucket) or "{}")
    if not any(_allows_write(each, f"arn:aws:s3:::{bucket}/{key}") for each in as_list(policy.get("Statement", []))):
        message = f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
        raise refusal("InvalidConfigurationRequest", message)


def _allows_write(statement: dict[str, Any], arn: str) -> bool:
    """Whether a statement lets the service, or an account in older regions, write for every load balancer.

    Its calls have no source account or ARN.
    """
    principal = statement.get("Principal", {})
    named = principal if isinstance(principal, dict) else {}
    return (
        statement.get("Effect") == "Allow"
        and (principal == "*" or "AWS" in named or _PRINCIPAL in as_list(named.get("Service", [])))
        and any(fnmatchcase("s3:PutObject", str(each)) for each in as_list(statement.get("Action", [])))
        and any(fnmatchcase(arn, str(each)) for each in as_list(statement.get("Resource", [])))
        and "aws:source" not in json.dumps(statement.get("Condition", {})).lower()
    )
