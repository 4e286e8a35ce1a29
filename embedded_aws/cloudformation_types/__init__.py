"""Resource types that the emulator's CloudFormation lacks; each calls the service, so that ``describe`` shows it."""

from embedded_aws import cost_explorer as cost_explorer_service
from embedded_aws.cloudformation_types import (
    athena,
    budgets,
    cloudtrail,
    cost_explorer,
    ec2,
    ecs,
    iam,
    security_group_rules,
)
from embedded_aws.context import ServerContext


def install(context: ServerContext) -> None:
    """Let templates use them."""
    for module in (athena, budgets, cloudtrail, ec2, ecs, iam, security_group_rules):
        module.register_types()
    cost_explorer.register_types(cost_explorer_service.install(context))
