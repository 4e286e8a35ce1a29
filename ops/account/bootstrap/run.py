"""Executes the plan of a bootstrap step by step; each step may be repeated."""

from dataclasses import replace

from installation.names.persistent import TOOLKIT_STACK
from ops.account.bootstrap.change_set import StackDeployment, read_parameters
from ops.account.bootstrap.desired_stacks import BOUNDARY, POLICIES
from ops.account.bootstrap.plan import BootstrapPlan, Step, remaining_policies
from ops.account.service_linked_roles import create_role
from ops.aws.clients import Aws
from ops.stacks.watch import Watching


def bootstrap(aws: Aws, plan: BootstrapPlan, watching: Watching) -> None:
    """Execute a plan. It may be repeated after an interruption: permissions are never wider than before.

    Raises:
        FailedError: CloudFormation failed, or has another template than the local one.
    """
    bucket = aws.names.administrator_bucket(plan.caller.account, plan.caller.region)
    deployment = StackDeployment(aws, bucket, watching)
    for step in plan.steps:
        watching.notify(step.text)
        match step.kind:
            case Step.SERVICE_ROLE:
                create_role(aws, step.service)
            case Step.LIMIT:
                _limit(aws, plan, deployment)
            case Step.DEPLOY:
                deployment.deploy(plan.stack(step.stack))
            case Step.TAKE_OVER:
                deployment.take_over(plan.stack(step.stack))
            case Step.PROTECT:
                deployment.protect(step.stack)


def _limit(aws: Aws, plan: BootstrapPlan, deployment: StackDeployment) -> None:
    """Update the toolkit with fewer policies, and with its present boundary: the new one does not exist yet."""
    toolkit = plan.stack(TOOLKIT_STACK)
    policies = remaining_policies(aws, toolkit.parameters[POLICIES].split(","))
    if policies is not None:
        now = {BOUNDARY: read_parameters(aws, TOOLKIT_STACK).get(BOUNDARY, ""), POLICIES: ",".join(policies)}
        deployment.deploy(replace(toolkit, parameters={**toolkit.parameters, **now}))
