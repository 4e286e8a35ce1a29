"""Records resources in their stack before their creation is complete.

The emulator records a resource after its creation. If the server is killed before, the resource exists but belongs to
no stack: nothing deletes it, nor the resources that it uses.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ministack.core.responses import now_iso

from embedded_aws.cloudformation import emulator


@contextmanager
def recorded_resource(
    stack: str, logical_id: str, *, resource_type: str, physical_id: str, properties: Mapping[str, Any]
) -> Iterator[None]:
    """Record a resource before its creation, and remove the record if the creation fails.

    A replacement is not recorded: its predecessor is, and after a failure CloudFormation deletes the replacement.
    """
    resources = (emulator.stacks.get(stack) or {}).get("_resources")
    if resources is None or logical_id in resources:
        yield
        return
    resources[logical_id] = {
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "ResourceStatus": "CREATE_IN_PROGRESS",
        "LogicalResourceId": logical_id,
        "Properties": dict(properties),
        "Attributes": {},
        "Timestamp": now_iso(),
    }
    try:
        yield
    except BaseException:
        resources.pop(logical_id, None)
        raise


def recorded_resources() -> set[tuple[str, str, str]]:
    """Account, stack and logical id of each resource in a stack's record."""
    return {
        (account, stack["StackId"], logical_id)
        for (account, _region, _name), stack in list(emulator.stacks.all_items())
        for logical_id in list(stack.get("_resources", ()))
    }
