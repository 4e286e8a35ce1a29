"""What Elastic Load Balancing refuses of attributes, health checks and the network of a load balancer.

Sources: API reference, LoadBalancerAttribute and TargetGroupAttribute; the sentences are those that the rules of
cdk-preflight quote.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from embedded_aws.ec2 import emulator as ec2
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.emulator import refusal


def _any(_value: str) -> bool:
    return True


def _boolean(value: str) -> bool:
    return value in ("true", "false")


def _between(least: int, most: int, *, or_none: bool = False) -> Callable[[str], bool]:
    return lambda value: value.isdecimal() and (least <= int(value) <= most or (or_none and int(value) == 0))


# Of an application load balancer and of a target group of one: which values each attribute has.
_OF_BALANCERS: Final[Mapping[str, Callable[[str], bool]]] = {
    **{f"{logs}_logs.s3.enabled": _boolean for logs in ("access", "connection", "health_check")},
    **{
        f"{logs}_logs.s3.{name}": _any
        for logs in ("access", "connection", "health_check")
        for name in ("bucket", "prefix")
    },
    "client_keep_alive.seconds": _between(60, 604_800),
    "deletion_protection.enabled": _boolean,
    "idle_timeout.timeout_seconds": _between(1, 4000),
    "ipv6.deny_all_igw_traffic": _boolean,
    "load_balancing.cross_zone.enabled": _boolean,
    "routing.http.desync_mitigation_mode": lambda value: value in ("monitor", "defensive", "strictest"),
    "routing.http.drop_invalid_header_fields.enabled": _boolean,
    "routing.http.preserve_host_header.enabled": _boolean,
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": _boolean,
    "routing.http.xff_client_port.enabled": _boolean,
    "routing.http.xff_header_processing.mode": lambda value: value in ("append", "preserve", "remove"),
    "routing.http2.enabled": _boolean,
    "waf.fail_open.enabled": _boolean,
    "zonal_shift.config.enabled": _boolean,
}
_OF_GROUPS: Final[Mapping[str, Callable[[str], bool]]] = {
    "deregistration_delay.timeout_seconds": _between(0, 3600),
    "lambda.multi_value_headers.enabled": _boolean,
    "load_balancing.algorithm.anomaly_mitigation": lambda value: value in ("on", "off"),
    "load_balancing.algorithm.type": lambda value: (
        value in ("round_robin", "least_outstanding_requests", "weighted_random")
    ),
    "load_balancing.cross_zone.enabled": lambda value: value in ("true", "false", "use_load_balancer_configuration"),
    "slow_start.duration_seconds": _between(30, 900, or_none=True),
    "stickiness.app_cookie.cookie_name": _any,
    "stickiness.app_cookie.duration_seconds": _between(1, 604_800),
    "stickiness.enabled": _boolean,
    "stickiness.lb_cookie.duration_seconds": _between(1, 604_800),
    "stickiness.type": lambda value: value in ("lb_cookie", "app_cookie"),
    **{
        f"target_group_health.{what}.minimum_healthy_targets.{how}": _any
        for what in ("dns_failover", "unhealthy_state_routing")
        for how in ("count", "percentage")
    },
}
_INTERVAL_SECONDS, _TIMEOUT_SECONDS = 30, 5


def check_balancer_attributes(attributes: list[emulator.Record]) -> None:
    """Refuse what an application load balancer does not have."""
    _check("Load balancer", _OF_BALANCERS, attributes)


def check_group_attributes(attributes: list[emulator.Record]) -> None:
    """Refuse what a target group of an application load balancer does not have."""
    _check("Target group", _OF_GROUPS, attributes)


def _check(what: str, known: Mapping[str, Callable[[str], bool]], attributes: list[emulator.Record]) -> None:
    for key, count in Counter(str(each.get("Key")) for each in attributes).items():
        if key not in known:
            raise refusal("ValidationError", f"{what} attribute key '{key}' is not recognized")
        if count > 1:
            raise refusal("ValidationError", f"{what} attribute key '{key}' cannot be specified more than once")
    for each in attributes:
        if not known[str(each["Key"])](str(each.get("Value", ""))):
            message = f"{what} attribute value '{each.get('Value')}' is not valid for the key '{each['Key']}'"
            raise refusal("ValidationError", message)


def check_health_check(request: emulator.Record) -> None:
    """Refuse a check that would overtake the next one, or that asks for no path."""
    interval = int(request.get("HealthCheckIntervalSeconds", _INTERVAL_SECONDS))
    timeout = int(request.get("HealthCheckTimeoutSeconds", _TIMEOUT_SECONDS))
    if timeout >= interval:
        raise refusal(
            "ValidationError", f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'"
        )
    path = str(request.get("HealthCheckPath", "/"))
    if not path.startswith("/"):
        raise refusal("ValidationError", f"Health check path '{path}' must begin with a '/' character")


def check_network(request: emulator.Record) -> None:
    """Refuse two subnets of one zone, an address that the internet cannot reach, and groups of another VPC."""
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
