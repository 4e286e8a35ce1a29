"""Small stacks without the CDK, for tests of single resource types."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_numbers: Iterator[int] = count(1)


def unique(prefix: str) -> str:
    """A name that no other test of this run uses, as tests share a server."""
    return f"{prefix}-{next(_numbers)}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of an operation on a stack.

    Attributes:
        stack_id: id of the stack, also after its deletion.
        status: of the stack.
        reasons: of the resources that failed, by logical id.
        outputs: of the stack.
        physical_ids: of the resources, by logical id.
    """

    stack_id: str
    status: str
    reasons: dict[str, str]
    outputs: dict[str, str]
    physical_ids: dict[str, str]


def create(
    client: "CloudFormationClient", resources: dict[str, Any], *, validated: bool = True, **template: Any
) -> Outcome:
    """Create a stack without validation, so that errors come from the creation of the resource."""
    stack_id = client.create_stack(
        StackName=unique("stack"),
        DisableValidation=not validated,
        TemplateBody=json.dumps({"Resources": resources, **template}),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )["StackId"]
    return wait(client, stack_id)


def delete(client: "CloudFormationClient", stack_id: str) -> Outcome:
    client.delete_stack(StackName=stack_id)
    return wait(client, stack_id)


def wait(client: "CloudFormationClient", stack_id: str) -> Outcome:
    def stable() -> "StackTypeDef | None":
        stack = client.describe_stacks(StackName=stack_id)["Stacks"][0]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack = wait_for(stable, f"{stack_id} is stable")
    assert stack is not None
    events = client.describe_stack_events(StackName=stack_id)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    described = client.describe_stack_resources(StackName=stack_id)["StackResources"]
    return Outcome(
        stack_id=stack_id,
        status=stack["StackStatus"],
        reasons={event["LogicalResourceId"]: event.get("ResourceStatusReason", "") for event in failed},
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        physical_ids={resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "") for resource in described},
    )
