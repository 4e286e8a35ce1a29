"""The names of the emulator's EC2 that these extensions use, in one place.

The stores are the emulator's own dictionaries, scoped by account and region; they are filled and emptied, never
replaced. Functions are looked up when they are called, because extensions wrap them.
"""

from typing import Any

from ministack.services import ec2
from ministack.services.ec2 import (
    _ACTION_MAP,
    _addresses,
    _flow_logs,
    _internet_gateways,
    _nat_gateways,
    _network_interfaces,
    _prefix_lists,
    _security_groups,
    _subnets,
    _tags,
    _vpc_endpoints,
)

from embedded_aws.core.patching import Response

module = ec2

# What serves each API action, as a request finds it.
actions = _ACTION_MAP
addresses = _addresses
flow_logs = _flow_logs
internet_gateways = _internet_gateways
nat_gateways = _nat_gateways
network_interfaces = _network_interfaces
prefix_lists = _prefix_lists
security_groups = _security_groups
subnets = _subnets
tags = _tags
vpc_endpoints = _vpc_endpoints


def parameter(request: dict[str, Any], name: str) -> str:
    """A parameter of a request; empty if it is not given."""
    text: str = ec2._p(request, name)  # noqa: SLF001
    return text


def ip_permissions(request: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The rules of security groups that a request names."""
    permissions: list[dict[str, Any]] = ec2._parse_ip_permissions(request, name)  # noqa: SLF001
    return permissions


def rule_id(group_id: str, *, egress: bool, permission: dict[str, Any]) -> str:
    """The id of a rule, which the emulator computes from what it says."""
    text: str = ec2._sg_rule_id(group_id, egress, permission)  # noqa: SLF001
    return text


def managed_prefix_list(prefix_list_id: str) -> Any:
    """A prefix list of AWS's own."""
    return ec2._resolve_aws_pl_by_id(prefix_list_id)  # noqa: SLF001


def error(code: str, message: str) -> Response:
    """EC2's own form of an error."""
    response: Response = ec2._error(code, message, 400)  # noqa: SLF001
    return response
