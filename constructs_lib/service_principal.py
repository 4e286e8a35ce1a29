"""An AWS service as a principal that acts for this account only."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct


def of_this_account(scope: Construct, service: str) -> iam.ServicePrincipal:
    """A service that may assume a role for resources of this account.

    Otherwise another account could have the service act with this role for a resource of its own (IAM user guide, "The
    confused deputy problem"). CodeDeploy (its user guide, "Cross-service confused deputy prevention"), ECS, EventBridge
    Scheduler, FIS and VPC flow logs send the account. Lambda does not, nor CloudTrail where it writes to CloudWatch
    Logs (CloudTrail user guide, "Role policy document for CloudTrail to use CloudWatch Logs for monitoring").
    """
    account = cdk.Stack.of(scope).account
    return iam.ServicePrincipal(service, conditions={"StringEquals": {"aws:SourceAccount": account}})
