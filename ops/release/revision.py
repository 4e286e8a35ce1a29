"""Task definition revisions: one for each release, like the one that runs but for its image."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from installation.names import COMPUTE_STACK, DATABASE_USER_CONTAINER, Names
from ops.errors import FailedError
from ops.stacks.state import read_resources

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ecs import ECSClient

Definition = Mapping[str, Any]

# A release can be taken back by its revision while that is active, and nobody goes back further than this.
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


def read_revision(ecs: "ECSClient", names: Names, name: str) -> Revision:
    """A revision by ARN or by family and number."""
    definition = ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
    return Revision(
        arn=definition.get("taskDefinitionArn", ""),
        image=next(
            (
                container.get("image", "")
                for container in definition.get("containerDefinitions", [])
                if container.get("name") == names.container
            ),
            "",
        ),
    )


def read_definition(ecs: "ECSClient", name: str) -> Definition:
    """What could be registered of a revision, also of one that was deregistered."""
    return _registrable(ecs, ecs.describe_task_definition(taskDefinition=name)["taskDefinition"])


def has_service_user(definition: Definition) -> bool:
    """Whether the service of a task definition signs in to the database as a user of its own."""
    return any(container["name"] == DATABASE_USER_CONTAINER for container in definition["containerDefinitions"])


def register_revision(ecs: "ECSClient", names: Names, *, like: str, image: str, migrating: bool = False) -> Revision:
    """Register a revision that differs from another one in the image of the project's container only.

    Tags are taken over too, but for AWS's own. The other one may have been deregistered.

    Args:
        like: the other one.
        migrating: whether it is for a migration, which signs in to the database as the master user.

    Raises:
        FailedError: the other one does not have the project's container.
    """
    described = ecs.describe_task_definition(taskDefinition=like, include=["TAGS"])
    request = dict(_registrable(ecs, described["taskDefinition"]))
    containers = [dict(container) for container in request["containerDefinitions"]]
    released = [container for container in containers if container["name"] == names.container]
    if not released:
        raise FailedError(f"{like} has no container {names.container}, so it is not a task of this system")
    released[0]["image"] = image
    if migrating:
        _sign_in_as_master(released[0], containers)
    request["containerDefinitions"] = containers
    # CloudFormation puts tags of its own on a task definition, and nobody else may give tags that begin so (Amazon ECS
    # API reference, Tag).
    tags = [tag for tag in described.get("tags", []) if not tag.get("key", "").lower().startswith(_RESERVED_PREFIX)]
    if tags:
        request["tags"] = tags
    made = ecs.register_task_definition(**request)["taskDefinition"]
    return Revision(arn=made.get("taskDefinitionArn", ""), image=image)


def _sign_in_as_master(released: dict[str, Any], containers: Iterable[Mapping[str, Any]]) -> None:
    """Give the project's container the connection string of the container that makes the service's user."""
    variable = "DATABASE_URL"
    maker = next(container for container in containers if container["name"] == DATABASE_USER_CONTAINER)
    master = next(secret for secret in maker["secrets"] if secret["name"] == variable)
    others = [secret for secret in released.get("secrets", []) if secret["name"] != variable]
    released["secrets"] = [*others, master]


def _registrable(ecs: "ECSClient", described: Definition) -> Definition:
    """What is both described and registrable, by what the API itself says about the two.

    A list of fields here would one day drop a new one in silence.
    """
    shape = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
    fields = set(shape.members) if shape else set()
    return {name: value for name, value in described.items() if name in fields}


def deregister_old_revisions(
    ecs: "ECSClient", cloudformation: "CloudFormationClient", names: Names, *, in_use: Iterable[str]
) -> tuple[str, ...]:
    """Deregister all but the newest revisions; those in use and those that belong to the stack stay as well.

    Returns:
        Family and number of those that went.
    """
    pages = ecs.get_paginator("list_task_definitions").paginate(
        familyPrefix=names.task_family, status="ACTIVE", sort="DESC"
    )
    # The prefix also finds families whose names only begin so.
    active = [
        arn
        for page in pages
        for arn in page["taskDefinitionArns"]
        if arn.rpartition("/")[2].rpartition(":")[0] == names.task_family
    ]
    # Without the revision that CloudFormation made, its stack would have drifted.
    of_stack = {resource.physical_id for resource in read_resources(cloudformation, COMPUTE_STACK)}
    kept = of_stack | set(in_use)
    old = [arn for arn in active[KEPT:] if arn not in kept]
    for arn in old:
        ecs.deregister_task_definition(taskDefinition=arn)
    return tuple(arn.rpartition("/")[2] for arn in old)
