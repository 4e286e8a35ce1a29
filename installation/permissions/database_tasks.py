"""What the snapshots of the database, and a restore within the month, need; see `tasks` for how to read it."""

from installation import names as stacks
from installation.permissions.grants import Arns, Grant
from installation.persistent_names import PRUNABLE_TAG


def take_snapshots(arns: Arns) -> tuple[Grant, ...]:
    """Take a snapshot of the running database, by hand or before a release; it copies the database's tags itself."""
    names = arns.names
    return (
        Grant(
            sid="TakeSnapshots",
            actions=("rds:CreateDBSnapshot",),
            resources=arns.regional(
                "rds",
                f"db:{names.database}",
                f"snapshot:{names.taken_snapshots}*",
                f"snapshot:{names.release_snapshots}*",
            ),
            reason="The end of a snapshot's name is the time at which it was ordered.",
        ),
    )


def prune_snapshots(arns: Arns) -> tuple[Grant, ...]:
    """Delete old final snapshots, named by CloudFormation after the stack that ended, that are tagged as prunable."""
    return (
        Grant(
            sid="PruneSnapshots",
            actions=("rds:DeleteDBSnapshot",),
            resources=arns.regional(
                "rds", f"snapshot:{stacks.FINAL_SNAPSHOT_PREFIX}*", f"snapshot:{arns.names.database}-*"
            ),
            reason="Snapshots of this database only; the end of the name differs with each month.",
            conditions={"StringEquals": {f"aws:ResourceTag/{PRUNABLE_TAG}": "true"}},
        ),
    )
