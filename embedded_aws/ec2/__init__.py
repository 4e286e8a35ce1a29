"""EC2's refusals that the emulator lacks: rules of security groups, Elastic IP addresses, NAT gateways."""

from typing import Any

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function
from embedded_aws.ec2 import addresses, emulator, security_groups


def install(context: ServerContext) -> None:
    """Make EC2 as strict as AWS in what the stacks use."""
    security_groups.install(context.region)
    addresses.install()
    emulator.filters.wrap(_filters)


def _filters(original: Function, parameters: dict[str, Any]) -> dict[str, Any]:
    """The filters of a request; CDK's lookup of a VPC sends an older name of one."""
    found: dict[str, Any] = original(parameters)
    return {"is-default" if name == "isDefault" else name: values for name, values in found.items()}
