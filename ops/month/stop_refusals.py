"""Why a month cannot end: its database would leave no final snapshot, or StorageStack could not be deleted."""

from collections.abc import Iterator

from installation.names import STORAGE_STACK
from ops.service.database_instances import Databases
from ops.service.database_status import FAILED, STOPPED


def final_snapshot_refusals(databases: Databases) -> Iterator[str]:
    """Why StorageStack would fail after the service is gone, so that the database would stay, with what to do."""
    database = databases.current
    if database is None:
        return
    if database.status in FAILED:
        yield (
            f"{database.name} is {database.status}, and RDS makes no final snapshot of it: the service would go, and "
            "the database stay and cost money. Repair it first: `hannibal doctor database`. One whose restore has "
            "failed: docs/real-account.md, A first start that fails"
        )
    if database.description.get("DeletionProtection"):
        first = "`hannibal resume`, then " if database.status in STOPPED else ""  # RDS modifies no stopped instance
        yield (
            f"{database.name} is protected against deletion, by hand or by a rule of the account: the service would "
            f"go, and the database stay and cost money. {first}`aws rds modify-db-instance --db-instance-identifier "
            f"{database.name} --no-deletion-protection --apply-immediately`, then again"
        )
    for other in databases.in_its_group:
        yield (
            f"{other.name}, which no command here has made, is in the subnet group of the month's database: the "
            f"service and the database would go, and {STORAGE_STACK} fail. Delete it, which may leave a snapshot, then "
            "again"
        )
