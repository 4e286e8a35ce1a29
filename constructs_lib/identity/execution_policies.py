"""What CloudFormation may do to create, update and delete the eight stacks, one policy a stack.

These are the policies of ``cdk bootstrap --cloudformation-execution-policies``. They say what the templates need; what
nobody may do at all, the boundary of the same role denies.
"""

from dataclasses import dataclass
from typing import Final

from constructs_lib import names as stacks
from constructs_lib.identity import execution_ephemeral, execution_persistent
from constructs_lib.identity.grants import GrantsOf


@dataclass(frozen=True, kw_only=True)
class ExecutionPolicy:
    """A part of what CloudFormation may do.

    Attributes:
        stack: stack whose resources need it.
        grants: what it allows, given the installation's ARNs.
    """

    stack: str
    grants: GrantsOf

    @property
    def subject(self) -> str:
        """Word of its name that tells it from the others."""
        return self.stack.removesuffix("Stack")


EXECUTION_POLICIES: Final = (
    ExecutionPolicy(stack=stacks.IDENTITY_STACK, grants=execution_persistent.identity),
    ExecutionPolicy(stack=stacks.ARTIFACT_STACK, grants=execution_persistent.artifact),
    ExecutionPolicy(stack=stacks.NETWORK_STACK, grants=execution_persistent.network),
    ExecutionPolicy(stack=stacks.GUARDRAIL_STACK, grants=execution_persistent.guardrail),
    ExecutionPolicy(stack=stacks.AUDIT_STACK, grants=execution_persistent.audit),
    ExecutionPolicy(stack=stacks.STORAGE_STACK, grants=execution_ephemeral.storage),
    ExecutionPolicy(stack=stacks.COMPUTE_STACK, grants=execution_ephemeral.compute),
    ExecutionPolicy(stack=stacks.EDGE_STACK, grants=execution_ephemeral.edge),
)
