"""The month's database, where its data came from, and its start after a pause."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from installation.names import RESTORE_POINT_PREFIX, RESTORE_POINT_TYPE, STORAGE_STACK
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.aws.polling import wait_until
from ops.errors import FailedError
from ops.stacks.state import read_resources, read_stack

# All of these are from the RDS user guide, "Viewing Amazon RDS DB instance status".
# States in which it serves all requests. After an increase RDS optimizes storage for hours, sometimes more than a day
# (re:Post, rds-stuck-in-storage-optimization); after a restore RDS still loads blocks from S3.
IN_USE: Final = ("available", "storage-optimization", "storage-initialization")
# States of a pause.
STOPPED: Final = ("stopped", "stopping")
# States in which it accepts no connections.
_UNREACHABLE: Final = (*STOPPED, "creating", "deleting", "failed", "starting")
# States that end by themselves, and in which RDS makes no snapshot.
PASSING: Final = (
    *("backing-up", "configuring-enhanced-monitoring", "configuring-iam-database-auth", "configuring-log-exports"),
    *("creating", "maintenance", "modifying", "rebooting", "renaming", "resetting-master-credentials", "starting"),
    *("stopping", "storage-config-upgrade", "storage-initialization", "upgrading"),
)
# States that do not end by themselves, and in which RDS makes no snapshot (API reference, DeleteDBInstance).
FAILED: Final = (
    *("failed", "inaccessible-encryption-credentials", "inaccessible-encryption-credentials-recoverable"),
    *("incompatible-create", "incompatible-network", "incompatible-option-group", "incompatible-parameters"),
    *("incompatible-restore", "insufficient-capacity", "restore-error", "storage-full"),
)
# The final ones of them: rows come back only by a restore into another instance (RDS user guide, "DB instance
# status", `failed`), and this one can only be deleted, without a final snapshot (API reference, DeleteDBInstance).
GIVEN_UP: Final = ("failed", "incompatible-restore", "restore-error")
# A small instance starts within ten minutes; RDS documents no limit.
LONGEST_START: Final = 1_800.0


@dataclass(frozen=True, kw_only=True)
class Database:
    """The RDS instance."""

    name: str  # its identifier
    status: str  # such as ``available``
    instance_class: str  # such as ``db.t4g.micro``
    engine: str  # engine and version
    endpoint: str  # host and port; empty while it is being created
    storage_gib: int  # allocated storage

    @property
    def in_use(self) -> bool:
        """Whether it serves all requests."""
        return self.status in IN_USE


@dataclass(frozen=True, kw_only=True)
class DataOrigin:
    """Where the data of the running month came from."""

    snapshot: str | None  # the restored snapshot; None for a database that began empty

    @property
    def text(self) -> str:
        """Its description in one line."""
        return f"restored from {self.snapshot}" if self.snapshot else "began empty"


def unavailable_advice(name: str, status: str) -> str:
    """What to do about a database that cannot be used, as the end of a sentence."""
    if status in STOPPED:  # the waiter would fail: neither becomes ``available`` by itself
        return "`hannibal resume`, then again"
    if status in PASSING:
        return f"`aws rds wait db-instance-available --db-instance-identifier {name}`, then again"
    if status == "deleting":
        return "it goes with the month, or was deleted by hand (`hannibal status`)"
    return "it does not pass by itself (`hannibal doctor database`)"


def read_database(aws: Aws) -> Database | None:
    """The database; None between two months."""
    try:
        instances = aws.rds.describe_db_instances(DBInstanceIdentifier=aws.names.database)["DBInstances"]
    except aws.rds.exceptions.DBInstanceNotFoundFault:
        return None
    if not instances:
        return None
    instance = instances[0]
    endpoint = instance.get("Endpoint", {})
    return Database(
        name=aws.names.database,
        status=instance.get("DBInstanceStatus", ""),
        instance_class=instance.get("DBInstanceClass", ""),
        engine=f"{instance.get('Engine', '')} {instance.get('EngineVersion', '')}",
        endpoint=f"{endpoint['Address']}:{endpoint.get('Port', '')}" if "Address" in endpoint else "",
        storage_gib=instance.get("AllocatedStorage", 0),
    )


def unreachable_database_refusals(database: Database) -> Iterator[str]:
    """Why nothing can connect to the database now, with what to do."""
    if database.status in _UNREACHABLE:
        way_out = unavailable_advice(database.name, database.status)
        yield f"{database.name} is {database.status}, and takes no connections: {way_out}"


def read_data_origin(aws: Aws) -> DataOrigin | None:
    """Which snapshot the month's database began with; None if StorageStack has not decided it yet.

    The id of a resource records it (`constructs_lib.storage.database`).
    """
    if read_stack(aws, STORAGE_STACK) is None:
        return None
    for resource in read_resources(aws, STORAGE_STACK):
        if resource.resource_type == RESTORE_POINT_TYPE and resource.status.endswith("_COMPLETE"):
            return DataOrigin(snapshot=resource.physical_id.removeprefix(RESTORE_POINT_PREFIX) or None)
    return None


def count_connections(aws: Aws, now: datetime) -> int | None:
    """Number of open connections, the maximum of the last minute with data; None where CloudWatch has no data yet."""
    answer = aws.cloudwatch.get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="DatabaseConnections",
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": aws.names.database}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )
    points = sorted(answer["Datapoints"], key=lambda point: point.get("Timestamp", now))
    return round(points[-1].get("Maximum", 0)) if points else None


def start_database(aws: Aws, notify: Callable[[str], None]) -> None:
    """Start the database unless it runs, and wait until it can be used.

    Raises:
        FailedError: it does not start within half an hour, or another command stops it again.
    """
    name, start_requested = aws.names.database, False

    def started() -> bool:
        nonlocal start_requested
        database = read_database(aws)
        if database is None or database.status in FAILED:
            state = database.status if database else "gone"
            raise FailedError(f"{name} does not start: it is {state}", "See `hannibal doctor database`.")
        if database.status in IN_USE:
            return True
        if start_requested and database.status == "stopping":  # another command stops it, which a new start would undo
            raise _stopped_again_error(name)
        if database.status == "stopped":
            with ignoring("InvalidDBInstanceState"):  # RDS shows a starting database as stopped for a moment
                aws.rds.start_db_instance(DBInstanceIdentifier=name)
                start_requested = True
        notify(f"waiting for the database, which is {database.status}")
        return False

    if not wait_until(started, aws.polling, LONGEST_START):
        raise FailedError("the database is not available after half an hour", "See `hannibal doctor database`.")


def require_started(aws: Aws) -> None:
    """Check that a started database has not been stopped since; else FailedError."""
    found = read_database(aws)
    if found is not None and found.status in STOPPED:
        raise _stopped_again_error(found.name)


def _stopped_again_error(name: str) -> FailedError:
    return FailedError(f"{name} is stopped again, by another command or by the schedule", "See `hannibal status`.")
