"""Prepares an account so that its pipeline deploys with no more permissions than its stacks need, and never gets more.

An administrator deploys what decides about permissions and evidence: two toolkit stacks, IdentityStack, AuditStack; and
makes the stacks that outlive the month once, because the pipeline may not switch on a stack's termination protection.
CloudFormation is at no time unrestricted, no template is taken over from the account, and what a change set would
execute is compared with the local template before it is executed.
"""

from ops.account.bootstrap.plan import BootstrapPlan, Step, execution_policies, plan_bootstrap
from ops.account.bootstrap.run import bootstrap

__all__ = ["BootstrapPlan", "Step", "bootstrap", "execution_policies", "plan_bootstrap"]
