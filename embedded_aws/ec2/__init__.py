"""EC2's refusals and filters that the emulator lacks: rules of security groups, Elastic IP addresses, NAT gateways."""

import xml.etree.ElementTree as ET
from http import HTTPStatus
from typing import Any, Final

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response
from embedded_aws.ec2 import addresses, emulator, security_groups
from installation.permissions.wildcards import matches_pattern

# Of their filters the emulator knows some or none, and would answer with everything.
_FILTERED: Final = (
    *("AvailabilityZones", "FlowLogs", "InstanceTypes", "NetworkAcls"),
    *("Regions", "RouteTables", "SecurityGroups", "VpcEndpoints"),
)
# Filters that are not called like what they are about (EC2 API reference, "Filter.N" of each action).
_FIELDS: Final = {
    "deliver-log-status": "deliverLogsStatus",
    "description": "groupDescription",
    "endpoint": "regionEndpoint",
    "vpc-endpoint-state": "state",
}


def install(context: ServerContext) -> None:
    """Make EC2 as strict as AWS in what the stacks use."""
    security_groups.install(context.region)
    addresses.install()
    emulator.filters.wrap(_filters)
    for resources in _FILTERED:
        emulator.wrap_action(f"Describe{resources}", _filtered)


def _filters(original: Function, parameters: dict[str, Any]) -> dict[str, Any]:
    """The filters of a request; CDK's lookup of a VPC sends an older name of one."""
    found: dict[str, Any] = original(parameters)
    return {"is-default" if name == "isDefault" else name: values for name, values in found.items()}


def _filtered(original: Function, parameters: dict[str, Any]) -> Response:
    """The answer without the items that a filter about one of their own fields leaves out."""
    status, headers, body = original(parameters)
    filters = emulator.filters(parameters)
    if not filters or status != HTTPStatus.OK:
        return status, headers, body
    root = ET.fromstring(body)  # noqa: S314 - of the emulator
    for items in root:
        for item in [it for it in items if not _matches(it, filters)]:
            items.remove(item)
    namespace = root.tag[1:].partition("}")[0]
    return status, headers, ET.tostring(root, encoding="utf-8", xml_declaration=True, default_namespace=namespace)


def _matches(item: ET.Element, filters: dict[str, list[str]]) -> bool:
    fields = {field.tag.rpartition("}")[2]: field.text or "" for field in item if len(field) == 0}
    by_name = ((fields.get(_FIELDS.get(name) or _camel_case(name)), values) for name, values in filters.items())
    return all(field is None or any(matches_pattern(field, value) for value in values) for field, values in by_name)


def _camel_case(name: str) -> str:
    first, *others = name.split("-")
    return first + "".join(it.capitalize() for it in others)
