"""A managed policy from grants."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.identity.policies import document, explain_wildcards
from installation.permissions.grants import Arns, GrantsOf


class ManagedPolicy(Construct):
    """A managed policy with a fixed name, which roles outside of this application are given too.

    Args:
        scope: where the policy belongs.
        name: its name in the account.
        description: what it is for; it cannot be changed later.
        grants_of: what it says, given the installation's ARNs; at most 6,144 characters without blanks.
        arns: the installation's ARNs.
        sids: whether its statements carry their names; without, there is room for about 20 characters more a statement.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        description: str,
        grants_of: GrantsOf,
        arns: Arns,
        sids: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            managed_policy_name=name,
            description=description,
            document=document(grants_of(arns), sids=sids),
        )
        explain_wildcards(self.policy, grants_of, arns)
