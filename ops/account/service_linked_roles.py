"""What IAM has once an account, whoever made it: ECS's own role, and the provider for GitHub's tokens."""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from ops.aws.errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_ECS: Final = "ecs.amazonaws.com"
_GITHUB: Final = "token.actions.githubusercontent.com"


def has_ecs_role(iam: "IAMClient") -> bool:
    """Whether ECS has its service-linked role in this account."""
    pages = iam.get_paginator("list_roles").paginate(PathPrefix=f"/aws-service-role/{_ECS}/")
    return any(page["Roles"] for page in pages)


def create_ecs_role(iam: "IAMClient") -> None:
    """Make ECS's service-linked role.

    ECS makes it with an account's first cluster and often cannot use it yet: "Unable to assume the service linked
    role" (cloudformation-coverage-roadmap #818).
    """
    try:
        iam.create_service_linked_role(AWSServiceName=_ECS)
    except ClientError as error:
        # Another caller made it first; IAM has no code of its own for it.
        if code_of(error) != "InvalidInput" or "has been taken in this account" not in str(error):
            raise


def github_provider(iam: "IAMClient") -> str | None:
    """ARN of the account's provider for GitHub's tokens; None if it has none. An account takes one for each address."""
    providers = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return next((arn for it in providers if (arn := it.get("Arn", "")).endswith(f":oidc-provider/{_GITHUB}")), None)
