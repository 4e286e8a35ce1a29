"""Refuses parts of a network that do not fit each other, or that are deleted while they are in use, as EC2 does.

Sources: EC2 API reference, "Error codes"; the messages are quoted by cdk-preflight's rules of EC2 and by re:Post.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import Any, Final

from embedded_aws.cloudformation.registry import before_create, before_delete
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.database import emulator as database
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import refusal
from embedded_aws.ecs import emulator as ecs
from embedded_aws.load_balancer import emulator as load_balancer
from installation.aws_facts.limits import NO_VPC

_Record = dict[str, Any]
_PREFIXES: Final = range(16, 29)
_GONE = ("deleted", "deleting")


def install() -> None:
    """Check the resources of templates, and refuse deletions with ``DependencyViolation`` also by API."""
    for name, check in (
        ("NatGateway", check_nat_gateway),
        ("Route", check_route),
        ("Subnet", check_subnet),
        ("VPCEndpoint", check_endpoint),
        ("VPCGatewayAttachment", check_attachment),
    ):
        before_create(f"AWS::EC2::{name}", check)
    for name, key, refuse in (
        ("SecurityGroup", "GroupId", _check_group_is_unused),
        ("Subnet", "SubnetId", _check_subnet_is_empty),
        ("InternetGateway", "InternetGatewayId", _check_gateway_is_detached),
        ("VPC", "VpcId", _check_vpc_is_empty),
    ):
        before_delete(f"AWS::EC2::{name}", refuse)
        emulator.wrap_action("DeleteVpc" if name == "VPC" else f"Delete{name}", _with_check(refuse, key))


def check_subnet(properties: _Record) -> None:
    """Refuse a block outside the VPC, of a size that no subnet may have, or that overlaps another subnet."""
    block, vpc = properties.get("CidrBlock"), emulator.vpcs.get(properties.get("VpcId"))
    if block is None or vpc is None:
        return
    network = _network_of(block)
    blocks = [vpc["CidrBlock"], *(it["CidrBlock"] for it in vpc.get("CidrBlockAssociationSet", []))]
    if network.prefixlen not in _PREFIXES or not any(network.subnet_of(_network_of(it)) for it in blocks):
        raise refusal("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
    for subnet in list(emulator.subnets.values()):
        if subnet["VpcId"] == properties["VpcId"] and network.overlaps(_network_of(subnet["CidrBlock"])):
            raise refusal("InvalidSubnet.Conflict", f"The CIDR '{block}' conflicts with another subnet")


def _gateways(vpc: str) -> list[str]:
    """The internet gateways of a VPC, which may have only one."""
    return [
        name
        for name, gateway in emulator.internet_gateways.items()
        if any(it["VpcId"] == vpc for it in gateway.get("Attachments", []))
    ]


def check_route(properties: _Record) -> None:
    """Refuse a second route to a destination, or a route to a gateway that is not attached."""
    table = emulator.route_tables.get(properties.get("RouteTableId"))
    if table is None:
        return
    block = properties.get("DestinationCidrBlock")
    if block and any(route.get("DestinationCidrBlock") == block for route in table["Routes"]):
        raise refusal("RouteAlreadyExists", f"The route identified by {block} already exists.")
    gateway = str(properties.get("GatewayId", ""))
    if gateway.startswith("igw-") and gateway not in _gateways(table["VpcId"]):
        message = f"route table {table['RouteTableId']} and network gateway {gateway} belong to different networks"
        raise refusal("InvalidParameterValue", message)


def check_nat_gateway(properties: _Record) -> None:
    """Refuse a public NAT gateway in a VPC without an internet gateway."""
    subnet = emulator.subnets.get(properties.get("SubnetId"))
    if subnet and properties.get("ConnectivityType", "public") == "public" and not _gateways(subnet["VpcId"]):
        raise refusal("Gateway.NotAttached", f"Network {subnet['VpcId']} has no Internet gateway attached")


def check_attachment(properties: _Record) -> None:
    """Refuse a second internet gateway."""
    vpc, gateway = properties.get("VpcId", ""), properties.get("InternetGatewayId")
    if gateway and set(_gateways(vpc)) - {gateway}:
        raise refusal("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached")


def check_endpoint(properties: _Record) -> None:
    """Refuse two subnets in one Availability Zone, and private DNS in a VPC without DNS names."""
    known = [emulator.subnets[it] for it in properties.get("SubnetIds") or [] if it in emulator.subnets]
    zones = Counter(subnet["AvailabilityZone"] for subnet in known)
    if zones and max(zones.values()) > 1:
        message = (
            f"Found another VPC endpoint subnet in the availability zone of {known[-1]['SubnetId']}. VPC endpoint "
            "subnets should be in different availability zones supported by the VPC endpoint service."
        )
        raise refusal("DuplicateSubnetsInSameZone", message)
    vpc = emulator.vpcs.get(properties.get("VpcId")) or {}
    has_names = vpc.get("EnableDnsSupport", True) and vpc.get("EnableDnsHostnames", False)
    if str(properties.get("PrivateDnsEnabled", "")).lower() == "true" and not has_names:
        message = (
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {properties.get('VpcId')}"
        )
        raise refusal("InvalidParameter", message)


def check_vpc(request: dict[str, Any]) -> None:
    """Refuse a block that is invalid, of a size that no VPC has, or in a reserved range (API reference, CreateVpc)."""
    block = request.get("CidrBlock")
    if block is None:
        return
    network = _network_of(block)
    if network.prefixlen not in _PREFIXES or any(network.overlaps(kept) for kept in NO_VPC):
        raise refusal("InvalidVpc.Range", f"The CIDR '{block}' is invalid.")


def _network_of(block: object) -> IPv4Network:
    """Read a block of IPv4 addresses. Raises Refusal: it is none."""
    try:
        return IPv4Network(str(block), strict=False)
    except ValueError:
        message = f"Value ({block}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        raise refusal("InvalidParameterValue", message) from None


def _with_check(check: Callable[[str], None], parameter: str) -> Function:
    def call(original: Original, request: dict[str, Any]) -> Response:
        check(emulator.parameter(request, parameter))
        return original(request)

    return call


def _check_group_is_unused(group: str) -> None:
    """Refuse to delete a group that is named in a rule of another group or used by a network interface."""
    named = any(other != group and _names(rules, group) for other, rules in emulator.security_groups.items())
    if named or any(group in groups for groups, _ in _in_use()):
        raise refusal("DependencyViolation", f"resource {group} has a dependent object")


def _names(rules: dict[str, Any], group: str) -> bool:
    permissions = [*rules.get("IpPermissions", []), *rules.get("IpPermissionsEgress", [])]
    return any(pair.get("GroupId") == group for it in permissions for pair in it.get("UserIdGroupPairs", []))


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


def _check_subnet_is_empty(subnet: str) -> None:
    if any(subnet in subnets for _, subnets in _in_use()):
        raise refusal("DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted.")


def _check_gateway_is_detached(gateway: str) -> None:
    if emulator.internet_gateways.get(gateway, {}).get("Attachments"):
        raise refusal("DependencyViolation", f"The internetGateway '{gateway}' has dependencies and cannot be deleted.")


def _check_vpc_is_empty(vpc: str) -> None:
    """Refuse to delete a VPC with an endpoint or a NAT gateway; the emulator checks the rest."""
    endpoints = any(endpoint["VpcId"] == vpc for endpoint in _values(emulator.vpc_endpoints))
    gateways = any(
        gateway.get("VpcId") == vpc and gateway.get("State") not in _GONE for gateway in _values(emulator.nat_gateways)
    )
    if endpoints or gateways:
        raise refusal("DependencyViolation", f"The vpc '{vpc}' has dependencies and cannot be deleted.")


def _values(records: Any) -> list[dict[str, Any]]:
    return list(records.values())
