"""The platform's stacks in CloudFormation, and why a resource of them is missing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from installation.lifecycles import BY_NAME, from_tag
from installation.names import ADMINISTRATOR_STACKS, ALL_STACKS, Lifecycle
from ops.aws.clients import Aws
from ops.aws.errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# States in which a stack has no resources: nothing was created, or all of it was taken back.
_EMPTY: Final = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")
# States after which the next deployment creates all resources.
_NOTHING_MADE: Final = (*_EMPTY, "ROLLBACK_FAILED", "DELETE_IN_PROGRESS")
_STABLE = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
)
# RDS takes up to half an hour to create or delete a database with its final snapshot, CloudFront about a quarter of an
# hour. CloudFormation waits much longer for a service whose tasks never become healthy, or a function without answer.
_LONGEST_MINUTES = 45


@dataclass(frozen=True, kw_only=True)
class Output:
    """An output of a stack."""

    name: str
    value: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    """An existing stack."""

    name: str
    stack_id: str  # its ARN, which finds it also after it is deleted
    status: str  # such as ``CREATE_COMPLETE``
    reason: str  # why it has this status, mostly empty
    since: datetime  # when its last operation began
    protected: bool  # whether termination protection is on
    outputs: tuple[Output, ...] = ()  # its outputs
    tags: Mapping[str, str] = field(default_factory=dict)  # the tags it was deployed with
    role: str = ""  # ARN of CloudFormation's role; empty: it uses the callers' credentials
    change_set: str = ""  # ARN of the change set executed last; empty where it was deployed without one

    def output(self, name: str) -> str | None:
        """The value of an output; None if it has no such output."""
        return next((output.value for output in self.outputs if output.name == name), None)

    @property
    def lifecycle(self) -> Lifecycle:
        """Its lifecycle by its tags, else by its name."""
        return from_tag(self.tags.get("Lifecycle")) or BY_NAME.of(self.name)

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is working on it."""
        return is_in_progress(self.status)

    def minutes(self, now: datetime) -> int:
        """Whole minutes since its last operation began."""
        return int((now - self.since).total_seconds() // 60)

    def hangs(self, now: datetime) -> bool:
        """Whether CloudFormation has worked on it for longer than any operation here takes."""
        return self.in_progress and self.minutes(now) >= _LONGEST_MINUTES

    @property
    def healthy(self) -> bool:
        """Whether it matches its last template, or after a rollback the previous one."""
        return self.status in _STABLE

    @property
    def lasts(self) -> bool:
        """Whether it was created, and no deletion has begun: it has its resources, also after a failed update."""
        return self.healthy or self.status.startswith("UPDATE_")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a stack."""

    logical_id: str
    physical_id: str
    resource_type: str
    status: str


def is_in_progress(status: str | None) -> bool:
    """Whether CloudFormation works on a stack in this state, which it does not before a change set is executed."""
    return status is not None and status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def read_stacks(aws: Aws, names: Iterable[str] = ALL_STACKS) -> Mapping[str, Stack]:
    """The existing ones of the wanted stacks by name, in the wanted order.

    One call for each: a call without a name needs permission to read every stack of the account
    (CloudFormation API reference, DescribeStacks), which no role of this project has.
    """
    found = ((name, read_stack(aws, name)) for name in names)
    return {name: stack for name, stack in found if stack is not None}


def read_stack(aws: Aws, name_or_id: str) -> Stack | None:
    """One stack by name, or by its id also after its deletion; None if there is none."""
    try:
        return _stack(aws.cloudformation.describe_stacks(StackName=name_or_id)["Stacks"][0])
    except ClientError as error:
        # CloudFormation has no error code for this: ValidationError, "Stack with id … does not exist".
        if code_of(error) == "ValidationError" and "does not exist" in str(error):
            return None
        raise


def read_output(aws: Aws, stack: str, name: str) -> str | None:
    """The value of a stack's output; None if the output or the stack does not exist."""
    found = read_stack(aws, stack)
    return found.output(name) if found else None


def busy_stack_refusals(aws: Aws, *, ending: bool = False, names: Iterable[str] | None = None) -> Iterator[str]:
    """Why stacks in progress, the month's unless others are named, forbid changes now, with what to do.

    `ending`: only the month's end forbids them.
    """
    for stack in read_stacks(aws, names or aws.settings.lifecycles.ephemeral).values():
        if stack.in_progress and (stack.status == "DELETE_IN_PROGRESS" or not ending):
            yield f"{stack.name} is {stack.status}: wait until CloudFormation is done with it (`hannibal status`)"


def read_resources(aws: Aws, name_or_id: str) -> tuple[Resource, ...]:
    """All resources of a stack."""
    pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name_or_id)
    return tuple(
        Resource(
            logical_id=resource["LogicalResourceId"],
            physical_id=resource.get("PhysicalResourceId", ""),
            resource_type=resource["ResourceType"],
            status=resource["ResourceStatus"],
        )
        for page in pages
        for resource in page["StackResourceSummaries"]
    )


def last_deleted(aws: Aws, name: str) -> str | None:
    """Id of the last deleted stack of this name; CloudFormation lists deleted stacks for 90 days."""
    pages = aws.cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
    deleted_stacks = [
        stack
        for page in pages
        for stack in page["StackSummaries"]
        if stack["StackName"] == name and "StackId" in stack and "DeletionTime" in stack
    ]
    return max(deleted_stacks, key=lambda stack: stack["DeletionTime"])["StackId"] if deleted_stacks else None


def _stack(described: "StackTypeDef") -> Stack:
    times = (described.get("DeletionTime"), described.get("LastUpdatedTime"), described["CreationTime"])
    return Stack(
        name=described["StackName"],
        stack_id=described.get("StackId", described["StackName"]),
        status=described["StackStatus"],
        reason=described.get("StackStatusReason", ""),
        since=next(time for time in times if time is not None),
        protected=described.get("EnableTerminationProtection", False),
        outputs=tuple(
            Output(
                name=output.get("OutputKey", ""),
                value=output.get("OutputValue", ""),
                description=output.get("Description", ""),
            )
            for output in described.get("Outputs", [])
        ),
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
        role=described.get("RoleARN", ""),
        change_set=described.get("ChangeSetId", ""),
    )


def has_nothing(stack: Stack | None) -> bool:
    """Whether there is no stack, or an empty one."""
    return stack is None or stack.status in _EMPTY


def creates_all_resources(stack: Stack | None) -> bool:
    """Whether the next deployment of a stack creates all of its resources."""
    return stack is None or stack.status in _NOTHING_MADE


def missing_reason(aws: Aws, resource: str, stack_name: str, *, undeployed: str, subject: str) -> str:
    """The reason in one line, with what to do; only for a resource that is missing.

    Args:
        undeployed: the text where the stack is not deployed.
        subject: the doctor's subject that explains what to do after a deletion by hand.
    """
    stack = read_stack(aws, stack_name)
    if stack is None or creates_all_resources(stack):
        return undeployed
    if not stack.healthy:
        return f"{stack_name} is {stack.status}, and there is no {resource} now: `hannibal status`"
    return f"the {resource} is gone, though {stack_name} is there: `hannibal doctor {subject}`"


def how_to_recreate(aws: Aws, stack_name: str) -> str:
    """How to recreate a missing resource of a persistent stack.

    CloudFormation does not notice a deletion by hand, and the same template again does not recreate the resource.
    """
    stack = read_stack(aws, stack_name)
    if stack is None or not stack.healthy:
        return f"Deploy {stack_name} first: `hannibal start`"
    who, command = how_to_revert(stack_name, aws.settings.environment)
    return f"It was deleted by hand, though {stack_name} has it: {who}`{command}` makes it again"


def how_to_revert(stack_name: str, environment: str) -> tuple[str, str]:
    """Who has CloudFormation undo what was changed by hand in a persistent stack, where not everybody may, and how."""
    if stack_name not in ADMINISTRATOR_STACKS:
        # Without the stacks that it depends on: the role that deploys may make no change set of an administrator's.
        return "", f"npx cdk deploy {stack_name} --exclusively -c env={environment} --revert-drift"
    return "as an administrator, ", revert_by_change_set(stack_name)


def revert_by_change_set(stack_name: str) -> str:
    """The commands of an administrator that undo what was changed by hand; one that was given up is deleted first.

    CloudFormation does not notice resources that were deleted outside of it; this kind of change set compares with
    reality (CloudFormation user guide, "Using drift-aware change sets").
    """
    change_set = f"--stack-name {stack_name} --change-set-name revert-drift"
    return (
        f"aws cloudformation delete-change-set {change_set} && aws cloudformation create-change-set {change_set} "
        "--use-previous-template --deployment-mode REVERT_DRIFT --capabilities CAPABILITY_NAMED_IAM && "
        f"aws cloudformation wait change-set-create-complete {change_set} && "
        f"aws cloudformation execute-change-set {change_set}"
    )
