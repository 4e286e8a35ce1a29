"""Policies that IAM would not take, because names are too long: synthesis says so, before a deployment does.

IAM refuses at deployment, half-way through a bootstrap, and names a quota only (IAM user guide, "IAM and AWS STS
quotas"). How long a policy is depends on the settings: the project's name, the region, a hosted zone and its names.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import jsii
from constructs import Construct, IValidation

from installation.permissions.statements import Arns, Statement, StatementsOf

# As long as the one that deployment fills in.
_ACCOUNT: Final = "123456789012"


def characters(statements: Sequence[Statement], *, sids: bool = True) -> int:
    """Characters of a policy as IAM counts them, without blanks."""
    content = [{key: _alone(value) for key, value in it.as_iam(named=sids).items()} for it in statements]
    return len(json.dumps({"Version": "2012-10-17", "Statement": content}, separators=(",", ":")))


def check_length(
    construct: Construct, name: str, statements_of: StatementsOf, arns: Arns, most: int, *, sids: bool
) -> None:
    """Let synthesis fail where a policy is too long.

    Args:
        construct: what the policy belongs to.
        name: of the policy, or of the role whose own policy it is.
        most: how many characters IAM takes.
        sids: whether its statements carry their names.
    """
    length = characters(statements_of(replace(arns, account=_ACCOUNT)), sids=sids)
    if length > most:
        longest = ["project"] + (["edge.domain and the name of its zone"] if arns.hosted_zone else [])
        construct.node.add_validation(
            _TooLong(
                f"the policy of {name} would have {length} characters, and IAM takes {most}. It holds the names of the "
                f"installation: {length - most} have to go. Shorten {' or '.join(longest)} in the settings."
            )
        )


@jsii.implements(IValidation)
class _TooLong:
    def __init__(self, message: str) -> None:
        self._message = message

    def validate(self) -> list[str]:
        return [self._message]


def _alone(value: object) -> object:
    """CDK writes a list of one text as that text."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
