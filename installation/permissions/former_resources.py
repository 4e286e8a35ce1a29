"""What CloudFormation named after its stack before it had a name of its own, or another place: it can be deleted.

That are roles, and log groups of functions, of the stacks that the pipeline deploys: AuditStack's role writes the
trail's lines. An update deletes them, and so does the end of a month that began before. The tag keeps another project's
out, and those that have no tag; nothing of this makes, changes or passes anything.
"""

from typing import Final

from installation.names import PIPELINE_STACKS
from installation.permissions.grants import Arns, Grant, of

_ACTIONS: Final = (
    "DeleteRole DeleteRolePolicy DetachRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies"
)
_REASON: Final = "By the beginning of the name, which was the stack's; limited by its condition to this project's."


def delete_former_roles(arns: Arns) -> Grant:
    """What CloudFormation asks and does to delete them; its boundary says it in fewer characters."""
    return Grant(
        sid="Old",
        actions=of("iam", _ACTIONS),
        resources=arns.worldwide("iam", *(f"role/{stack}-*" for stack in PIPELINE_STACKS)),
        reason=_REASON,
        conditions={"StringEquals": {"aws:ResourceTag/Project": arns.names.project}},
    )


def delete_former_log_groups(arns: Arns) -> Grant:
    """The same for log groups; the boundary has them among all that may be done with log groups of these names."""
    return Grant(
        sid="OldLogs",
        actions=("logs:DeleteLogGroup",),
        resources=arns.regional("logs", *(f"log-group:{stack}-*" for stack in PIPELINE_STACKS)),
        reason=_REASON,
        conditions={"StringEquals": {"aws:ResourceTag/Project": arns.names.project}},
    )
