"""EC2's refusals and filters that the emulator lacks: rules of security groups, Elastic IP addresses, NAT gateways."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response
from embedded_aws.core.refusal import Refusal
from embedded_aws.ec2 import addresses, emulator, security_groups
from installation.permissions.wildcards import literal, matches_pattern

# Of their filters the emulator knows some or none, and would answer with everything.
_FILTERED: Final = (
    *("Addresses", "AvailabilityZones", "FlowLogs", "InstanceTypes", "NatGateways", "NetworkAcls"),
    *("Regions", "RouteTables", "SecurityGroups", "Subnets", "VpcEndpoints", "VpcEndpointServices", "Vpcs"),
)
# Filters that are not everywhere called like what they are about (EC2 API reference, "Filter.N" of each action).
_FIELDS: Final = {
    "availability-zone": "zoneName",
    "cidr": "cidrBlock",
    "description": "groupDescription",
    "endpoint": "regionEndpoint",
    "entry.cidr": "cidrBlock",
    "entry.ipv6-cidr": "ipv6CidrBlock",
    "ip-permission.cidr": "cidrIp",
    "ip-permission.ipv6-cidr": "cidrIpv6",
    "ip-permission.protocol": "ipProtocol",
    "state": "zoneState",
    "supported-ip-address-types": "supportedIpAddressTypeSet",
    "vpc-endpoint-state": "state",
}
# What the names of filters about parts begin with, and the parts.
_PARTS: Final = {
    "association": "associationSet",
    "cidr-block-association": "cidrBlockAssociationSet",
    "egress.ip-permission": "ipPermissionsEgress",
    "entry": "entrySet",
    "ip-permission": "ipPermissions",
    "ipv6-cidr-block-association": "ipv6CidrBlockAssociationSet",  # nothing has one here
    "processor-info": "processorInfo",
    "route": "routeSet",
}
# Fields that only some addresses have.
_OPTIONAL: Final = ("association-id", "instance-id")

# All others are built on Nitro (EC2 user guide, "Instances built on the AWS Nitro System").
_OF_XEN: Final = re.compile(r"<instanceType>(?:[cm][1-4]|d2|f1|g[23]|h1|i[23]|p[23]|r[34]|t[12]|x1e?)\.")
# Graviton's have a "g" after their generation (EC2 instance types guide, "Naming conventions").
_OF_ARM: Final = re.compile(r"<instanceType>(?:a1|[a-z]+\d+g[a-z]*)\.")


def install(context: ServerContext) -> None:
    """Make EC2 as strict as AWS in what the stacks use."""
    security_groups.install(context.region)
    addresses.install()
    emulator.filters.wrap(_filters)
    emulator.wrap_action("DescribeInstanceTypes", _describe_instance_types)
    for resources in _FILTERED:
        emulator.wrap_action(f"Describe{resources}", _filtered)


def _describe_instance_types(original: Function, parameters: dict[str, Any]) -> Response:
    """Give each type its hypervisor and architecture; the emulator gives Xen and x86_64 to all."""
    status, headers, body = original(parameters)
    types = re.split(r"(?=<instanceType>)", body.decode())
    types = [it if _OF_XEN.match(it) else it.replace(">xen<", ">nitro<") for it in types]
    changed = (it.replace(">x86_64<", ">arm64<") if _OF_ARM.match(it) else it for it in types)
    return status, headers, "".join(changed).encode()


def _filters(original: Function, parameters: dict[str, Any]) -> dict[str, Any]:
    """The filters of a request; CDK's lookup of a VPC sends an older name of one."""
    found: dict[str, Any] = original(parameters)
    return {"is-default" if name == "isDefault" else name: values for name, values in found.items()}


def _filtered(original: Function, parameters: dict[str, Any]) -> Response:
    """The answer without the items that a filter leaves out. Raises Refusal: one is about what is not emulated."""
    filters = emulator.filters(parameters)
    for name in filters:
        if "." in name and not name.startswith("tag:") and name.rpartition(".")[0] not in _PARTS:
            raise _refusal(name)
    # Without the filters: the emulator compares without wildcards.
    status, headers, body = original({name: it for name, it in parameters.items() if not name.startswith("Filter.")})
    if not filters or status != HTTPStatus.OK:
        return status, headers, body
    root = ET.fromstring(body)  # noqa: S314 - of the emulator
    _check(root, filters)
    for items in root:
        for item in [it for it in items if len(it) and not _matches(it, filters)]:
            items.remove(item)
    _remove_names(root)
    namespace = root.tag[1:].partition("}")[0]
    return status, headers, ET.tostring(root, encoding="utf-8", xml_declaration=True, default_namespace=namespace)


def _check(root: ET.Element, filters: Iterable[str]) -> None:
    """Refuse a filter about a field that no item has, and about subnets of a network ACL: the default one has none."""
    every = [item for items in root for item in items if len(item)]
    for name in filters:
        has_field = "." in name or name.startswith("tag") or name in _OPTIONAL or any(_fields(it, name) for it in every)
        if (every and not has_field) or ("NetworkAcls" in root.tag and name.startswith("association.")):
            raise _refusal(name)


def _refusal(name: str) -> Refusal:
    return emulator.refusal("InvalidParameterValue", f"The embedded AWS does not have the filter '{name}'")


def _remove_names(root: ET.Element) -> None:
    """Remove the names of services whose details were left out."""
    fields = {field.text for items in root for item in items for field in item}
    for items in root:
        for item in [it for it in items if not len(it) and it.text not in fields]:
            items.remove(item)


def _matches(item: ET.Element, filters: dict[str, list[str]]) -> bool:
    return all(
        any(matches_pattern(field, _pattern(value)) for field in _fields(item, name) for value in values)
        for name, values in filters.items()
        if values
    )


def _pattern(value: str) -> str:
    """A filter's value, in which a backslash takes the meaning from a wildcard (EC2 user guide, "List and filter")."""
    return re.sub(r"\\(.)", lambda escaped: literal(escaped[1]), value)


def _fields(item: ET.Element, name: str) -> list[str]:
    """The texts of an item that a filter is about, whatever the depth in a part of the item; of a list all texts."""
    if name.startswith("tag"):
        tags = [[field.text or "" for field in tag] for part in item if _tag(part) == "tagSet" for tag in part]
        if name.startswith("tag:"):
            return [value for key, value in tags if key == name.removeprefix("tag:")]
        return [key if name == "tag-key" else value for key, value in tags]
    part, _, last = name.rpartition(".")
    fields = [field for it in item if _tag(it) == _PARTS[part] for field in it.iter()] if part else list(item)
    one = _camel_case(last)
    found = [it for it in fields if _tag(it) in {one, f"{one}s", f"{one}es", _FIELDS.get(name.removeprefix("egress."))}]
    return [leaf.text or "" for field in found for leaf in field.iter() if len(leaf) == 0]


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _camel_case(name: str) -> str:
    first, *others = name.split("-")
    return first + "".join(it.capitalize() for it in others)
