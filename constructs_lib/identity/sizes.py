"""The length of policies: synthesis refuses one that IAM would refuse at deployment.

IAM would refuse half-way through a bootstrap and name only a quota (IAM user guide, "IAM and AWS STS
quotas"). How long a policy is depends on the settings: the project's name, the region, a hosted zone and its names.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import jsii
from constructs import Construct, IValidation

from installation.permissions.statements import Arns, Statement, StatementsOf

# As long as the account number that deployment fills in.
_ACCOUNT: Final = "123456789012"


def characters(statements: Sequence[Statement], *, sids: bool = True) -> int:
    """Length of a policy in characters as IAM counts them, without blanks."""
    content = [{key: _single_or_list(value) for key, value in it.as_iam(named=sids).items()} for it in statements]
    return len(json.dumps({"Version": "2012-10-17", "Statement": content}, separators=(",", ":")))


def check_length(
    construct: Construct, name: str, statements_of: StatementsOf, arns: Arns, most: int, *, sids: bool
) -> None:
    """Make synthesis fail where a policy is too long.

    Args:
        construct: the construct that has the policy.
        name: the name of the policy, or of the role whose inline policy it is.
        most: the most characters that IAM accepts.
        sids: whether its statements have a Sid.
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


def _single_or_list(value: object) -> object:
    """A list of one text as that text, as CDK writes it."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
