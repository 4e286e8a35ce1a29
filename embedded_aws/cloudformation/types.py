"""Resource types that the emulator's CloudFormation lacks; each calls the service, so that ``describe`` shows it."""

from embedded_aws.athena import cloudformation as athena
from embedded_aws.budgets import cloudformation as budgets
from embedded_aws.cloudtrail import cloudformation as cloudtrail
from embedded_aws.core.context import ServerContext
from embedded_aws.cost_explorer import api as cost_explorer_service
from embedded_aws.cost_explorer import cloudformation as cost_explorer
from embedded_aws.ec2 import cloudformation as ec2
from embedded_aws.ec2 import security_group_rules
from embedded_aws.ecs import cloudformation as ecs
from embedded_aws.iam import cloudformation as iam


def install(context: ServerContext) -> None:
    """Let templates use them."""
    for module in (athena, budgets, cloudtrail, ec2, ecs, iam, security_group_rules):
        module.register_types()
    cost_explorer.register_types(cost_explorer_service.install(context))
