"""A database that no stack has, such as after a deletion that retained it, and a service whose database is gone."""

from collections.abc import Iterator
from datetime import UTC, datetime

from installation.names import COMPUTE_STACK, STORAGE_STACK
from ops.service.database_status import FAILED, STOPPED, Database
from ops.stacks.state import Stack, creates_all_resources, has_nothing


def is_stray(storage: Stack | None, database: Database | None) -> bool:
    """Whether a database stays that StorageStack neither has nor is deleting."""
    return database is not None and database.status != "deleting" and has_nothing(storage)


def start_command(database: Database) -> str:
    """The command without which RDS makes no final snapshot of a stopped database; empty for another one."""
    return f"aws rds start-db-instance --db-instance-identifier {database.name}" if database.status in STOPPED else ""


def final_name(database: Database) -> str:
    """A name for its final snapshot: RDS refuses one that an earlier such database has left."""
    return f"{database.name}-by-hand-{datetime.now(UTC):%Y%m%d-%H%M}"


def delete_command(database: Database) -> str:
    """The command that deletes it and keeps its rows in a snapshot, from which the next month starts."""
    final = final_name(database)
    return f"aws rds delete-db-instance --db-instance-identifier {database.name} --final-db-snapshot-identifier {final}"


def stray_database_refusals(storage: Stack | None, database: Database | None) -> Iterator[str]:
    """Why no month begins or ends beside such a database, with what to do.

    CloudFormation's validation refuses its name before anything is created, and no deletion of a stack ends it.
    """
    if database is not None and is_stray(storage, database):
        state = f"is {storage.status} and has none" if storage else "does not exist"
        beginning = f"the database {database.name} exists and is {database.status}, but {STORAGE_STACK} {state}, and"
        if database.status in FAILED:
            yield f"{beginning} RDS makes no final snapshot of it so. Repair it first: `hannibal doctor database`"
            return
        begin, when = start_command(database), " when it is stopped" if database.status == "stopping" else ""
        first = f"Start it{when}: `{begin}`. When it is available, have" if begin else "Have"
        yield (
            f"{beginning} what it holds is in no final snapshot. {first} an administrator make one and delete it: "
            f"`{delete_command(database)}`"
        )


def deleted_storage_refusals(storage: Stack | None, compute: Stack | None) -> Iterator[str]:
    """Why no database is created for a service whose own was deleted by hand: its tasks would never reach it.

    They name the deleted stack's secret. As ComputeStack's template stays the same, no deployment changes that, and a
    release ships what is deployed.
    """
    if compute is not None and (compute.lasts or never_starts(storage, compute)) and creates_all_resources(storage):
        yield (
            f"{STORAGE_STACK} was deleted under {COMPUTE_STACK}, whose tasks know only the former database's secret: "
            "`hannibal stop`, then start again; the data is kept"
        )


def never_starts(storage: Stack | None, compute: Stack | None) -> bool:
    """Whether ComputeStack is created for a database that is gone: its tasks cannot start, and ECS tries for hours."""
    return compute is not None and compute.status == "CREATE_IN_PROGRESS" and creates_all_resources(storage)
