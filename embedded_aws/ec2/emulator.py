"""The used parts of the emulator's EC2, under plain names (see ``EmulatorFunction``)."""

from functools import partial
from ipaddress import IPv4Network
from typing import Any

from ministack.services import ec2

from embedded_aws.core.patching import EmulatorFunction, Function, Response, wrap_item
from embedded_aws.core.refusal import Refusal, answering

_DEFAULT_RANGE = "172.31.0.0/20"
_RESERVED_AT_START = 4  # network, router, DNS, reserved (Amazon VPC user guide, "Subnet sizing")

SERVICE = "Ec2"
refusal = partial(Refusal, SERVICE)
actions = ec2._ACTION_MAP  # The functions by API action, as requests find them
addresses = ec2._addresses
flow_logs = ec2._flow_logs
internet_gateways = ec2._internet_gateways
nat_gateways = ec2._nat_gateways
network_interfaces = ec2._network_interfaces
prefix_lists = ec2._prefix_lists
route_tables = ec2._route_tables
security_groups = ec2._security_groups
subnets = ec2._subnets
tags = ec2._tags
vpc_endpoints = ec2._vpc_endpoints
vpcs = ec2._vpcs
filters = EmulatorFunction[dict[str, Any]](ec2, "_parse_filters")

aws_prefix_list = EmulatorFunction[dict[str, Any] | None](ec2, "_resolve_aws_pl")
aws_prefix_list_id = EmulatorFunction[str](ec2, "_aws_pl_id_from_name")
ip_permissions = EmulatorFunction[list[dict[str, Any]]](ec2, "_parse_ip_permissions")
managed_prefix_list = EmulatorFunction[dict[str, Any] | None](ec2, "_resolve_aws_pl_by_id")
network_interface_xml = EmulatorFunction[str](ec2, "_eni_fields_xml")
parameter = EmulatorFunction[str](ec2, "_p")
rule_id = EmulatorFunction[str](ec2, "_sg_rule_id")  # computed from the group, whether it is egress, and the content
rule_xml = EmulatorFunction[str](ec2, "_sg_rule_xml")
subnet_xml = EmulatorFunction[str](ec2, "_subnet_fields_xml")
vpc_xml = EmulatorFunction[str](ec2, "_vpc_fields_xml")
xml_response = EmulatorFunction[Response](ec2, "_xml")


def wrap_action(action: str, wrapper: Function) -> None:
    """Wrap the function of an API action; the wrapper may raise a refusal."""
    wrap_item(actions, action, answering(wrapper, lambda refusal: error(refusal.code, refusal.message)))


def error(code: str, message: str) -> Response:
    """An error in EC2's format."""
    response: Response = ec2._error(code, message, 400)
    return response


def address_in(subnet: dict[str, Any] | None, number: int) -> str:
    """The n-th address that an interface may have in a subnet, or in the default subnet; after the last the first."""
    network = IPv4Network((subnet or {}).get("CidrBlock") or _DEFAULT_RANGE)
    usable = network.num_addresses - _RESERVED_AT_START - 1  # the last address is the broadcast
    return str(network[_RESERVED_AT_START + number % usable])
