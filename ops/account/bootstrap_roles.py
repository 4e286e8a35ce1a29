"""Checks that the roles of the CDK's bootstrap are as narrow as `hannibal bootstrap` makes them."""

import json
from collections.abc import Iterator
from typing import Any

from installation.settings import Settings
from ops.account.gap import Gap
from ops.aws.clients import Aws


def execution_role(aws: Aws, role: str) -> Iterator[Gap]:
    """Gaps of the pipeline's CloudFormation role."""
    described = aws.iam.get_role(RoleName=role)["Role"]
    pages = aws.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    attached = [policy["PolicyName"] for page in pages for policy in page["AttachedPolicies"]]
    boundary = described.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    if "AdministratorAccess" in attached or boundary.rpartition("/")[2] != aws.names.deploy_boundary:
        yield Gap(
            cause="execution-unrestricted",
            summary="CloudFormation works for the pipeline without the limits of this project.",
            command=_bootstrap(aws.settings),
            seen=((role, f"policies {', '.join(attached) or 'none'}"), (role, f"boundary {boundary or 'none'}")),
        )


def trust(aws: Aws, role: str, account: str) -> Iterator[Gap]:
    """Gaps of a role's trust policy."""
    document: Any = aws.iam.get_role(RoleName=role)["Role"].get("AssumeRolePolicyDocument", {})
    found = json.loads(document) if isinstance(document, str) else document
    outsiders = sorted({it for it in _principals(found) if it != account and f"::{account}:" not in it})
    if outsiders:
        yield Gap(
            cause="role-open",
            summary=f"{role} may be assumed from outside of this account.",
            command=_bootstrap(aws.settings),
            seen=(("trust", ", ".join(outsiders)),),
        )


def _principals(document: Any) -> Iterator[str]:
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        if statement.get("Effect") != "Allow":
            continue
        for value in principal.values() if isinstance(principal, dict) else [principal]:
            yield from value if isinstance(value, list) else [value]


def _bootstrap(settings: Settings) -> str:
    return f"hannibal bootstrap --env {settings.environment}"
