"""Task definition revisions: one for each release, like the one that runs but for its image."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from installation.names import COMPUTE_STACK, DATABASE_USER_CONTAINER
from ops.aws.clients import Aws
from ops.errors import FailedError
from ops.stacks.state import read_resources

Definition = Mapping[str, Any]

# A release can be rolled back to its revision while that is active, and nobody goes back further than this.
KEPT = 10
_RESERVED_PREFIX = "aws:"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A revision of the task definition."""

    arn: str  # its address, with the number
    image: str  # image of the container that the load balancer talks to

    @property
    def name(self) -> str:
        """Family and number."""
        return self.arn.rpartition("/")[2]


def read_revision(aws: Aws, name: str) -> Revision:
    """A revision by ARN or by family and number."""
    definition = aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
    containers = definition.get("containerDefinitions", [])
    image = next((each.get("image", "") for each in containers if each.get("name") == aws.names.container), "")
    return Revision(arn=definition.get("taskDefinitionArn", ""), image=image)


def read_definition(aws: Aws, name: str) -> Definition:
    """What could be registered of a revision, also of one that was deregistered."""
    return _registrable(aws, aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"])


def is_active(aws: Aws, name: str) -> bool:
    """Whether ECS starts tasks from a revision."""
    return aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"].get("status") == "ACTIVE"


def has_service_user(definition: Definition) -> bool:
    """Whether the service of a task definition signs in to the database as a user of its own."""
    return any(container["name"] == DATABASE_USER_CONTAINER for container in definition["containerDefinitions"])


def register_revision(aws: Aws, *, like: str, image: str, migrating: bool = False) -> Revision:
    """Register a revision that differs from another one in the image of the project's container only.

    Tags are taken over too, but for AWS's own. The other one may have been deregistered.

    Args:
        migrating: whether it is for a migration, which signs in to the database as the master user.

    Raises:
        FailedError: the other one does not have the project's container.
    """
    described = aws.ecs.describe_task_definition(taskDefinition=like, include=["TAGS"])
    request = dict(_registrable(aws, described["taskDefinition"]))
    containers = [dict(container) for container in request["containerDefinitions"]]
    released = [container for container in containers if container["name"] == aws.names.container]
    if not released:
        raise FailedError(f"{like} has no container {aws.names.container}, so it is not a task of this system")
    released[0]["image"] = image
    if migrating:
        _sign_in_as_master(released[0], containers)
    request["containerDefinitions"] = containers
    # CloudFormation puts tags of its own on a task definition, and nobody else may give tags that begin so (Amazon ECS
    # API reference, Tag).
    tags = [tag for tag in described.get("tags", []) if not tag.get("key", "").lower().startswith(_RESERVED_PREFIX)]
    if tags:
        request["tags"] = tags
    made = aws.ecs.register_task_definition(**request)["taskDefinition"]
    return Revision(arn=made.get("taskDefinitionArn", ""), image=image)


def _sign_in_as_master(released: dict[str, Any], containers: Iterable[Mapping[str, Any]]) -> None:
    """Give the project's container the connection string of the container that makes the service's user."""
    variable = "DATABASE_URL"
    maker = next(container for container in containers if container["name"] == DATABASE_USER_CONTAINER)
    master = next(secret for secret in maker["secrets"] if secret["name"] == variable)
    others = [secret for secret in released.get("secrets", []) if secret["name"] != variable]
    released["secrets"] = [*others, master]


def _registrable(aws: Aws, described: Definition) -> Definition:
    """What is both described and registrable, by what the API itself says about the two.

    A list of fields here would one day drop a new one in silence.
    """
    shape = aws.ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
    fields = set(shape.members) if shape else set()
    return {name: value for name, value in described.items() if name in fields}


def deregister(aws: Aws, revision: str) -> bool:
    """Take a revision away; where AWS does not answer it stays, and hides nothing that came before."""
    with suppress(BotoCoreError, ClientError):
        aws.ecs.deregister_task_definition(taskDefinition=revision)
        return True
    return False


def deregister_old_revisions(aws: Aws, *, in_use: Iterable[str]) -> tuple[str, ...]:
    """Deregister all revisions but the newest, those in use and the stack's; returns the names of those that went."""
    pages = aws.ecs.get_paginator("list_task_definitions").paginate(
        familyPrefix=aws.names.task_family, status="ACTIVE", sort="DESC"
    )
    # The prefix also finds families whose names only begin so.
    active = [
        arn
        for page in pages
        for arn in page["taskDefinitionArns"]
        if arn.rpartition("/")[2].rpartition(":")[0] == aws.names.task_family
    ]
    # Without the revision that CloudFormation made, its stack would have drifted.
    kept = {resource.physical_id for resource in read_resources(aws, COMPUTE_STACK)} | set(in_use)
    old = [arn for arn in active[KEPT:] if arn not in kept]
    return tuple(arn.rpartition("/")[2] for arn in old if deregister(aws, arn))
