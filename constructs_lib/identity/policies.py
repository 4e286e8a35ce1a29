"""Statements as CDK writes them into a template."""

from collections.abc import Sequence
from dataclasses import replace

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from installation.permissions.statements import Arns, Statement, StatementsOf


def document(statements: Sequence[Statement], *, sids: bool = True) -> iam.PolicyDocument:
    """A policy document of these statements.

    Args:
        sids: whether statements have a Sid. IAM counts its characters, and it has no effect.
    """
    # As JSON, and not as `iam.PolicyStatement`s: each of those is a message to Node and back, and there are 180.
    return iam.PolicyDocument.from_json({"Statement": [statement.as_iam(named=sids) for statement in statements]})


def all_of(tasks: Sequence[StatementsOf]) -> StatementsOf:
    """The statements of several tasks together."""
    return lambda arns: [statement for task in tasks for statement in task(arns)]


def explain_wildcards(construct: Construct, statements_of: StatementsOf, arns: Arns) -> None:
    """Acknowledge cdk-nag's findings about wildcards, each with the reason that its statement gives.

    Args:
        construct: the role or policy that has the statements.
    """
    # A finding shows an account number that is not known yet as the parameter AWS::AccountId.
    account = "<AWS::AccountId>" if cdk.Token.is_unresolved(arns.account) else arns.account
    printed = replace(arns, account=account)
    reasons = {}
    for statement in statements_of(printed):
        if statement.effect == "Allow":
            for wildcard in statement.wildcards:
                kind = "Action" if wildcard in statement.actions else "Resource"
                reasons[f"AwsSolutions-IAM5[{kind}::{wildcard}]"] = statement.reason
    if reasons:
        acknowledge(construct, reasons)
