"""Rule findings that were looked at and accepted, with the reason, at the construct that causes them."""

import aws_cdk as cdk
import constructs


def acknowledge(construct: constructs.IConstruct, reasons: dict[str, str]) -> None:
    """Accept rule findings at one construct.

    Args:
        construct: the construct that the rule names; its children are covered too.
        reasons: from a finding's id, such as ``AwsSolutions-IAM5[Resource::*]``, to a reason that a security reviewer
            would accept. A base id does not cover its granular findings (cdk-nag 3, README, "Acknowledging").
    """
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items())
    )


def acknowledge_wildcards(construct: constructs.IConstruct, reasons: dict[str, str]) -> None:
    """Accept findings about resources of this account and region that a policy names by a pattern, or all of them.

    Args:
        reasons: by service and end of the ARN, such as ``ecs:task/cluster/*``, or by ``*``.
    """
    # A finding has the account's number where settings name one, else a placeholder.
    stack = cdk.Stack.of(construct)
    account = "<AWS::AccountId>" if cdk.Token.is_unresolved(stack.account) else stack.account
    found = {}
    for resource, reason in reasons.items():
        service, colon, end = resource.replace(stack.account, account).partition(":")
        arn = f"arn:aws:{service}:{stack.region}:{account}:{end}" if colon else resource
        found[f"AwsSolutions-IAM5[Resource::{arn}]"] = reason
    acknowledge(construct, found)
