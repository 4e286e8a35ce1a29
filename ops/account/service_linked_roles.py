"""The service-linked roles, of which an account has one per service."""

from collections.abc import Iterator
from typing import Final

from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import DENIED, code_of, ignoring

ECS: Final = "ecs.amazonaws.com"
ECS_SCALING: Final = "ecs.application-autoscaling.amazonaws.com"
FAULT_INJECTION: Final = "fis.amazonaws.com"
LOAD_BALANCING: Final = "elasticloadbalancing.amazonaws.com"
RDS: Final = "rds.amazonaws.com"


def needed(settings: Settings) -> tuple[str, ...]:
    """Services whose service-linked role the month needs.

    Other services have none, or only for features that are not used here: CloudTrail for an organisation's trail,
    CloudFront for VPC origins.
    """
    return (
        *(ECS, RDS, LOAD_BALANCING),
        *((ECS_SCALING,) if settings.service.autoscaling else ()),
        *((FAULT_INJECTION,) if settings.exercises else ()),
    )


def services_without_role(aws: Aws) -> Iterator[str]:
    """Services whose service-linked role this account lacks."""
    return (service for service in needed(aws.settings) if not has_role(aws, service))


def create_missing_roles(aws: Aws) -> None:
    """Create the roles that the month needs, in an embedded AWS, which with `--auth` needs them as AWS does."""
    with ignoring(*DENIED):  # a denied caller's account is bootstrapped, and AWS's error says what is missing
        for service in services_without_role(aws):
            create_role(aws, service)


def has_role(aws: Aws, service: str) -> bool:
    """Whether a service has its service-linked role in this account."""
    pages = aws.iam.get_paginator("list_roles").paginate(PathPrefix=f"/aws-service-role/{service}/")
    return any(page["Roles"] for page in pages)


def create_role(aws: Aws, service: str) -> None:
    """Create a service-linked role.

    A service creates it with an account's first resource and often cannot use it yet, as ECS with its first cluster:
    "Unable to assume the service linked role" (cloudformation-coverage-roadmap #818), and RDS with its first subnet
    group or instance: "Verify that you have permission to create service linked role. Otherwise wait and try again
    later" (aws-samples/eks-workshop-v2 #1609, terraform-aws-modules/terraform-aws-rds #364). Load balancing refuses
    callers who may not create it (kubernetes/kops #16218). No template creates it: `AWS::IAM::ServiceLinkedRole` fails
    where the account has the role.
    """
    try:
        aws.iam.create_service_linked_role(AWSServiceName=service)
    except ClientError as error:
        # Another caller created it first; IAM has no error code of its own for that.
        if code_of(error) != "InvalidInput" or "has been taken in this account" not in str(error):
            raise
