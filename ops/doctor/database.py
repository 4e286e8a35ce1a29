"""Trouble 4: the service does not reach its database, or is not let in."""

from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import code_of
from ops.doctor.credentials import note_agreement
from ops.doctor.deleted import note_deleted_database
from ops.doctor.finding import Evidence, Notes, Remediation, section
from ops.doctor.network import POSTGRESQL, cut_path, note_missing
from ops.doctor.pause import note_pause
from ops.doctor.restores import note_restores
from ops.doctor.subjects import Subject
from ops.doctor.tasks import placement
from ops.month.engine_version import notes_ahead, order, read_offered
from ops.service.database import Database, read_connections, read_database
from ops.service.description import describe_active_service
from ops.service.logs import read_lines

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
        _state(notes, settings, database, symptoms)
    notes.read("the versions that RDS offers", lambda: _version(notes, aws, settings, database, now))
    notes.read("the way to the database", lambda: _way(notes, aws, settings, symptoms))
    notes.read("the secrets", lambda: note_agreement(notes, aws, settings, database.endpoint, symptoms))
    notes.read("open connections", lambda: _connections(notes, aws, settings, now))


def _version(notes: Notes, aws: Aws, settings: Settings, database: Database, now: datetime) -> None:
    """What RDS does to the version, or has done, before it stops the next start."""
    runs, wanted = database.engine.rpartition(" ")[2], settings.database.engine_version
    offered = read_offered(aws, wanted)
    file = f"config/{settings.environment}.yaml"
    if order(runs) > order(wanted):
        notes.add(
            "version-ahead",
            f"The database runs PostgreSQL {runs}, and the settings say {wanted}: the next start would ask for a "
            f'downgrade, which RDS refuses. Write `engine_version: "{runs}"` in {file}.',
            level="notice",
        )
    if offered is None:
        return
    if offered.versions and runs not in offered.versions:
        notes.add(
            "version-withdrawn",
            f"RDS offers PostgreSQL {runs} no more, and upgrades this database in a maintenance window, with a "
            f"downtime. Raise `engine_version` in {file} for the next month (offered: "
            f"{', '.join(offered.newer(runs)) or 'none'}).",
            level="notice",
        )
    for note in notes_ahead(settings, offered, now):
        notes.add("version-ending", f"{note[0].upper()}{note[1:]}.", level="notice")


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


def _state(notes: Notes, settings: Settings, database: Database, symptoms: tuple[Evidence, ...]) -> None:
    status, name = database.status, database.name
    evidence = (Evidence("database", f"{name} is {status}"), *symptoms)
    if status == "available":
        notes.healthy(f"{name} is available ({database.engine}, {database.instance_class})")
    elif status in ("stopped", "stopping"):
        notes.add(
            "database-stopped",
            f"The database is {status}. AWS starts it again after seven days; it is no end of a month.",
            evidence=evidence,
            remediations=(
                # RDS refuses to start an instance that is still stopping (StartDBInstance, InvalidDBInstanceState).
                Remediation(
                    "start it" if status == "stopped" else "start it when it is stopped",
                    f"aws rds start-db-instance --db-instance-identifier {name}",
                ),
                Remediation("or end the month, which keeps the data", f"hannibal stop --env {settings.environment}"),
            ),
        )
    elif status in _PASSING:
        notes.add(
            "database-changing",
            f"The database is {status}, which passes by itself.",
            level="notice",
            evidence=evidence,
            remediations=(
                Remediation("wait for it", f"aws rds wait db-instance-available --db-instance-identifier {name}"),
            ),
        )
    elif status == "storage-full":
        notes.add(
            "database-full",
            f"The {database.storage_gib} GiB of the database are used up, so it takes no more writes.",
            evidence=evidence,
            remediations=(
                Remediation(
                    "give it more now",
                    f"aws rds modify-db-instance --db-instance-identifier {name} --apply-immediately "
                    f"--allocated-storage {-(-database.storage_gib * 3 // 2)}",
                ),
                Remediation(f"and for the next months: database.storage_gib in config/{settings.environment}.yaml"),
            ),
        )
    else:
        notes.add(
            "database-unavailable",
            f"The database is {status} and lets nobody in.",
            evidence=evidence,
            remediations=(
                Remediation(
                    "read what RDS says",
                    f"aws rds describe-events --source-type db-instance --source-identifier {name}",
                ),
                Remediation(
                    "see what a new one would be restored from", f"hannibal snapshots list --env {settings.environment}"
                ),
            ),
        )


def _way(notes: Notes, aws: Aws, settings: Settings, symptoms: tuple[Evidence, ...]) -> None:
    service = describe_active_service(aws.ecs, settings.names)
    if service is None:
        return
    sources = placement(service).security_groups
    instance = aws.rds.describe_db_instances(DBInstanceIdentifier=settings.names.database)["DBInstances"][0]
    targets = tuple(group.get("VpcSecurityGroupId", "") for group in instance.get("VpcSecurityGroups", []))
    path = notes.read("the way to the database", lambda: cut_path(aws.ec2, sources, targets, POSTGRESQL))
    if path:
        note_missing(
            notes, "database-cut-off", "The tasks do not reach the database: connections time out.", path, *symptoms
        )
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
    notes.add(
        "connections-used-up",
        f"{used} of {most} connections are open; when all are, nobody is let in any more.",
        evidence=(Evidence("CloudWatch", f"DatabaseConnections {used}, the alarm sounds above {limit}"),),
        remediations=(
            Remediation(
                "fresh tasks give theirs back", f"hannibal release --env {settings.environment} --again --image IMAGE"
            ),
            Remediation(
                "for good: a smaller pool in the API, or database.max_connections "
                f"in config/{settings.environment}.yaml"
            ),
        ),
    )
