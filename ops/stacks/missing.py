"""Why a stack's resource is missing: the stack is not deployed, is changing, or it was deleted by hand.

CloudFormation does not notice such a deletion, and a deployment of the same template does not recreate the resource.
"""

from typing import Final

from ops.aws.clients import Aws
from ops.stacks.state import Stack, read_stack

# States in which a stack has no resources: nothing was created, or all of it was taken back.
_EMPTY: Final = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")
# States after which the next deployment creates all resources.
_NOTHING_MADE: Final = (*_EMPTY, "ROLLBACK_FAILED", "DELETE_IN_PROGRESS")


def has_nothing(stack: Stack | None) -> bool:
    """Whether there is no stack, or an empty one."""
    return stack is None or stack.status in _EMPTY


def creates_all_resources(stack: Stack | None) -> bool:
    """Whether the next deployment of a stack creates all of its resources."""
    return stack is None or stack.status in _NOTHING_MADE


def missing_reason(aws: Aws, resource: str, stack_name: str, *, undeployed: str, subject: str) -> str:
    """The reason in one line, with what to do; only for a resource that is missing.

    Args:
        resource: the missing resource, such as ``database``.
        stack_name: name of its stack.
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
    """How to recreate a missing resource of a persistent stack."""
    stack = read_stack(aws, stack_name)
    if stack is None or not stack.healthy:
        return f"Deploy {stack_name} first: `hannibal start`"
    deploy = f"npx cdk deploy {stack_name} -c env={aws.settings.environment} --revert-drift"
    return f"It was deleted by hand, though {stack_name} has it: `{deploy}` makes it again"
