"""Reads the policies of a role from the account."""

import json
from typing import TYPE_CHECKING, cast

from ops.iam.review.policies import Policies, Policy, PolicyError, parse
from ops.templates.values import Json

if TYPE_CHECKING:
    from ops.aws.clients import Aws


def read_role(aws: "Aws", role: str) -> tuple[str, Policies] | None:
    """The ARN of a role, by its name or ARN, and its policies; None if there is no such role."""
    name = role.rpartition("/")[2]
    try:
        iam_role = aws.iam.get_role(RoleName=name)["Role"]
    except aws.iam.exceptions.NoSuchEntityException:
        return None
    if role.startswith("arn:") and iam_role["Arn"] != role:
        return None  # of another account, or with another path
    problems: list[str] = []
    identity = [*_inline(aws, name, problems), *_attached(aws, name, problems)]
    limit = iam_role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    boundary = _managed(aws, limit, problems) if limit else None
    policies = Policies(
        source=f"IAM, {iam_role['Arn']}",
        identity=tuple(identity),
        boundary=boundary,
        problems=tuple(problems),
    )
    return iam_role["Arn"], policies


def _inline(aws: "Aws", role: str, problems: list[str]) -> list[Policy]:
    pages = aws.iam.get_paginator("list_role_policies").paginate(RoleName=role)
    names = [name for page in pages for name in page["PolicyNames"]]
    documents = ((name, aws.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]) for name in names)
    return [policy for name, document in documents if (policy := _parsed(document, name, problems))]


def _attached(aws: "Aws", role: str, problems: list[str]) -> list[Policy]:
    pages = aws.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    arns = [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]]
    return [policy for arn in arns if (policy := _managed(aws, arn, problems))]


def _managed(aws: "Aws", arn: str, problems: list[str]) -> Policy | None:
    try:
        version = aws.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = aws.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    except aws.iam.exceptions.NoSuchEntityException:
        problems.append(f"{arn}: there is no such policy")
        return None
    return _parsed(document, arn, problems)


def _parsed(document: object, source: str, problems: list[str]) -> Policy | None:
    """Parse a document; boto3 has decoded it, but not the emulator's."""
    try:
        return parse(cast("Json", json.loads(document) if isinstance(document, str) else document), source)
    except (PolicyError, json.JSONDecodeError) as error:
        problems.append(f"{source}: it is no policy: {error}")
        return None
