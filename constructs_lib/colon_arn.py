"""Addresses of resources whose names come after a colon: RDS, CloudWatch and its logs, CodeDeploy, Secrets Manager."""

import aws_cdk as cdk
from constructs import Construct


def colon_arn(scope: Construct, service: str, resource: str, name: str) -> str:
    """The ARN of a resource in the account and region of a construct, such as ``arn:aws:rds:…:db:name``.

    CDK's own ``format_arn`` puts a slash there unless it is told otherwise.
    """
    return cdk.Stack.of(scope).format_arn(
        service=service, resource=resource, resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
    )
