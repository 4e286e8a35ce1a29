"""Why a service or database does not run: the month is paused, or it was deleted by hand."""

from installation.names import COMPUTE_STACK, STORAGE_STACK
from ops.aws.clients import Aws
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.month.snapshots import newest_snapshot
from ops.service.deployments import deployment_group
from ops.service.pauses import read_disabled_schedules
from ops.stacks.state import read_resources, read_stack


def note_deleted_database(examiner: Examiner) -> bool:
    """Note that a running month's database was deleted; returns whether it was."""
    evidence = _missing(examiner.aws, STORAGE_STACK, "AWS::RDS::DBInstance")
    if evidence is None:
        return False
    name = examiner.settings.names.database
    newest = newest_snapshot(examiner.aws)
    kept = f"the newest snapshot is {newest.name}, {newest.made}" if newest else "there is no snapshot"
    seen = Evidence("RDS", f"no instance {name}; {kept}")
    examiner.add_finding("database-deleted", evidence, seen, database=name, stack=STORAGE_STACK)
    return True


def note_deleted_service(examiner: Examiner) -> bool:
    """Note that a running month's service was deleted; returns whether it was."""
    evidence = _missing(examiner.aws, COMPUTE_STACK, "AWS::ECS::Service")
    if evidence is None:
        return False
    examiner.add_finding("service-deleted", evidence, service=examiner.settings.names.service, stack=COMPUTE_STACK)
    return True


def note_deleted_group(examiner: Examiner) -> None:
    """Note that a running month's deployment group, or the application with it, was deleted."""
    if deployment_group(examiner.aws) is not None:
        return
    evidence = _missing(examiner.aws, COMPUTE_STACK, "AWS::CodeDeploy::DeploymentGroup")
    if evidence is not None:
        group = examiner.settings.names.codedeploy_group
        examiner.add_finding("deployment-group-deleted", evidence, group=group, stack=COMPUTE_STACK)


def _missing(aws: Aws, stack: str, resource_type: str) -> Evidence | None:
    """The status that a stack shows of a resource that AWS no longer has; None while the stack comes or goes."""
    found = read_stack(aws, stack)
    if found is None or not found.lasts:
        return None  # it is being created or deleted, which the section about stacks reports
    for resource in read_resources(aws, stack):
        if resource.resource_type == resource_type and resource.status.endswith("_COMPLETE"):
            return Evidence(stack, f"{resource.logical_id} ({resource_type}) {resource.status}")
    return None


def note_pause(examiner: Examiner, evidence: Evidence) -> None:
    """Note that the month is paused, until when, and how to resume it."""
    disabled = _disabled(examiner)
    until = ", until an operator resumes, because the budget is spent" if disabled else ""
    examiner.add_finding("paused", evidence, *disabled, until=until)


def note_morning(examiner: Examiner) -> None:
    """Note morning schedules that are disabled although the service runs: the next pause would not end."""
    disabled = _disabled(examiner)
    if disabled:
        examiner.add_finding("morning-disabled", *disabled)


def _disabled(examiner: Examiner) -> tuple[Evidence, ...]:
    names = examiner.read("the schedules of the morning", lambda: read_disabled_schedules(examiner.aws)) or ()
    return tuple(Evidence("schedule", f"{name} is DISABLED") for name in names)
