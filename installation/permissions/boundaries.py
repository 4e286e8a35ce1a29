"""How far any role of the project can ever reach, whatever its own policies say: what ``boundaries.yaml`` describes.

There are three: for people and workflows, for what the CDK deploys with, and the narrow one for every role that the
stacks make.
"""

from collections.abc import Sequence
from typing import Final

from installation.permissions.domain_records import domain_ceiling
from installation.permissions.statement_files import read_statements
from installation.permissions.statements import Arns, Statement

_BOUNDARIES: Final = read_statements("boundaries.yaml")


def cicd_boundary(arns: Arns) -> Sequence[Statement]:
    """The ceiling of people and workflows: the services of the stacks, no instance, and no change in IAM."""
    return (*_BOUNDARIES["people"](arns), *domain_ceiling(arns), *_BOUNDARIES["people_besides"](arns))


def ecs_boundary(arns: Arns) -> Sequence[Statement]:
    """The ceiling of the roles that run the system: tasks, functions, CodeDeploy, delivery of logs."""
    return _BOUNDARIES["running"](arns)


def deploy_boundary(arns: Arns) -> Sequence[Statement]:
    """The ceiling of the bootstrap's roles, CloudFormation's among them."""
    return (
        *_BOUNDARIES["deploying"](arns),
        *domain_ceiling(arns, proof=True),
        *_BOUNDARIES["deploying_besides"](arns),
    )
