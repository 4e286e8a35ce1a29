"""Secrets that running tasks read, and that a deployment takes from their execution role.

The role may read what the deployed settings name, and only a release gives these settings to tasks. So no order avoids
the time between both: the next settings that lack a secret always reach the role first.
"""

from collections.abc import Iterator

from ops.aws.clients import Aws
from ops.release.configuration import deployed_revision
from ops.release.revision import read_definition, secret_arns, up_to_name
from ops.release.task_sets import read_running_service
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.template import Template
from ops.templates.values import at, items, written


def withdrawn_secrets(aws: Aws, live: Template, new: Template) -> Iterator[str]:
    """A note about secrets that no task can read after the deployment, and when to release; nothing without any.

    Args:
        aws: clients and settings.
        live: the deployed ComputeStack.
        new: the one to deploy.
    """
    given, wanted = _secrets(live), _secrets(new).values()
    service = read_running_service(aws) if given else None
    if service is None or service.primary is None:
        return
    revision = deployed_revision(aws)
    deployed = secret_arns(read_definition(aws, revision)) if revision else {}
    # A template refers to the secrets that stacks make, such as that of DATABASE_URL, without their names.
    kept = {deployed[it] for it, value in given.items() if value in wanted and it in deployed}
    names = {_name(value) for value in wanted}
    read = secret_arns(read_definition(aws, service.primary.revision.arn))
    lost = sorted(it for it, arn in read.items() if arn not in kept and _name(arn) not in names)
    if not lost:
        return
    listed = ", ".join(f"{variable} of the container {container}" for container, variable in lost)
    if not {read[it] for it in lost} & set(deployed.values()):
        after = "" if service.desired else "after `hannibal resume` has begun, "
        yield (
            f"the running version reads a secret that the execution role may not read any longer ({listed}): no task "
            f"that ends can be started again; {after}`hannibal release --configuration --ignore-alarms`"
        )
        return
    before = "" if service.desired else "`hannibal resume` first, and "
    yield (
        f"the running version reads a secret that the deployment takes from the execution role ({listed}): until "
        f"the next release no task that ends can be started again, nor one after a pause; {before}right after the "
        "deployment `hannibal release --configuration`"
    )


def _secrets(template: Template) -> dict[tuple[str, str], str]:
    """The secret of each variable, up to its name or as the template refers to it, by container and variable."""
    return {
        (str(at(container, "Name")), str(at(secret, "Name"))): _up_to_key(written(at(secret, "ValueFrom")))
        for resource in template.resources
        if resource.resource_type == TASK_DEFINITION
        for container in items(resource.properties.get("ContainerDefinitions"))
        for secret in items(at(container, "Secrets"))
    }


def _up_to_key(value_from: str) -> str:
    return value_from.partition("}")[0] if value_from.startswith("${") else up_to_name(value_from)


def _name(arn: str) -> str:
    """What stands behind the account: `parameter/NAME` or `secret:NAME`."""
    return arn.replace("AWS::", "").split(":", 5)[-1]  # ${AWS::AccountId} has colons of its own
