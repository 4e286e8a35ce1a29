"""Roles of people and workflows, and policies made of statements, as CDK writes them into a template."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.stack import Validation
from installation.aws_facts.limits import INLINE_POLICIES_CHARACTERS, MANAGED_POLICY_CHARACTERS
from installation.names import Names
from installation.permissions.roles import SHARED_TASKS
from installation.permissions.statements import Arns, Statement, StatementsOf

_ACCOUNT: Final = "123456789012"  # As long as the account number that deployment fills in


def document(statements: Sequence[Statement], *, sids: bool = True) -> iam.PolicyDocument:
    """A policy document of these statements, with Sids or without: IAM counts their characters, and they do nothing."""
    # As JSON, and not as `iam.PolicyStatement`s: each of those is a message to Node and back, and there are 180.
    return iam.PolicyDocument.from_json({"Statement": [statement.as_iam(named=sids) for statement in statements]})


def all_of(tasks: Sequence[StatementsOf]) -> StatementsOf:
    """The statements of several tasks together."""
    return lambda arns: [statement for task in tasks for statement in task(arns)]


def explain_wildcards(construct: Construct, statements_of: StatementsOf, arns: Arns) -> None:
    """Acknowledge cdk-nag's findings about wildcards of a role or policy, each with its statement's reason."""
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


def characters(statements: Sequence[Statement], *, sids: bool = True) -> int:
    """Length of a policy in characters as IAM counts them, without blanks."""
    content = [{key: _single_or_list(value) for key, value in it.as_iam(named=sids).items()} for it in statements]
    return len(json.dumps({"Version": "2012-10-17", "Statement": content}, separators=(",", ":")))


def check_length(
    construct: Construct, name: str, statements_of: StatementsOf, arns: Arns, limit: int, *, sids: bool
) -> None:
    """Make synthesis fail where a policy is too long.

    IAM would refuse it half-way through a bootstrap and name only a quota (IAM user guide, "IAM and AWS STS quotas").
    How long it is depends on the settings: the project's name, the region, a hosted zone and its names.

    Args:
        name: the name of the policy, or of the role whose inline policy it is.
        limit: the most characters that IAM accepts.
        sids: whether its statements have a Sid.
    """
    length = characters(statements_of(replace(arns, account=_ACCOUNT)), sids=sids)
    if length > limit:
        longest = ["project"] + (["edge.domain and the name of its zone"] if arns.hosted_zone else [])
        problem = (
            f"the policy of {name} would have {length} characters, and IAM takes {limit}. It holds the names of "
            f"the installation: {length - limit} have to go. Shorten {' or '.join(longest)} in the settings."
        )
        construct.node.add_validation(Validation(lambda: [problem]))


def _single_or_list(value: object) -> object:
    """A list of one text as that text, as the CDK writes it."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


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


class SharedPolicies(Construct):
    """One managed policy for each group of tasks that several roles have."""

    def __init__(self, scope: Construct, construct_id: str, *, names: Names, arns: Arns) -> None:
        super().__init__(scope, construct_id)
        self._policies = {
            subject: ManagedPolicy(
                self,
                subject,
                name=names.shared_policy(subject),
                description="What several roles of people and workflows may do",
                statements_of=all_of(tasks),
                arns=arns,
            ).policy
            for subject, tasks in SHARED_TASKS.items()
        }

    def split(self, tasks: Sequence[StatementsOf]) -> tuple[tuple[iam.IManagedPolicy, ...], tuple[StatementsOf, ...]]:
        """The shared policies that cover some of a role's tasks, and the tasks that they do not cover."""
        subjects = [subject for subject, its_tasks in SHARED_TASKS.items() if set(its_tasks) <= set(tasks)]
        covered = {task for subject in subjects for task in SHARED_TASKS[subject]}
        policies = tuple(self._policies[subject] for subject in subjects)
        return policies, tuple(task for task in tasks if task not in covered)


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
