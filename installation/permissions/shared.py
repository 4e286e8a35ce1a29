"""Tasks that several roles have, by the managed policy that says them once.

A role's own policies hold 10,240 characters together, and a managed one 6,144 (IAM quotas).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from installation.permissions import database_tasks, publishing_tasks, safeguards, tasks
from installation.permissions.grants import GrantsOf
from installation.permissions.scaling import hold_scaling

SHARED_TASKS: Final[Mapping[str, Sequence[GrantsOf]]] = {
    "Looking": (tasks.look,),
    "Guarding": (safeguards.see_safeguards,),
    "Releasing": (tasks.release, tasks.run_tasks, database_tasks.take_snapshots, hold_scaling),
    "Publishing": (publishing_tasks.publish_frontend, publishing_tasks.invalidate),
}
