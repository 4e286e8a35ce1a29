"""A role of people or workflows, made of tasks."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.identity.policies import all_of, document, explain_wildcards
from constructs_lib.identity.shared_policies import SharedPolicies
from constructs_lib.identity.sizes import check_length
from installation.aws_facts.policy_sizes import INLINE_POLICIES_CHARACTERS
from installation.permissions.statements import Arns, StatementsOf


class TaskedRole(Construct):
    """A role that may do exactly what its tasks need, and never more than its boundary.

    Args:
        description: who assumes it, and what for.
        shared: managed policies of tasks that other roles have too; all other statements are in the role's own policy,
            which has at most 10,240 characters without blanks.
        session: maximum session duration, up to 12 hours.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        description: str,
        trusted: iam.IPrincipal,
        tasks: Sequence[StatementsOf],
        shared: SharedPolicies,
        arns: Arns,
        boundary: iam.IManagedPolicy,
        session: cdk.Duration,
    ) -> None:
        super().__init__(scope, construct_id)
        policies, own = shared.split(tasks)
        statements_of = all_of(own)
        self.role = iam.Role(
            self,
            "Role",
            role_name=name,
            description=description,
            assumed_by=trusted,
            max_session_duration=session,
            permissions_boundary=boundary,
            managed_policies=list(policies),
            inline_policies={"Tasks": document(statements_of(arns))},
        )
        # The stack sets each role's boundary by name, which creates no dependency.
        self.role.node.add_dependency(boundary)
        explain_wildcards(self.role, statements_of, arns)
        check_length(self, name, statements_of, arns, INLINE_POLICIES_CHARACTERS, sids=True)
