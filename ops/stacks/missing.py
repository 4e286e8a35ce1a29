"""Why something is not there that a stack makes: the stack is not deployed, is changing, or it was deleted by hand.

What was deleted by hand CloudFormation does not notice, and a deployment of the same template does not make it again.
"""

from typing import Final

from ops.aws.clients import Aws
from ops.stacks.state import Stack, read_stack

# States in which nothing of a stack is there, and the next deployment makes it all.
_NOTHING_MADE: Final = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_IN_PROGRESS")


def makes_all(stack: Stack | None) -> bool:
    """Whether the next deployment of a stack makes all that is in it."""
    return stack is None or stack.status in _NOTHING_MADE


def why_missing(aws: Aws, what: str, stack_name: str, *, undeployed: str, subject: str) -> str:
    """One line for people, with what to do; ask only where it is missing.

    Args:
        what: is missing, such as ``database``.
        stack_name: of the stack that makes it.
        undeployed: what is said where the stack is not deployed.
        subject: of the doctor, who knows what to do where it was deleted by hand.
    """
    stack = read_stack(aws, stack_name)
    if stack is None or makes_all(stack):
        return undeployed
    if not stack.healthy:
        return f"{stack_name} is {stack.status}, and there is no {what} now: `hannibal status`"
    return f"the {what} is gone, though {stack_name} is there: `hannibal doctor {subject}`"


def how_to_recreate(aws: Aws, stack_name: str) -> str:
    """What makes something that is missing of a persistent stack."""
    stack = read_stack(aws, stack_name)
    if stack is None or not stack.healthy:
        return f"Deploy {stack_name} first: `hannibal start`"
    deploy = f"npx cdk deploy {stack_name} -c env={aws.settings.environment} --revert-drift"
    return f"It was deleted by hand, though {stack_name} has it: `{deploy}` makes it again"
