"""The network interfaces of load balancers: one in each subnet, with a private address.

AWS documents this as the way to find a load balancer's addresses (re:Post, "What are the source IP addresses of the
traffic that Elastic Load Balancing sends?"); the emulator has none, and ignores filters.
"""

import fnmatch
import hashlib
from typing import Any

from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.query_request import read_request
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.load_balancer import emulator

_FILTERS = {"description": "Description", "subnet-id": "SubnetId", "vpc-id": "VpcId"}


def install() -> None:
    """Describe the interfaces of load balancers beside the emulator's own."""
    wrap_item(ec2.actions, "DescribeNetworkInterfaces", _describe)


def addresses_of(balancer: emulator.Record) -> list[str]:
    """Give the private addresses of a load balancer, the same ones at any time."""
    return [str(interface["PrivateIpAddress"]) for interface in _interfaces_of(balancer)]


def _describe(original: Function, parameters: Any) -> Any:
    request = read_request("ec2", "DescribeNetworkInterfaces", parameters)
    wanted = {one["Name"]: one.get("Values", []) for one in request.get("Filters", [])}
    if request.get("NetworkInterfaceIds") or not wanted:
        return original(parameters)
    everything = list(ec2.network_interfaces.values())
    everything += [each for balancer in emulator.load_balancers.values() for each in _interfaces_of(balancer)]
    chosen = [each for each in everything if _matches(each, wanted)]
    items = "".join(ec2.network_interface_xml(each) for each in chosen)
    inner = f"<networkInterfaceSet>{items}</networkInterfaceSet>"
    return ec2.xml_response(200, "DescribeNetworkInterfacesResponse", inner)


def _matches(interface: emulator.Record, wanted: dict[str, list[str]]) -> bool:
    return all(
        name in _FILTERS and any(fnmatch.fnmatchcase(str(interface[_FILTERS[name]]), pattern) for pattern in patterns)
        for name, patterns in wanted.items()
    )


def _interfaces_of(balancer: emulator.Record) -> list[emulator.Record]:
    return [_interface(balancer, subnet_id) for subnet_id in balancer.get("Subnets", [])]


def _interface(balancer: emulator.Record, subnet_id: str) -> emulator.Record:
    subnet = ec2.subnets.get(subnet_id) or {}
    digest = hashlib.sha256(f"{balancer['LoadBalancerArn']} {subnet_id}".encode()).digest()
    return {
        "NetworkInterfaceId": f"eni-{digest.hex()[:17]}",
        "SubnetId": subnet_id,
        "VpcId": balancer.get("VpcId", ""),
        "AvailabilityZone": subnet.get("AvailabilityZone", ""),
        "Description": "ELB " + balancer["LoadBalancerArn"].partition(":loadbalancer/")[2],
        "OwnerId": "amazon-elb",
        "Status": "in-use",
        "PrivateIpAddress": ec2.address_in(subnet, int.from_bytes(digest[:4], "big")),
        "InterfaceType": "interface",
        "SourceDestCheck": True,
        "MacAddress": ":".join(f"{byte:02x}" for byte in (0x06, *digest[4:9])),
        "Groups": [{"GroupId": group, "GroupName": ""} for group in balancer.get("SecurityGroups", [])],
        "Attachment": None,
    }
