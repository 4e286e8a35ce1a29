"""Refuses parts of a network that do not fit each other, as EC2 does.

Sources: EC2 API reference, "Error codes"; the messages are quoted by cdk-preflight's rules of EC2 and by re:Post.
"""

from collections import Counter
from typing import Any, Final

from embedded_aws.cloudformation.hooks import before_create
from embedded_aws.ec2 import emulator
from embedded_aws.ec2.emulator import refusal
from embedded_aws.ec2.refusals import network_of

Record = dict[str, Any]
_PREFIXES: Final = range(16, 29)


def install() -> None:
    """Check the resources of templates."""
    for name, check in (
        ("NatGateway", check_nat_gateway),
        ("Route", check_route),
        ("Subnet", check_subnet),
        ("VPCEndpoint", check_endpoint),
        ("VPCGatewayAttachment", check_attachment),
    ):
        before_create(f"AWS::EC2::{name}", check)


def check_subnet(properties: Record) -> None:
    """Refuse a block outside the VPC, of a size that no subnet may have, or that overlaps another subnet."""
    block, vpc = properties.get("CidrBlock"), emulator.vpcs.get(properties.get("VpcId"))
    if block is None or vpc is None:
        return
    network = network_of(block)
    blocks = [vpc["CidrBlock"], *(it["CidrBlock"] for it in vpc.get("CidrBlockAssociationSet", []))]
    if network.prefixlen not in _PREFIXES or not any(network.subnet_of(network_of(it)) for it in blocks):
        raise refusal("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
    for subnet in list(emulator.subnets.values()):
        if subnet["VpcId"] == properties["VpcId"] and network.overlaps(network_of(subnet["CidrBlock"])):
            raise refusal("InvalidSubnet.Conflict", f"The CIDR '{block}' conflicts with another subnet")


def _gateways(vpc: str) -> list[str]:
    """The internet gateways of a VPC, which may have only one."""
    return [
        name
        for name, gateway in emulator.internet_gateways.items()
        if any(it["VpcId"] == vpc for it in gateway.get("Attachments", []))
    ]


def check_route(properties: Record) -> None:
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


def check_nat_gateway(properties: Record) -> None:
    """Refuse a public NAT gateway in a VPC without an internet gateway."""
    subnet = emulator.subnets.get(properties.get("SubnetId"))
    if subnet and properties.get("ConnectivityType", "public") == "public" and not _gateways(subnet["VpcId"]):
        raise refusal("Gateway.NotAttached", f"Network {subnet['VpcId']} has no Internet gateway attached")


def check_attachment(properties: Record) -> None:
    """Refuse a second internet gateway."""
    vpc, gateway = properties.get("VpcId", ""), properties.get("InternetGatewayId")
    if gateway and set(_gateways(vpc)) - {gateway}:
        raise refusal("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached")


def check_endpoint(properties: Record) -> None:
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
