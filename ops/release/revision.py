"""Task definition revisions: one per release, equal to the running one except for its image."""

import re
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

# A rollback needs an active revision, and nobody rolls back further than this.
KEPT = 10
_RESERVED_PREFIX = "aws:"
# ECS developer guide, "Pass Secrets Manager secrets".
_AFTER_NAME = re.compile(r"(:secret:[^:]+?)(-[A-Za-z0-9]{6})?(:.*)?$")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A revision of the task definition."""

    arn: str  # its ARN, with the number
    image: str  # image of the container behind the load balancer

    @property
    def name(self) -> str:
        """Family and number."""
        return self.arn.rpartition("/")[2]


def read_revision(aws: Aws, name: str) -> Revision:
    """A revision by ARN or by family and number."""
    definition = aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
    images = {each.get("name"): each.get("image", "") for each in definition.get("containerDefinitions", [])}
    return Revision(arn=definition.get("taskDefinitionArn", ""), image=images.get(aws.names.container, ""))


def read_definition(aws: Aws, name: str) -> Definition:
    """The registrable part of a revision, also of a deregistered one."""
    return _registrable(aws, aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"])


def is_active(aws: Aws, name: str) -> bool:
    """Whether ECS starts tasks from a revision."""
    return aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"].get("status") == "ACTIVE"


def has_service_user(definition: Definition) -> bool:
    """Whether a task definition's service has its own database user."""
    return any(container["name"] == DATABASE_USER_CONTAINER for container in definition["containerDefinitions"])


def secret_arns(definition: Definition) -> Mapping[tuple[str, str], str]:
    """The ARN of each secret that tasks read, up to the secret's name, by container and variable."""
    return {
        (container["name"], secret["name"]): up_to_name(secret["valueFrom"])
        for container in definition.get("containerDefinitions", [])
        for secret in container.get("secrets", [])
    }


def up_to_name(value_from: str) -> str:
    """A secret's ARN without a key of its JSON, and without the six characters that Secrets Manager adds to the name.

    The settings name a secret that ends in such characters by its whole ARN, so that none is taken for another one.
    """
    return _AFTER_NAME.sub(r"\1", value_from)


def register_revision(aws: Aws, *, like: str, image: str, migrating: bool = False) -> Revision:
    """Register a revision that differs from another one only in the image of the project's container.

    Tags are copied too, except AWS's own. The other revision may be deregistered. With `migrating` the new one uses the
    database's master user.

    Raises:
        FailedError: the other revision does not have the project's container.
    """
    described = aws.ecs.describe_task_definition(taskDefinition=like, include=["TAGS"])
    request = dict(_registrable(aws, described["taskDefinition"]))
    containers = [dict(container) for container in request["containerDefinitions"]]
    released = [container for container in containers if container["name"] == aws.names.container]
    if not released:
        raise FailedError(f"{like} has no container {aws.names.container}, so it is not a task of this system")
    released[0]["image"] = image
    if migrating:
        _use_master_login(released[0], containers)
    request["containerDefinitions"] = containers
    # CloudFormation adds tags of its own to a task definition, which nobody else may set (Amazon ECS
    # API reference, Tag).
    tags = [tag for tag in described.get("tags", []) if not tag.get("key", "").lower().startswith(_RESERVED_PREFIX)]
    if tags:
        request["tags"] = tags
    made = aws.ecs.register_task_definition(**request)["taskDefinition"]
    return Revision(arn=made.get("taskDefinitionArn", ""), image=image)


def _use_master_login(released: dict[str, Any], containers: Iterable[Mapping[str, Any]]) -> None:
    """Give the project's container the master user's connection string of the container `database-user`."""
    variable = "DATABASE_URL"
    maker = next(container for container in containers if container["name"] == DATABASE_USER_CONTAINER)
    master = next(secret for secret in maker["secrets"] if secret["name"] == variable)
    others = [secret for secret in released.get("secrets", []) if secret["name"] != variable]
    released["secrets"] = [*others, master]


def _registrable(aws: Aws, described: Definition) -> Definition:
    """The fields that the API both describes and registers, by its model.

    A list of fields here would silently drop new fields.
    """
    shape = aws.ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
    fields = set(shape.members) if shape else set()
    return {name: value for name, value in described.items() if name in fields}


def deregister(aws: Aws, revision: str) -> bool:
    """Deregister a revision; if AWS does not answer it stays, without hiding an earlier error."""
    with suppress(BotoCoreError, ClientError):
        aws.ecs.deregister_task_definition(taskDefinition=revision)
        return True
    return False


def deregister_old_revisions(aws: Aws, *, in_use: Iterable[str]) -> tuple[str, ...]:
    """Deregister all revisions except the newest, those in use and the stack's; returns the deregistered names."""
    pages = aws.ecs.get_paginator("list_task_definitions").paginate(
        familyPrefix=aws.names.task_family, status="ACTIVE", sort="DESC"
    )
    # The prefix also finds families with longer names.
    active = [
        arn
        for page in pages
        for arn in page["taskDefinitionArns"]
        if arn.rpartition("/")[2].rpartition(":")[0] == aws.names.task_family
    ]
    # Without the revision that CloudFormation created, its stack would have drifted.
    kept = {resource.physical_id for resource in read_resources(aws, COMPUTE_STACK)} | set(in_use)
    old = [arn for arn in active[KEPT:] if arn not in kept]
    return tuple(arn.rpartition("/")[2] for arn in old if deregister(aws, arn))
