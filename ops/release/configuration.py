"""The configuration that a release ships: the deployed task definition, without its image.

CloudFormation registers a revision of the task family whenever the template changes, and cannot give it to a service
under CODE_DEPLOY. So the deployed revision is the one that ComputeStack names, and the running one is that of the last
release, until the next release takes the deployed one over.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from installation.names import COMPUTE_STACK
from ops.aws.clients import Aws
from ops.errors import FailedError
from ops.release.revision import Definition, read_definition
from ops.release.task_sets import read_serving
from ops.stacks.state import read_resources, read_stack

_TASK_DEFINITION = "AWS::ECS::TaskDefinition"
# Keys that identify the items of a list, whose order then has no meaning.
_KEYS = ("name", "containerName", "containerPath", "containerPort", "key")
# An item that has only its key and one of these is shown as this value.
_VALUES = ("value", "valueFrom")
# Irrelevant for running tasks: the family is always the same, and tasks get the service's tags.
_LEFT_OUT = ("family", "tags")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference besides the image."""

    what: str  # such as ``api environment LOG_LEVEL``
    # The running value; empty if it is new. Of a secret it is the name, never the value.
    before: str
    after: str  # the new value; empty if it is removed


def deployed_revision(aws: Aws) -> str | None:
    """ARN of the revision that ComputeStack names; None where the stack has none (yet)."""
    if read_stack(aws, COMPUTE_STACK) is None:
        return None
    for resource in read_resources(aws, COMPUTE_STACK):
        family = resource.physical_id.rpartition("/")[2].rpartition(":")[0]
        if resource.resource_type == _TASK_DEFINITION and family == aws.names.task_family:
            return resource.physical_id
    return None


def require_deployed_revision(aws: Aws) -> str:
    """The same; FailedError where the stack has no task definition of the family."""
    revision = deployed_revision(aws)
    if revision is None:
        raise FailedError(
            f"{COMPUTE_STACK} has no task definition of the family {aws.names.task_family}",
            "Deploy it again: `hannibal start`",
        )
    return revision


def differences(before: Definition, after: Definition, *, container: str) -> tuple[Difference, ...]:
    """The differences between two definitions, without the image of the released container."""
    old, new = dict(_flatten(_compared(before, container), "")), dict(_flatten(_compared(after, container), ""))
    return tuple(
        Difference(what=path, before=old.get(path, ""), after=new.get(path, ""))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    )


def unreleased(aws: Aws) -> tuple[Difference, ...]:
    """Deployed differences that no release has taken over yet; empty between two months."""
    serving = read_serving(aws)
    deployed = deployed_revision(aws) if serving else None
    return revision_differences(aws, serving.revision.arn, deployed) if serving and deployed else ()


def revision_differences(aws: Aws, before: str, after: str) -> tuple[Difference, ...]:
    """The differences between two revisions; none where they are one."""
    if before == after:
        return ()
    return differences(read_definition(aws, before), read_definition(aws, after), container=aws.names.container)


def _compared(definition: Definition, container: str) -> Definition:
    containers = {
        str(item["name"]): {
            name: value
            for name, value in item.items()
            if name != "name" and not (name == "image" and item["name"] == container)
        }
        for item in definition.get("containerDefinitions", [])
    }
    rest = {name: value for name, value in definition.items() if name not in (*_LEFT_OUT, "containerDefinitions")}
    return {**containers, **rest}


def _flatten(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Each value of a definition, with its path as words."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flatten(item, f"{path} {name}".lstrip())
    elif isinstance(value, Sequence) and not isinstance(value, str) and (key := _identifying_key(value)):
        for item in value:
            rest = {name: part for name, part in item.items() if name != key}
            shown: Any = rest or "there"
            for name in _VALUES:
                if rest.keys() == {name}:
                    shown = rest[name]
            yield from _flatten(shown, f"{path} {item[key]}")
    elif value is not None and value != []:
        yield path, value if isinstance(value, str) and value else json.dumps(value, sort_keys=True)


def _identifying_key(items: Sequence[Any]) -> str | None:
    """The key that identifies all items of a list."""
    if not items or not all(isinstance(item, Mapping) for item in items):
        return None
    return next((key for key in _KEYS if all(key in item for item in items)), None)
