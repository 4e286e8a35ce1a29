"""Roles that CloudFormation named after their stack, before each had a name of its own: they can be deleted.

An update to named roles deletes them, and so does the end of a month that began before. The tag keeps another
project's roles out, and those that have no tag; nothing of this makes, changes or passes a role.
"""

from typing import Final

from installation.permissions.grants import Arns, Grant, of

_ACTIONS: Final = (
    "DeleteRole DeleteRolePolicy DetachRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies"
)
# For a boundary, which has little room and grants nothing.
_SHORTER: Final = "De* Get* List*"


def delete_former_roles(arns: Arns, *, ceiling: bool = False) -> Grant:
    """What CloudFormation asks and does to delete them, for its policies or for its boundary."""
    return Grant(
        sid="Old",
        actions=of("iam", _SHORTER if ceiling else _ACTIONS),
        resources=arns.worldwide("iam", "role/*Stack-*"),
        reason="By the beginning of the name, which was the stack's; limited by its condition to this project's.",
        conditions={"StringEquals": {"aws:ResourceTag/Project": arns.names.project}},
    )
