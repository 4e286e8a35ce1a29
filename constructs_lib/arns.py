"""ARNs of resources in the account and region of a construct, and statements and principals of policies."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct


def arn_of(scope: Construct, service: str, resource: str, name: str) -> str:
    """The ARN of a resource, such as ``arn:aws:ecs:…:cluster/name``."""
    return cdk.Stack.of(scope).format_arn(service=service, resource=resource, resource_name=name)


def colon_arn(scope: Construct, service: str, resource: str, name: str) -> str:
    """The ARN of a resource whose name comes after a colon, such as ``arn:aws:rds:…:db:name``.

    RDS, CloudWatch, CloudWatch Logs, CodeDeploy and Secrets Manager have such ARNs.
    """
    return cdk.Stack.of(scope).format_arn(
        service=service, resource=resource, resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )


def worldwide_arn(scope: Construct, service: str, resource: str, name: str) -> str:
    """The ARN of a resource of a global service, without a region."""
    return cdk.Stack.of(scope).format_arn(service=service, region="", resource=resource, resource_name=name)


def allow(
    actions: str, *resources: str, sid: str | None = None, conditions: Mapping[str, object] | None = None
) -> iam.PolicyStatement:
    """A statement that allows actions, separated by blanks, on resources."""
    return iam.PolicyStatement(sid=sid, actions=actions.split(), resources=list(resources), conditions=conditions)


def of_this_account(scope: Construct, service: str) -> iam.ServicePrincipal:
    """A service that may assume a role for resources of this account.

    Otherwise another account could have the service act with this role for a resource of its own (IAM user guide, "The
    confused deputy problem"). CodeDeploy (its user guide, "Cross-service confused deputy prevention"), ECS, EventBridge
    Scheduler, FIS and VPC flow logs send the account. Lambda does not, nor CloudTrail where it writes to CloudWatch
    Logs (CloudTrail user guide, "Role policy document for CloudTrail to use CloudWatch Logs for monitoring").
    """
    account = cdk.Stack.of(scope).account
    return iam.ServicePrincipal(service, conditions={"StringEquals": {"aws:SourceAccount": account}})
