"""What the snapshots of the database, and a restore within the month, need; see `tasks` for how to read it."""

from installation import names as stacks
from installation.permissions.grants import Arns, Grant, of
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


def restore_database(arns: Arns) -> tuple[Grant, ...]:
    """Restore into a second instance, give it the name of the month's, and let go of what was put aside.

    Not the pipeline's: what was put aside may hold the only copy of some rows.
    """
    names, beginning = arns.names, stacks.STORAGE_STACK.lower()
    aside = (names.coming_database, f"{names.former_databases}*", names.trial_database)
    return (
        Grant(
            sid="Restore",
            actions=of("rds", "RestoreDBInstanceFromDBSnapshot RestoreDBInstanceToPointInTime"),
            resources=arns.regional(
                "rds",
                f"db:{names.database}*",
                "og:default:*",
                f"pg:{beginning}-*",
                *(
                    f"snapshot:{it}*"
                    for it in (stacks.FINAL_SNAPSHOT_PREFIX, f"{names.database}-", f"rds:{names.database}")
                ),
                f"subgrp:{beginning}-*",
            ),
            reason="From this database's backups and snapshots into its stack's groups; nothing else is made.",
        ),
        Grant(
            sid="Exchange",
            actions=of("rds", "ModifyDBInstance RebootDBInstance"),
            resources=arns.regional("rds", f"db:{names.database}", *(f"db:{it}" for it in aside), f"pg:{beginning}-*"),
            reason="What was put aside ends with a time; CloudFormation ends the group's name.",
        ),
        Grant(
            sid="MarkRestored",
            actions=of("rds", "AddTagsToResource RemoveTagsFromResource"),
            resources=arns.regional("rds", f"db:{names.database}", *(f"db:{it}" for it in aside)),
            reason="What was put aside ends with a time.",
        ),
        Grant(
            sid="LetGo",
            actions=of("rds", "CreateDBSnapshot DeleteDBInstance"),
            resources=arns.regional("rds", *(f"{kind}:{it}" for it in aside for kind in ("db", "snapshot"))),
            reason="What was put aside ends with a time; the month's database is not among it.",
        ),
    )
