"""Elastic Load Balancing's refusals of attributes, health checks and networks of load balancers.

Sources: API reference, LoadBalancerAttribute and TargetGroupAttribute; the messages are those that the rules of
cdk-preflight quote.
"""

from collections import Counter

from embedded_aws.ec2 import emulator as ec2
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.emulator import refusal
from embedded_aws.requests import property_rules

_INTERVAL_SECONDS, _TIMEOUT_SECONDS = 30, 5


def check_attributes(kind: str, attributes: list[emulator.Record]) -> None:
    """Refuse attributes that an application ``load balancer`` or its ``target group`` does not have."""
    property_rules.check(f"{kind} attributes", {"Attributes": attributes})
    for key, count in Counter(each["Key"] for each in attributes).items():
        if count > 1:
            message = f"{kind.capitalize()} attribute key '{key}' cannot be specified more than once"
            raise refusal("ValidationError", message)


def check_health_check(request: emulator.Record) -> None:
    """Refuse a health check whose timeout is not shorter than its interval."""
    interval = int(request.get("HealthCheckIntervalSeconds", _INTERVAL_SECONDS))
    timeout = int(request.get("HealthCheckTimeoutSeconds", _TIMEOUT_SECONDS))
    if timeout >= interval:
        raise refusal(
            "ValidationError", f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'"
        )


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
