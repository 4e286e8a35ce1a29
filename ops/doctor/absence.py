"""What a running month lacks: the month is paused, or an operator deleted it by hand."""

from collections.abc import Iterator

from installation.names import COMPUTE_STACK, STORAGE_STACK
from installation.names.persistent import RESTORED_TAG
from ops.aws.clients import Aws
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence, Remediation
from ops.month.snapshots import newest_snapshot
from ops.service.alarms import existing_alarms
from ops.service.database_instances import Instance, read_databases
from ops.service.database_status import STOPPED
from ops.service.deployments import deployment_group
from ops.service.pauses import read_disabled_schedules
from ops.stacks.drift import Drift
from ops.stacks.state import Resource, how_to_revert, read_resources, read_stack

_DATABASE = "AWS::RDS::DBInstance"
_ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")


def note_deleted_database(examiner: Examiner) -> bool:
    """Note that a running month's database was deleted; returns whether it was."""
    evidence = _missing(examiner.aws, STORAGE_STACK, _DATABASE)
    if evidence is None:
        return False
    name = examiner.settings.names.database
    newest = newest_snapshot(examiner.aws)
    kept = f"the newest snapshot is {newest.name}, {newest.made}" if newest else "there is no snapshot"
    seen = Evidence("RDS", f"no instance {name}; {kept}")
    former = tuple(step for it in read_databases(examiner.aws).former[:1] for step in _give_name(it, name))
    examiner.add_finding("database-deleted", evidence, seen, first=former, database=name, stack=STORAGE_STACK)
    return True


def _give_name(former: Instance, name: str) -> Iterator[Remediation]:
    """Make a former database the month's again, without what a restore has left on it: no stop would delete it."""
    rows = f"if the newest rows are in {former.name}, which a restore has kept"
    if former.status in STOPPED:
        start = f"aws rds start-db-instance --db-instance-identifier {former.name}"
        wait = f"aws rds wait db-instance-available --db-instance-identifier {former.name}"
        yield Remediation(f"{rows}, start it, because RDS renames none that is stopped", f"{start} && {wait}")
    untag = f"aws rds remove-tags-from-resource --resource-name {former.arn} --tag-keys {RESTORED_TAG}"
    yield Remediation(f"{rows}, take the restore's tag away", untag)
    rename = f"aws rds modify-db-instance --db-instance-identifier {former.name} --new-db-instance-identifier {name}"
    yield Remediation("then give it the name again", f"{rename} --no-deletion-protection --apply-immediately")


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
    if evidence := _missing(examiner.aws, COMPUTE_STACK, "AWS::CodeDeploy::DeploymentGroup"):
        group = examiner.settings.names.codedeploy_group
        examiner.add_finding("deployment-group-deleted", evidence, group=group, stack=COMPUTE_STACK)


def note_deleted_load_balancer(examiner: Examiner) -> None:
    """Note that a running month's load balancer was deleted."""
    for stack in (COMPUTE_STACK, STORAGE_STACK):  # with a hosted zone it stands beside the database
        if evidence := _missing(examiner.aws, stack, "AWS::ElasticLoadBalancingV2::LoadBalancer"):
            examiner.add_finding("load-balancer-deleted", evidence, stack=stack)


def note_deleted_alarms(examiner: Examiner) -> None:
    """Note alarms of a running month that were deleted: nothing else shows that they are gone."""
    wanted = {it.physical_id: it for it in _resources(examiner.aws, COMPUTE_STACK, *_ALARMS)}
    gone = sorted(wanted.keys() - existing_alarms(examiner.aws, wanted)) if wanted else ()
    if gone:
        seen = (_evidence(COMPUTE_STACK, wanted[name]) for name in gone)
        examiner.add_finding("alarm-deleted", *seen, names=", ".join(gone), stack=COMPUTE_STACK)


def note_deleted_resources(examiner: Examiner, drift: Drift) -> None:
    """Note what was deleted, by stack: a policy of a bucket, a repository, a function, a distribution.

    No deployment makes it again, because no template has changed.
    """
    deleted = [it for it in drift.unexpected if it.status == "DELETED"]
    if any(it.resource_type == _DATABASE for it in deleted):
        # The month cannot end with a final snapshot. In a restore it is gone for a while.
        examiner.read(
            "the deleted database",
            lambda: read_databases(examiner.aws).restoring or note_deleted_database(examiner),
        )
        deleted = [it for it in deleted if it.stack in examiner.settings.lifecycles.persistent]
    for stack in dict.fromkeys(it.stack for it in deleted):
        seen = (
            Evidence("CloudFormation", f"{it.logical_id} ({it.resource_type}) {it.physical_id} is gone")
            for it in deleted
            if it.stack == stack
        )
        if stack in examiner.settings.lifecycles.persistent:
            who, command = how_to_revert(stack, examiner.settings.environment)
            again = Remediation(f"{who}have CloudFormation create it again", command)
            examiner.add_finding("resource-deleted", *seen, first=(again,), stack=stack)
        else:
            examiner.add_finding("month-resource-deleted", *seen, stack=stack)


def _missing(aws: Aws, stack: str, resource_type: str) -> Evidence | None:
    """The status that a stack shows of a resource that AWS no longer has; None while the stack comes or goes."""
    return next((_evidence(stack, it) for it in _resources(aws, stack, resource_type)), None)


def _resources(aws: Aws, stack: str, *types: str) -> Iterator[Resource]:
    """A stack's resources of some types that shall exist."""
    found = read_stack(aws, stack)
    if found is None or not found.lasts:
        return  # it is being created or deleted, which the section about stacks reports
    for resource in read_resources(aws, stack):
        if resource.resource_type in types and resource.status.endswith("_COMPLETE"):
            yield resource


def _evidence(stack: str, resource: Resource) -> Evidence:
    return Evidence(stack, f"{resource.logical_id} ({resource.resource_type}) {resource.status}")


def note_pause(examiner: Examiner, evidence: Evidence) -> None:
    """Note that the month is paused, until when, and how to resume it."""
    disabled = _disabled(examiner)
    until = ", until an operator resumes, because the budget is spent" if disabled else ""
    examiner.add_finding("paused", evidence, *disabled, until=until)


def note_morning(examiner: Examiner) -> None:
    """Note morning schedules that are disabled although the service runs: the next pause would not end."""
    if disabled := _disabled(examiner):
        examiner.add_finding("resume-schedule-disabled", *disabled)


def _disabled(examiner: Examiner) -> tuple[Evidence, ...]:
    names = examiner.read("the schedules of the morning", lambda: read_disabled_schedules(examiner.aws)) or ()
    return tuple(Evidence("schedule", f"{name} is DISABLED") for name in names)
