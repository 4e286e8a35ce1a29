"""The permissions boundaries: the most that any role may do, whatever its own policies allow, from ``boundaries.yaml``.

There are three: for people and workflows, for the CDK's bootstrap roles, and the narrow one for every role that the
stacks create.
"""

from collections.abc import Sequence
from typing import Final

from installation.permissions.domain_records import domain_ceiling
from installation.permissions.statement_files import read_statements
from installation.permissions.statements import Arns, Statement

_BOUNDARIES: Final = read_statements("boundaries.yaml")


def cicd_boundary(arns: Arns) -> Sequence[Statement]:
    """The boundary of people and workflows: the services of the stacks, no EC2 instance, and no change in IAM."""
    return (*_BOUNDARIES["people"](arns), *domain_ceiling(arns), *_BOUNDARIES["people_besides"](arns))


def ecs_boundary(arns: Arns) -> Sequence[Statement]:
    """The boundary of the roles that run the system: tasks, functions, CodeDeploy, delivery of logs."""
    return _BOUNDARIES["running"](arns)


def deploy_boundary(arns: Arns) -> Sequence[Statement]:
    """The boundary of the bootstrap's roles, also of CloudFormation's."""
    return (
        *_BOUNDARIES["deploying"](arns),
        *domain_ceiling(arns, proof=True),
        *_BOUNDARIES["deploying_besides"](arns),
    )
