"""ARNs of resources in the account and region of a construct."""

import aws_cdk as cdk
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
