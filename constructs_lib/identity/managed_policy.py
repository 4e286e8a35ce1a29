"""A managed policy made of statements."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.identity.policies import document, explain_wildcards
from constructs_lib.identity.sizes import check_length
from installation.aws_facts.policy_sizes import MANAGED_POLICY_CHARACTERS
from installation.permissions.statements import Arns, StatementsOf


class ManagedPolicy(Construct):
    """A managed policy with a fixed name, because roles outside of this application get it too.

    Args:
        description: what it is for; it cannot be changed later.
        statements_of: its statements, given the installation's ARNs; at most 6,144 characters without blanks.
        sids: whether its statements have a Sid; without, each of them has room for 20 more characters.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        description: str,
        statements_of: StatementsOf,
        arns: Arns,
        sids: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            managed_policy_name=name,
            description=description,
            document=document(statements_of(arns), sids=sids),
        )
        explain_wildcards(self.policy, statements_of, arns)
        check_length(self, name, statements_of, arns, MANAGED_POLICY_CHARACTERS, sids=sids)
