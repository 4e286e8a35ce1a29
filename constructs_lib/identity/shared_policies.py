"""Managed policies that several roles share."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.identity.managed_policy import ManagedPolicy
from constructs_lib.identity.policies import all_of
from installation.names import Names
from installation.permissions.roles import SHARED_TASKS
from installation.permissions.statements import Arns, StatementsOf


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
        used = {
            subject: subject_tasks
            for subject, subject_tasks in SHARED_TASKS.items()
            if set(subject_tasks) <= set(tasks)
        }
        said = {task for subject_tasks in used.values() for task in subject_tasks}
        return tuple(self._policies[subject] for subject in used), tuple(task for task in tasks if task not in said)
