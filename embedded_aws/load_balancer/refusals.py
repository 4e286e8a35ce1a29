"""Elastic Load Balancing's refusals that the emulator lacks, with AWS's messages.

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
from embedded_aws.core.patching import Function
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.emulator import refusal
from embedded_aws.requests import property_rules
from embedded_aws.s3 import emulator as s3

_PROTECTION = "deletion_protection.enabled"
_INTERVAL_SECONDS, _TIMEOUT_SECONDS = 30, 5
_MOST_VALUES: Final = 5
_ONCE: Final = ("host-header", "http-request-method", "path-pattern", "source-ip")
_invalid = partial(refusal, "ValidationError")
_PRINCIPAL = "logdelivery.elasticloadbalancing.amazonaws.com"
# Operations that Classic Load Balancers have too, at the same address, with other parameters and answers.
_OF_BOTH_VERSIONS: Final = (
    *("AddTags", "CreateLoadBalancer", "DeleteLoadBalancer", "DescribeLoadBalancerAttributes", "DescribeLoadBalancers"),
    *("DescribeTags", "ModifyLoadBalancerAttributes", "RemoveTags"),
)
_CLASSIC: Final = "2012-06-01"


def install() -> None:
    """Add the refusals to the API; `requests.rules` has the checks of other operations."""
    emulator.wrap_action("DeleteLoadBalancer", _delete_load_balancer)
    for action in _OF_BOTH_VERSIONS:
        emulator.wrap_action(action, _refuse_classic)


def _refuse_classic(original: Function, parameters: Any) -> Any:
    if emulator.parameter(parameters, "Version") == _CLASSIC:
        raise refusal("InvalidAction", "Classic Load Balancers are not emulated")
    return original(parameters)


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
    """Refuse an invalid priority, and that of a rule that is not in the request, whose rules may swap theirs."""
    for one in request.get("RulePriorities") or []:
        property_rules.check("load balancer rule", one)
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
        if not _values(condition) and not _config(condition).get("RegexValues"):
            raise _invalid("A condition value must be specified")
    property_rules.check("condition values", {"Conditions": [{it["Field"]: _values(it)} for it in conditions]})


def _config(condition: emulator.Record) -> emulator.Record:
    """The member for a condition's field, such as ``PathPatternConfig``."""
    config: emulator.Record = condition.get(f"{condition['Field'].title().replace('-', '')}Config") or {}
    return config


def _values(condition: emulator.Record) -> list[object]:
    values: list[object] = _config(condition).get("Values") or condition.get("Values") or []
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

    The service's calls have no source account or ARN, so a condition on these allows none.
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
