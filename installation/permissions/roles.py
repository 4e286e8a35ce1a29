"""Which tasks of the operations guide each role of people and workflows may do."""

from collections.abc import Mapping, Sequence
from typing import Final

from installation.permissions.domain_records import see_zone
from installation.permissions.grants import GrantsOf
from installation.permissions.tasks import TASKS

CICD_TASKS: Final[tuple[GrantsOf, ...]] = (
    *(TASKS[it] for it in ("deploy", "read_bootstrap_version", "look", "see_safeguards")),
    see_zone,
    *(TASKS[it] for it in ("release", "run_tasks", "take_snapshots", "hold_scaling", "push_image")),
    *(TASKS[it] for it in ("publish_frontend", "invalidate", "prune_snapshots", "size_leftovers", "read_logs")),
)
# Not the lookup role of the bootstrap: it has ReadOnlyAccess, which reads every bucket. `cdk diff` goes on without it.
# Nor what keeps the account safe, which a pull request need not know.
PLAN_TASKS: Final[tuple[GrantsOf, ...]] = (TASKS["look"], TASKS["read_bootstrap_version"])
DRIFT_TASKS: Final[tuple[GrantsOf, ...]] = (*PLAN_TASKS, TASKS["see_safeguards"])
DEVELOPER_TASKS: Final[tuple[GrantsOf, ...]] = tuple(
    TASKS[it]
    for it in (
        *("look", "see_safeguards", "release", "run_tasks", "take_snapshots", "hold_scaling", "publish_frontend"),
        *("invalidate", "size_leftovers", "read_logs", "open_shell", "open_database", "keep_secrets", "analyse_trail"),
        *("review_permissions", "find_trouble", "watch", "send_test_alert", "pause", "restore_database"),
        "run_exercises",
    )
)
# Tasks that several roles have, by the managed policy that says them once: a role's own policies hold 10,240 characters
# together, and a managed one 6,144 (IAM quotas).
SHARED_TASKS: Final[Mapping[str, Sequence[GrantsOf]]] = {
    "Looking": (TASKS["look"],),
    "Guarding": (TASKS["see_safeguards"],),
    "Releasing": tuple(TASKS[it] for it in ("release", "run_tasks", "take_snapshots", "hold_scaling")),
    "Publishing": (TASKS["publish_frontend"], TASKS["invalidate"]),
}
