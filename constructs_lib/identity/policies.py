"""From grants to what CDK writes into a template."""

from collections.abc import Sequence
from dataclasses import replace

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from installation.permissions.grants import Arns, Grant, GrantsOf


def document(grants: Sequence[Grant], *, sids: bool = True) -> iam.PolicyDocument:
    """A policy document with one statement a grant.

    Args:
        sids: whether statements carry their names. IAM counts them, and they change nothing.
    """
    # As JSON, and not as `iam.PolicyStatement`s: each of those is a message to Node and back, and there are 180.
    return iam.PolicyDocument.from_json({"Statement": [grant.statement(named=sids) for grant in grants]})


def all_of(tasks: Sequence[GrantsOf]) -> GrantsOf:
    """What several tasks need together."""
    return lambda arns: [grant for task in tasks for grant in task(arns)]


def explain_wildcards(construct: Construct, grants_of: GrantsOf, arns: Arns) -> None:
    """Accept the rule checker's findings about wildcards, each with the reason that its grant gives.

    Args:
        construct: the role or policy that the grants are written into.
    """
    # A finding shows the account number that is not known yet as the parameter that will bring it.
    account = "<AWS::AccountId>" if cdk.Token.is_unresolved(arns.account) else arns.account
    printed = replace(arns, account=account)
    reasons = {}
    for grant in grants_of(printed):
        if grant.effect == "Allow":
            for wildcard in grant.wildcards:
                kind = "Action" if wildcard in grant.actions else "Resource"
                reasons[f"AwsSolutions-IAM5[{kind}::{wildcard}]"] = grant.reason
    if reasons:
        acknowledge(construct, reasons)
