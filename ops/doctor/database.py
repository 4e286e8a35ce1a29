"""Trouble 4: the service does not reach its database, or is not let in."""

from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import code_of
from ops.doctor.credentials import note_agreement
from ops.doctor.deleted import note_deleted_database
from ops.doctor.finding import Evidence, Notes, section
from ops.doctor.network import POSTGRESQL, cut_path, note_missing
from ops.doctor.pause import note_pause
from ops.doctor.restores import note_restores
from ops.doctor.subjects import Subject
from ops.doctor.tasks import placement
from ops.month.engine_version import notes_ahead, order, read_offered
from ops.month.snapshot_quota import read_snapshot_quota
from ops.service.database import Database, read_connections, read_database
from ops.service.description import describe_active_service
from ops.service.logs import read_lines

# Fewer left are said: the final snapshot of the month and those of what restores have put aside must have room.
_SNAPSHOTS_LEFT = 5
# States that pass by themselves (RDS user guide, "Viewing Amazon RDS DB instance status").
_PASSING = frozenset(
    (
        *("backing-up", "configuring-enhanced-monitoring", "configuring-log-exports", "creating", "maintenance"),
        *("modifying", "rebooting", "renaming", "resetting-master-credentials", "starting", "storage-config-upgrade"),
        *("storage-initialization", "storage-optimization", "upgrading"),
    )
)
_LOG_PATTERN = '?"password authentication failed" ?"ECONNREFUSED" ?"ETIMEDOUT" ?"too many clients"'


@section(Subject.DATABASE)
def examine(notes: Notes, aws: Aws, settings: Settings, now: datetime) -> None:
    """Look at the instance, at the way to it, and at what the service logs in with."""
    database = read_database(aws.rds, settings.names)
    note_restores(notes, aws, settings)
    if database is None:
        if not note_deleted_database(notes, aws, settings):
            notes.healthy("no database: between two months there is none")
        return
    symptoms = notes.read("the service's log", lambda: _symptoms(aws, settings, now)) or ()
    if database.status in ("stopped", "stopping") and notes.read("a pause", lambda: _paused(aws, settings)):
        note_pause(notes, aws, settings, Evidence("database", f"{database.name} is {database.status}"))
    else:
        _state(notes, database, symptoms)
    notes.read("the versions that RDS offers", lambda: _version(notes, aws, settings, database, now))
    notes.read("the quota of snapshots", lambda: _snapshots(notes, aws))
    notes.read("the way to the database", lambda: _way(notes, aws, settings, symptoms))
    notes.read("the secrets", lambda: note_agreement(notes, aws, settings, database.endpoint, symptoms))
    notes.read("open connections", lambda: _connections(notes, aws, settings, now))


def _version(notes: Notes, aws: Aws, settings: Settings, database: Database, now: datetime) -> None:
    """What RDS does to the version, or has done, before it stops the next start."""
    runs, wanted = database.engine.rpartition(" ")[2], settings.database.engine_version
    offered = read_offered(aws, wanted)
    if order(runs) > order(wanted):
        notes.found("version-ahead", runs=runs, wanted=wanted)
    if offered is None:
        return
    if offered.versions and runs not in offered.versions:
        notes.found("version-withdrawn", runs=runs, offered=", ".join(offered.newer(runs)) or "none")
    for note in notes_ahead(settings, offered, now):
        notes.found("version-ending", note=f"{note[0].upper()}{note[1:]}")


def _snapshots(notes: Notes, aws: Aws) -> None:
    quota = read_snapshot_quota(aws)
    if quota is not None and quota.left < _SNAPSHOTS_LEFT:
        notes.found("snapshots-full", used=quota.used, most=quota.most)


def _paused(aws: Aws, settings: Settings) -> bool:
    service = describe_active_service(aws.ecs, settings.names)
    return service is not None and service.get("desiredCount", 0) == 0


def _symptoms(aws: Aws, settings: Settings, now: datetime) -> tuple[Evidence, ...]:
    """The newest line in which the service complains about its database."""
    try:
        lines = list(read_lines(aws.logs, settings.names, start=now - timedelta(minutes=30), pattern=_LOG_PATTERN))
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return ()
        raise
    return tuple(Evidence(f"log of {line.task_id[:8]}", line.message) for line in lines[-1:])


def _state(notes: Notes, database: Database, symptoms: tuple[Evidence, ...]) -> None:
    status, name = database.status, database.name
    evidence = (Evidence("database", f"{name} is {status}"), *symptoms)
    if status == "available":
        notes.healthy(f"{name} is available ({database.engine}, {database.instance_class})")
    elif status in ("stopped", "stopping"):
        # RDS refuses to start an instance that is still stopping (StartDBInstance, InvalidDBInstanceState).
        when = "start it" if status == "stopped" else "start it when it is stopped"
        notes.found("database-stopped", evidence=evidence, database=name, status=status, when=when)
    elif status in _PASSING:
        notes.found("database-changing", evidence=evidence, database=name, status=status)
    elif status == "storage-full":
        more = -(-database.storage_gib * 3 // 2)
        notes.found("database-full", evidence=evidence, database=name, storage_gib=database.storage_gib, more_gib=more)
    else:
        notes.found("database-unavailable", evidence=evidence, database=name, status=status)


def _way(notes: Notes, aws: Aws, settings: Settings, symptoms: tuple[Evidence, ...]) -> None:
    service = describe_active_service(aws.ecs, settings.names)
    if service is None:
        return
    sources = placement(service).security_groups
    instance = aws.rds.describe_db_instances(DBInstanceIdentifier=settings.names.database)["DBInstances"][0]
    targets = tuple(group.get("VpcSecurityGroupId", "") for group in instance.get("VpcSecurityGroups", []))
    path = notes.read("the way to the database", lambda: cut_path(aws.ec2, sources, targets, POSTGRESQL))
    if path:
        note_missing(notes, "database-cut-off", path, *symptoms)
    elif path is not None:
        notes.healthy("the tasks' security group reaches the database's")


def _connections(notes: Notes, aws: Aws, settings: Settings, now: datetime) -> None:
    used = read_connections(aws.cloudwatch, settings.names, now)
    if used is None:
        return
    limit, most = settings.alarms.database_connections, settings.database.max_connections
    if used <= limit:
        notes.healthy(f"{used} of {most} connections are open")
        return
    seen = Evidence("CloudWatch", f"DatabaseConnections {used}, the alarm sounds above {limit}")
    notes.found("connections-used-up", evidence=(seen,), used=used, most=most)
