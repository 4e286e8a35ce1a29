"""EC2's refusals of new VPCs (API reference, CreateVpc)."""

from ipaddress import IPv4Network
from typing import Any, Final

from embedded_aws.ec2.emulator import refusal
from installation.aws_facts.limits import NO_VPC

_PREFIXES: Final = range(16, 29)


def check_vpc(request: dict[str, Any]) -> None:
    """Refuse a block that is invalid, of a size that no VPC may have, or in a reserved range."""
    block = request.get("CidrBlock")
    if block is None:
        return
    network = network_of(block)
    if network.prefixlen not in _PREFIXES or any(network.overlaps(kept) for kept in NO_VPC):
        raise refusal("InvalidVpc.Range", f"The CIDR '{block}' is invalid.")


def network_of(block: object) -> IPv4Network:
    """Read a block of IPv4 addresses.

    Raises:
        Refusal: it is none.
    """
    try:
        return IPv4Network(str(block), strict=False)
    except ValueError:
        message = f"Value ({block}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        raise refusal("InvalidParameterValue", message) from None
