"""Tasks that several roles have, by the managed policy that says them once.

A role's own policies hold 10,240 characters together, and a managed one 6,144 (IAM quotas).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from installation.permissions.grants import GrantsOf
from installation.permissions.tasks import TASKS

SHARED_TASKS: Final[Mapping[str, Sequence[GrantsOf]]] = {
    "Looking": (TASKS["look"],),
    "Guarding": (TASKS["see_safeguards"],),
    "Releasing": tuple(TASKS[it] for it in ("release", "run_tasks", "take_snapshots", "hold_scaling")),
    "Publishing": (TASKS["publish_frontend"], TASKS["invalidate"]),
}
