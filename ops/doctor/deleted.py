"""Resources that their stack has and AWS has not: they were deleted by hand, and CloudFormation does not notice."""

from installation import names
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes, Remediation
from ops.month.snapshots import read_snapshots
from ops.stacks.state import read_resources, read_stack


def note_deleted_database(notes: Notes, aws: Aws, settings: Settings) -> bool:
    """Note that a running month has lost its database; whether it has."""
    evidence = _missing(aws, names.STORAGE_STACK, "AWS::RDS::DBInstance")
    if evidence is None:
        return False
    name, env = settings.names.database, settings.environment
    newest = next(iter(read_snapshots(aws.rds, name)), None)
    kept = (
        f"the newest snapshot is {newest.name}" + (f" of {newest.created:%Y-%m-%d %H:%M %Z}" if newest.created else "")
        if newest
        else "there is no snapshot"
    )
    notes.add(
        "database-deleted",
        f"The database {name} does not exist, though {names.STORAGE_STACK} has it: it was deleted by hand.",
        evidence=(evidence, Evidence("RDS", f"no instance {name}; {kept}")),
        remediations=(
            Remediation(
                "first see whether automated backups were kept: they may be newer than the snapshot",
                f"aws rds describe-db-instance-automated-backups --db-instance-identifier {name}",
            ),
            Remediation(
                "end the month, which says that it finds no final snapshot, and start it from the newest one",
                f"hannibal stop --env {env}; hannibal start --env {env}",
            ),
        ),
    )
    return True


def note_deleted_service(notes: Notes, aws: Aws, settings: Settings) -> bool:
    """Note that a running month has lost its service; whether it has."""
    evidence = _missing(aws, names.COMPUTE_STACK, "AWS::ECS::Service")
    if evidence is None:
        return False
    env = settings.environment
    notes.add(
        "service-deleted",
        f"The service {settings.names.service} does not exist, though {names.COMPUTE_STACK} has it: it was "
        "deleted by hand.",
        evidence=(evidence,),
        remediations=(
            # An update would not: CloudFormation sees no difference between two templates.
            Remediation(
                "end the month and start it again, which keeps the data",
                f"hannibal stop --env {env} && hannibal start --env {env}",
            ),
        ),
    )
    return True


def _missing(aws: Aws, stack: str, resource_type: str) -> Evidence | None:
    """What a stack at rest says of a resource that AWS does not have."""
    found = read_stack(aws.cloudformation, stack)
    if found is None or not found.healthy:
        return None  # it is being made or deleted, which the section about stacks tells
    for resource in read_resources(aws.cloudformation, stack):
        if resource.resource_type == resource_type and resource.status.endswith("_COMPLETE"):
            return Evidence(stack, f"{resource.logical_id} ({resource_type}) {resource.status}")
    return None
