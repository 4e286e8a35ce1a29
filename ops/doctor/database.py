"""Trouble 4: the service does not reach its database, or cannot log in."""

from datetime import timedelta

from installation.names import STORAGE_STACK
from ops.aws.clients import Aws
from ops.doctor.absence import note_deleted_database, note_pause
from ops.doctor.database_login import note_agreement
from ops.doctor.examiner import Examiner, examination_of
from ops.doctor.finding import Evidence, Remediation
from ops.doctor.network import POSTGRESQL, missing_rules, note_missing
from ops.doctor.subjects import Subject
from ops.doctor.tasks import complaints, placement
from ops.month.engine_version import read_offered, upcoming_version_changes, version_key
from ops.month.snapshots import newest_snapshot, read_snapshot_quota
from ops.month.stray_database import final_name, is_stray, start_command
from ops.service.database_instances import read_databases
from ops.service.database_status import FAILED, GIVEN_UP, PASSING, Database, count_connections, read_database
from ops.service.ecs_service import describe_active_service
from ops.stacks.state import read_stack

# With fewer left there is a finding: the month's final snapshot and those of former databases must fit in the quota.
_SNAPSHOTS_LEFT = 5
# States from which RDS starts an instance once the reason is removed (StartDBInstance, InvalidDBInstanceState).
_STARTABLE = {
    "inaccessible-encryption-credentials-recoverable": (
        "RDS cannot use the key of its storage, and gives the database up after seven days",
        "enable the key, or cancel its deletion, in KMS; then start it",
    ),
    "incompatible-network": (
        "RDS cannot recover it in this network, mostly because a subnet has no free address",
        "release addresses in the subnets; then start it",
    ),
}
_LOG_PATTERN = '?"password authentication failed" ?"ECONNREFUSED" ?"ETIMEDOUT" ?"too many clients"'


@examination_of(Subject.DATABASE)
def examine(examiner: Examiner) -> None:
    """Check the instance, the network path to it, and the service's credentials for it."""
    aws = examiner.aws
    database = read_database(aws)
    restoring = _restores(examiner)
    examiner.read("the newest snapshot", lambda: _newest_snapshot(examiner))
    if database is None:
        if not restoring and not note_deleted_database(examiner):
            examiner.healthy("no database: between two months there is none")
        return
    storage = read_stack(aws, STORAGE_STACK)
    if is_stray(storage, database):
        _stray(examiner, database)
        if database.status in FAILED:  # RDS makes no final snapshot of it before it is repaired
            _state(examiner, database, ())
        return
    if database.status == "deleting" and (storage is None or not storage.lasts):
        examiner.healthy(f"{database.name} is being deleted, and {STORAGE_STACK} does not need it")
        return
    # The newest log line with an error about the database.
    symptoms = complaints(examiner, _LOG_PATTERN, examiner.now - timedelta(minutes=30))[-1:]
    if database.status in ("stopped", "stopping") and examiner.read("a pause", lambda: _paused(aws)):
        note_pause(examiner, Evidence("database", f"{database.name} is {database.status}"))
    else:
        _state(examiner, database, symptoms)
    examiner.read("the versions that RDS offers", lambda: _version(examiner, database))
    examiner.read("the quota of snapshots", lambda: _snapshots(examiner))
    examiner.read("the way to the database", lambda: _examine_network_path(examiner, symptoms))
    examiner.read("the secrets", lambda: note_agreement(examiner, database.endpoint, symptoms))
    examiner.read("open connections", lambda: _connections(examiner))


def _stray(examiner: Examiner, database: Database) -> None:
    """Note a database that no stack has. RDS makes no final snapshot of it while it is stopped."""
    begin = start_command(database)
    first = (Remediation("start it, and wait until it is available", begin),) if begin else ()
    examiner.add_finding(
        "database-without-stack",
        first=first,
        database=database.name,
        status=database.status,
        stack=STORAGE_STACK,
        final=final_name(database),
    )


def _restores(examiner: Examiner) -> bool:
    """Note what restores left: former databases and a trial's. Returns whether a restore is unfinished."""
    databases = examiner.read("what a restore has left", lambda: read_databases(examiner.aws))
    if databases is None:
        return False
    if databases.restoring:
        to = databases.restoring
        instances = (databases.current, databases.coming, *databases.former)
        evidence = tuple(Evidence("database", f"{it.name} is {it.status}") for it in instances if it)
        examiner.add_finding("restore-unfinished", *evidence, to=to)
    elif databases.former:
        examiner.add_finding("former-database", names=", ".join(it.name for it in databases.former))
    if databases.trial is not None:
        examiner.add_finding("trial-database", name=databases.trial.name)
    return bool(databases.restoring)


def _version(examiner: Examiner, database: Database) -> None:
    """Note changes of the engine version by RDS before they make the next start fail."""
    current, wanted = database.engine.rpartition(" ")[2], examiner.settings.database.engine_version
    offered = read_offered(examiner.aws, wanted)
    if version_key(current) > version_key(wanted):
        examiner.add_finding("version-ahead", runs=current, wanted=wanted)
    if offered is None:
        return
    if offered.versions and current not in offered.versions:
        examiner.add_finding("version-withdrawn", runs=current, offered=", ".join(offered.newer(current)) or "none")
    for note in upcoming_version_changes(examiner.settings, offered, examiner.now):
        examiner.add_finding("version-ending", note=f"{note[0].upper()}{note[1:]}")


def _newest_snapshot(examiner: Examiner) -> None:
    newest = newest_snapshot(examiner.aws)
    if newest is not None and newest.status == "failed":
        examiner.add_finding("snapshot-failed", snapshot=newest.name)


def _snapshots(examiner: Examiner) -> None:
    quota = read_snapshot_quota(examiner.aws)
    if quota is not None and quota.left < _SNAPSHOTS_LEFT:
        examiner.add_finding("snapshots-full", used=quota.used, most=quota.most)


def _paused(aws: Aws) -> bool:
    service = describe_active_service(aws)
    return service is not None and service.get("desiredCount", 0) == 0


def _state(examiner: Examiner, database: Database, symptoms: tuple[Evidence, ...]) -> None:
    status, name = database.status, database.name
    evidence = (Evidence("database", f"{name} is {status}"), *symptoms)
    if database.in_use:
        examiner.healthy(f"{name} is {status} ({database.engine}, {database.instance_class})")
    elif status in ("stopped", "stopping"):
        # RDS refuses to start an instance that is still stopping (StartDBInstance, InvalidDBInstanceState).
        when = "start it" if status == "stopped" else "start it when it is stopped"
        examiner.add_finding("database-stopped", *evidence, database=name, status=status, when=when)
    elif status in PASSING:
        examiner.add_finding("database-changing", *evidence, database=name, status=status)
    elif status == "storage-full":
        more = -(-database.storage_gib * 3 // 2)
        examiner.add_finding("database-full", *evidence, database=name, storage_gib=database.storage_gib, more_gib=more)
    else:
        _examine_failed_state(examiner, database, evidence)


def _examine_failed_state(examiner: Examiner, database: Database, evidence: tuple[Evidence, ...]) -> None:
    """Note a state that does not end by itself, with its remediation (RDS user guide, "DB instance status")."""
    status, name = database.status, database.name
    if status in GIVEN_UP:
        examiner.add_finding("database-failed", *evidence, database=name, status=status)
    elif status == "incompatible-parameters":
        examiner.add_finding("database-parameters", *evidence, database=name, status=status)
    elif status in _STARTABLE:
        why, when = _STARTABLE[status]
        examiner.add_finding("database-startable", *evidence, database=name, status=status, why=why, when=when)
    else:
        examiner.add_finding("database-unavailable", *evidence, database=name, status=status)


def _examine_network_path(examiner: Examiner, symptoms: tuple[Evidence, ...]) -> None:
    aws = examiner.aws
    service = describe_active_service(aws)
    if service is None:
        return
    sources = placement(service).security_groups
    instance = aws.rds.describe_db_instances(DBInstanceIdentifier=examiner.settings.names.database)["DBInstances"][0]
    targets = tuple(group.get("VpcSecurityGroupId", "") for group in instance.get("VpcSecurityGroups", []))
    path = examiner.read("the way to the database", lambda: missing_rules(aws, sources, targets, POSTGRESQL))
    if path:
        note_missing(examiner, "database-cut-off", path, *symptoms)
    elif path is not None:
        examiner.healthy("the security groups allow the tasks to reach the database")


def _connections(examiner: Examiner) -> None:
    settings = examiner.settings
    connections = count_connections(examiner.aws, examiner.now)
    if connections is None:
        return
    limit, most = settings.alarms.database_connections, settings.database.max_connections
    if connections < limit:
        examiner.healthy(f"{connections} of {most} connections are open")
        return
    seen = Evidence("CloudWatch", f"DatabaseConnections {connections}, the alarm is raised from {limit} on")
    examiner.add_finding("connections-used-up", seen, used=connections, most=most)
