"""EC2's refusals that the emulator lacks: rules of security groups, Elastic IP addresses, NAT gateways."""

from embedded_aws.core.context import ServerContext
from embedded_aws.ec2 import addresses, prefix_lists, security_groups


def install(context: ServerContext) -> None:
    """Make EC2 as strict as AWS in what the stacks use."""
    prefix_lists.install(context.region)
    security_groups.install()
    addresses.install()
