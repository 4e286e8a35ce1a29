"""What is used of the emulator's EC2, under plain names (see ``EmulatorFunction``)."""

from functools import partial
from typing import Any

from ministack.services import ec2

from embedded_aws.core.patching import EmulatorFunction, Function, Response, wrap_item
from embedded_aws.core.refusal import Refusal, answering

SERVICE = "Ec2"
refusal = partial(Refusal, SERVICE)
# What serves each API action, as a request finds it.
actions = ec2._ACTION_MAP
addresses = ec2._addresses
flow_logs = ec2._flow_logs
internet_gateways = ec2._internet_gateways
nat_gateways = ec2._nat_gateways
network_interfaces = ec2._network_interfaces
prefix_lists = ec2._prefix_lists
security_groups = ec2._security_groups
subnets = ec2._subnets
tags = ec2._tags
vpc_endpoints = ec2._vpc_endpoints

aws_prefix_list = EmulatorFunction[dict[str, Any] | None](ec2, "_resolve_aws_pl")
aws_prefix_list_id = EmulatorFunction[str](ec2, "_aws_pl_id_from_name")
ip_permissions = EmulatorFunction[list[dict[str, Any]]](ec2, "_parse_ip_permissions")
managed_prefix_list = EmulatorFunction[dict[str, Any] | None](ec2, "_resolve_aws_pl_by_id")
network_interface_xml = EmulatorFunction[str](ec2, "_eni_fields_xml")
parameter = EmulatorFunction[str](ec2, "_p")
rule_xml = EmulatorFunction[str](ec2, "_sg_rule_xml")
vpc_xml = EmulatorFunction[str](ec2, "_vpc_fields_xml")
xml_response = EmulatorFunction[Response](ec2, "_xml")


def rule_id(group_id: str, *, egress: bool, permission: dict[str, Any]) -> str:
    """The id of a rule, which the emulator computes from what it says."""
    text: str = ec2._sg_rule_id(group_id, egress, permission)
    return text


def wrap_action(action: str, wrapper: Function) -> None:
    """Wrap what answers an API action; it may raise a refusal."""
    wrap_item(actions, action, answering(wrapper, lambda refusal: error(refusal.code, refusal.message)))


def error(code: str, message: str) -> Response:
    """EC2's own form of an error."""
    response: Response = ec2._error(code, message, 400)
    return response
