"""Refuses to delete parts of a network that are in use."""

from collections.abc import Callable, Iterator
from typing import Any

from embedded_aws.cloudformation.hooks import before_delete
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.database import emulator as database
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import refusal
from embedded_aws.ecs import emulator as ecs
from embedded_aws.load_balancer import emulator as load_balancer

_GONE = ("deleted", "deleting")


def install() -> None:
    """Refuse with ``DependencyViolation``, by API and by CloudFormation."""
    for resource_type, action, parameter, check in (
        ("AWS::EC2::SecurityGroup", "DeleteSecurityGroup", "GroupId", check_group_is_unused),
        ("AWS::EC2::Subnet", "DeleteSubnet", "SubnetId", check_subnet_is_empty),
        ("AWS::EC2::InternetGateway", "DeleteInternetGateway", "InternetGatewayId", check_gateway_is_detached),
        ("AWS::EC2::VPC", "DeleteVpc", "VpcId", check_vpc_is_empty),
    ):
        before_delete(resource_type, check)
        emulator.wrap_action(action, _with_check(check, parameter))


def _with_check(check: Callable[[str], None], parameter: str) -> Function:
    def call(original: Original, request: dict[str, Any]) -> Response:
        check(emulator.parameter(request, parameter))
        return original(request)

    return call


def check_group_is_unused(group: str) -> None:
    """Refuse to delete a group that is named in a rule of another group or used by a network interface."""
    named = any(other != group and _names(rules, group) for other, rules in emulator.security_groups.items())
    if named or any(group in groups for groups, _ in _in_use()):
        raise refusal("DependencyViolation", f"resource {group} has a dependent object")


def _names(rules: dict[str, Any], group: str) -> bool:
    permissions = [*rules.get("IpPermissions", []), *rules.get("IpPermissionsEgress", [])]
    return any(
        pair.get("GroupId") == group for permission in permissions for pair in permission.get("UserIdGroupPairs", [])
    )


def _in_use() -> Iterator[tuple[list[str], list[str]]]:
    """Groups and subnets of everything that has a network interface on AWS; the emulator creates few of them."""
    for interface in _values(emulator.network_interfaces):
        yield [group["GroupId"] for group in interface["Groups"]], [interface["SubnetId"]]
    for balancer in _values(load_balancer.load_balancers):
        zones = [it["SubnetId"] for it in balancer.get("AvailabilityZones", []) if it.get("SubnetId")]
        yield balancer.get("SecurityGroups", []), [*zones, *balancer.get("Subnets", [])]
    for instance in database.instances():
        yield [group["VpcSecurityGroupId"] for group in instance.get("VpcSecurityGroups", [])], []
    for gateway in _values(emulator.nat_gateways):
        yield [], [gateway["SubnetId"]] if gateway.get("State") not in _GONE else []
    for endpoint in _values(emulator.vpc_endpoints):
        yield endpoint.get("SecurityGroupIds", []), endpoint.get("SubnetIds", [])
    for service in _values(ecs.services):
        if service.get("status") != "INACTIVE":
            network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
            yield network.get("securityGroups", []), network.get("subnets", [])


def check_subnet_is_empty(subnet: str) -> None:
    """Refuse to delete a subnet that is not empty."""
    if any(subnet in subnets for _, subnets in _in_use()):
        raise refusal("DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted.")


def check_gateway_is_detached(gateway: str) -> None:
    """Refuse to delete a gateway that is attached to a VPC."""
    if emulator.internet_gateways.get(gateway, {}).get("Attachments"):
        raise refusal("DependencyViolation", f"The internetGateway '{gateway}' has dependencies and cannot be deleted.")


def check_vpc_is_empty(vpc: str) -> None:
    """Refuse to delete a VPC with an endpoint or a NAT gateway; the emulator checks the rest."""
    endpoints = any(endpoint["VpcId"] == vpc for endpoint in _values(emulator.vpc_endpoints))
    gateways = any(
        gateway.get("VpcId") == vpc and gateway.get("State") not in _GONE for gateway in _values(emulator.nat_gateways)
    )
    if endpoints or gateways:
        raise refusal("DependencyViolation", f"The vpc '{vpc}' has dependencies and cannot be deleted.")


def _values(records: Any) -> list[dict[str, Any]]:
    return list(records.values())
