"""Secrets that running tasks read, and that a deployment takes from their execution role.

The role may read what the deployed settings name, and only a release gives these settings to tasks. So no order avoids
the time between both: the next settings that lack a secret always reach the role first.
"""

from collections.abc import Iterator

from ops.aws.clients import Aws
from ops.release.revision import read_definition, secret_arns, up_to_name
from ops.release.task_sets import read_running_service
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.template import Template
from ops.templates.values import at, items, written


def withdrawn_secrets(aws: Aws, new: Template) -> Iterator[str]:
    """A note about secrets that no task could read after the deployment, and when to release; nothing without any."""
    wanted = {
        (str(at(container, "Name")), str(at(secret, "Name"))): up_to_name(written(at(secret, "ValueFrom")))
        for resource in new.resources
        if resource.resource_type == TASK_DEFINITION
        for container in items(resource.properties.get("ContainerDefinitions"))
        for secret in items(at(container, "Secrets"))
    }
    service = read_running_service(aws) if wanted else None
    if service is None or service.primary is None:
        return
    read = secret_arns(read_definition(aws, service.primary.revision.arn))
    # A template refers to the secrets that stacks make, such as that of DATABASE_URL, without their names.
    made = {read[it] for it, value in wanted.items() if value.startswith("${") and ":secret:" in read.get(it, "")}
    names = {_name(value) for value in wanted.values()}
    lost = sorted(it for it, arn in read.items() if arn not in made and _name(arn) not in names)
    if lost:
        listed = ", ".join(f"{variable} of the container {container}" for container, variable in lost)
        before = "" if service.desired else "`hannibal resume` first, and "
        yield (
            f"the running version reads a secret that the deployment takes from the execution role ({listed}): until "
            f"the next release no task that ends can be started again, nor one after a pause; {before}right after the "
            "deployment `hannibal release --configuration`"
        )


def _name(arn: str) -> str:
    """What stands behind the account: `parameter/NAME` or `secret:NAME`."""
    return arn.replace("AWS::", "").split(":", 5)[-1]  # ${AWS::AccountId} has colons of its own
