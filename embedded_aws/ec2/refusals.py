"""What EC2 refuses about new security groups and networks (API reference, CreateSecurityGroup, CreateVpc)."""

import ipaddress
import re
from typing import Any, Final

from embedded_aws.ec2.emulator import refusal
from installation.aws_facts.vpc_ranges import NO_VPC

_TEXT: Final = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")
_PREFIXES: Final = range(16, 29)


def check_security_group(request: dict[str, Any]) -> None:
    """Refuse a name or a description of other characters, and a name that looks like an id."""
    name = request.get("GroupName")
    if str(name or "").lower().startswith("sg-"):
        raise refusal(
            "InvalidParameterValue",
            f"Invalid value '{name}' for groupName. Group names may not be in the format 'sg-*'.",
        )
    for field in ("GroupName", "GroupDescription"):
        text = request.get(field, request.get("Description") if field == "GroupDescription" else None)
        if text is not None and not _TEXT.fullmatch(str(text)):
            said = f"Value ({text}) for parameter {field} is invalid."
            more = " Character sets beyond ASCII are not supported." if not str(text).isascii() else ""
            raise refusal("InvalidParameterValue", said + more)


def check_vpc(request: dict[str, Any]) -> None:
    """Refuse a block that is none, larger or smaller than a VPC's, or of a range that is kept for something else."""
    block = request.get("CidrBlock")
    if block is None:
        return
    try:
        network = ipaddress.ip_network(str(block), strict=False)
    except ValueError:
        message = f"Value ({block}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        raise refusal("InvalidParameterValue", message) from None
    if network.prefixlen not in _PREFIXES or any(network.overlaps(kept) for kept in NO_VPC):
        raise refusal("InvalidVpc.Range", f"The CIDR '{block}' is invalid.")
