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


def account_in_findings(construct: constructs.IConstruct) -> str:
    """The account as granular finding ids write it: its number where settings name one, else a placeholder."""
    account = cdk.Stack.of(construct).account
    return "<AWS::AccountId>" if cdk.Token.is_unresolved(account) else account
