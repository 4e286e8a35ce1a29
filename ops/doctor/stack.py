"""Trouble 3: a stack that cannot be deployed. CloudFormation has no lock, but states that need a person."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from installation.names import COMPUTE_STACK, STORAGE_STACK
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.doctor.absence import note_deleted_resources
from ops.doctor.examiner import Examiner, examination_of
from ops.doctor.finding import Evidence, Remediation
from ops.doctor.remediation import ContinueRollback
from ops.doctor.subjects import Subject
from ops.month.stray_database import deleted_storage_refusals
from ops.service.database_instances import read_databases
from ops.service.one_off_tasks import one_off_tasks
from ops.stacks.drift import Drift, read_drift
from ops.stacks.events import Event, first_cause, last_operation, read_events
from ops.stacks.planned_actions import PAUSED, planned_deployment, rollback_command
from ops.stacks.state import Resource, Stack, read_resources, read_stacks
from ops.stacks.validation import read_validation_findings

# The start of CloudFormation's reason where its validation stopped an operation.
_VALIDATED: Final = re.compile(r"_FAILED: Validation fail")
_ROLLED_BACK = ("UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE")
# RDS's reason for keeping a subnet group.
_IN_GROUP: Final = re.compile(r"database instance: ([\w-]+) is still using it")
# Commands that remove a protection that no template sets: people or an account's automatic rules set it.
_UNPROTECT = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "aws elbv2 modify-load-balancer-attributes --load-balancer-arn {} "
    "--attributes Key=deletion_protection.enabled,Value=false",
    "AWS::RDS::DBInstance": "aws rds modify-db-instance --db-instance-identifier {} --no-deletion-protection "
    "--apply-immediately",
}


def newest_events(aws: Aws, stack: Stack) -> Sequence[Event]:
    """The events of the stack's last operation, oldest first; all events where no operation was begun."""
    events = read_events(aws, stack.stack_id)
    return last_operation(events) or events


def unfinished(events: Sequence[Event]) -> tuple[Event, ...]:
    """The newest events of resources whose operation has not ended."""
    newest = {event.logical_id: event for event in events}
    return tuple(event for event in newest.values() if event.status.endswith("_IN_PROGRESS"))


def first_failure(events: Sequence[Event], source: str = "first cause") -> tuple[Evidence, ...]:
    """The first failure, as evidence."""
    cause = first_cause(events)
    return (Evidence(source, line(cause)),) if cause else ()


def all_causes(examiner: Examiner, stack: Stack) -> tuple[Evidence, ...]:
    """The first cause; where that is the validation, each of its findings, which events only count."""
    causes = first_failure(newest_events(examiner.aws, stack))
    return (*causes, *validation_of(examiner, stack)) if any(_VALIDATED.search(it.text) for it in causes) else causes


def validation_of(examiner: Examiner, stack: Stack) -> tuple[Evidence, ...]:
    """Each validation finding of the newest operation that was validated."""
    findings = examiner.read(
        f"the validation of {stack.name}", lambda: read_validation_findings(examiner.aws, stack=stack.stack_id)
    )
    return tuple(
        Evidence(
            "validation" if each.stops else "validation warns",
            f"{each.logical_id} ({each.resource_type}) {each.path}: {each.reason}",
        )
        for each in findings or ()
    )


def line(event: Event) -> str:
    """An event in one line."""
    return f"{event.logical_id} ({event.resource_type}) {event.status}: {event.reason or 'no reason given'}"


@examination_of(Subject.STACK)
def examine(examiner: Examiner, *, drift: bool = True) -> None:
    """Check every stack, and its drift, which takes CloudFormation a minute or two."""
    stacks = read_stacks(examiner.aws)
    # A service whose database's stack is gone: a start is refused, and no rollback brings the database back.
    orphaned = next(deleted_storage_refusals(stacks.get(STORAGE_STACK), stacks.get(COMPUTE_STACK)), None)
    for stack in stacks.values():
        only_end = orphaned if stack.name in (COMPUTE_STACK, STORAGE_STACK) else None
        examiner.read(stack.name, partial(_examine_stack, examiner, stack, only_end))
    stable = [stack.name for stack in stacks.values() if stack.healthy]
    if not stacks:
        examiner.healthy("no stacks: nothing was deployed here yet")
    elif stable:
        examiner.healthy(f"{len(stable)} of {len(stacks)} stacks are stable")
    created = {stack.name for stack in stacks.values() if stack.status != "REVIEW_IN_PROGRESS"}
    for present, missing in ((COMPUTE_STACK, STORAGE_STACK), (STORAGE_STACK, COMPUTE_STACK)):
        if present in stacks and (orphaned or stacks[present].healthy) and missing not in created:
            begin = f"hannibal start --env {examiner.settings.environment}"
            examiner.add_finding(
                "stack-missing",
                Evidence("stacks", f"{missing} does not exist"),
                first=(Remediation("complete it", begin),) if present == STORAGE_STACK else (),
                # Its tasks know only the former database's secret.
                then=(Remediation("then begin again, with the data", begin),) if present == COMPUTE_STACK else (),
                there=present,
                missing=missing,
            )
    if drift and stable:
        expected, today = examiner.settings.expected_drift, examiner.now.date()
        found = examiner.read("drift", lambda: read_drift(examiner.aws, stable, expected=expected, today=today))
        if found is not None:
            _note_drift(examiner, found)


def _note_drift(examiner: Examiner, drift: Drift) -> None:
    """Note every resource that differs from its template and is not expected to."""
    for stack in drift.unread:
        examiner.skip(f"drift of {stack}")
    if not drift.unexpected:
        examiner.healthy("nothing was changed by hand, as far as CloudFormation can compare")
        return
    note_deleted_resources(examiner, drift)
    if changed := [resource for resource in drift.unexpected if resource.status != "DELETED"]:
        seen = (
            Evidence(
                it.stack,
                f"{it.logical_id} ({it.resource_type}) {it.status}"
                + "".join(f"; {one.path}: {one.expected} became {one.actual}" for one in it.differences),
            )
            for it in changed
        )
        examiner.add_finding("drift", *seen, count=len(changed))


def _examine_stack(examiner: Examiner, stack: Stack, only_end: str | None) -> None:
    command = f"hannibal stop --env {examiner.settings.environment}"
    end = (Remediation("end the month; the data is kept", command),) if only_end else ()
    if stack.status == "REVIEW_IN_PROGRESS":
        evidence = (Evidence("stack", stack.status), *validation_of(examiner, stack))
        examiner.add_finding("change-set-waits", *evidence, stack=stack.name)
    elif stack.in_progress:
        _examine_operation_in_progress(examiner, stack, *end)
    elif only_end and (not stack.healthy or stack.status in _ROLLED_BACK):
        _note_failed(examiner, stack, only_end, *end)
    elif stack.status == "UPDATE_ROLLBACK_FAILED":
        _rollback_failed(examiner, stack)
    elif stack.status == "DELETE_FAILED":
        _deletion_failed(examiner, stack)
    elif not stack.healthy:
        back = Remediation("correct the first cause, and roll back what waits half-way", rollback_command(stack))
        first = (back,) if stack.status in PAUSED else ()
        _note_failed(examiner, stack, planned_deployment(stack.name, stack).note, *first)
    elif stack.status in _ROLLED_BACK:
        examiner.add_finding("update-rolled-back", *all_causes(examiner, stack), stack=stack.name)


def _examine_operation_in_progress(examiner: Examiner, stack: Stack, *first: Remediation) -> None:
    """Note an operation in progress: another caller began it, or it hangs."""
    waiting = [event for event in unfinished(newest_events(examiner.aws, stack)) if not event.about_stack]
    remediations: list[Remediation] = []
    if stack.status == "UPDATE_IN_PROGRESS":
        cancel = f"aws cloudformation cancel-update-stack --stack-name {stack.name}"
        remediations.append(Remediation("cancel the update", cancel))
    for event in waiting:
        remediations += _wait_remediations(event, examiner.settings)
    examiner.add_finding(
        "stack-stuck" if stack.hangs(examiner.now) else "stack-busy",
        Evidence("stack", f"{stack.status} since {stack.since:%Y-%m-%d %H:%M %Z}"),
        *(Evidence("waits for", f"{event.logical_id} ({event.resource_type}) {event.status}") for event in waiting),
        stack=stack.name,
        minutes=stack.minutes(examiner.now),
        first=first,
        then=tuple(remediations),
    )


def _wait_remediations(event: Event, settings: Settings) -> Iterator[Remediation]:
    if event.resource_type == "AWS::ECS::Service":
        yield Remediation("its tasks do not become healthy", f"hannibal doctor ecs --env {settings.environment}")
    elif event.resource_type.startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
        # Its service timeout is the function's timeout plus a minute (`constructs_lib.handler_function`).
        yield Remediation(
            "its function has not answered; CloudFormation waits a quarter of an hour at most. Read what it printed",
            f"aws logs tail {settings.names.function_log_group} --since 1h",
        )


def _rollback_failed(examiner: Examiner, stack: Stack) -> None:
    operation = newest_events(examiner.aws, stack)
    began = next((number for number, event in enumerate(operation) if event.status == "UPDATE_ROLLBACK_IN_PROGRESS"), 0)
    failed = skippable(examiner.aws, stack, operation[began:])
    reasons = (it for it in operation[began:] if it.is_failure and not it.about_stack)
    go_on = f"aws cloudformation continue-update-rollback --stack-name {stack.name}"
    skip = f"{go_on} --resources-to-skip {' '.join(failed)}"
    leave = Remediation("or skip what cannot be corrected, and roll the rest back", skip)
    examiner.add_finding(
        "rollback-failed",
        *first_failure(operation[:began], "update"),
        *(Evidence("rollback", line(event)) for event in reasons),
        stack=stack.name,
        then=(leave,) if failed else (),
        fix=ContinueRollback(stack=stack.name, skip=failed),
    )


def skippable(aws: Aws, stack: Stack, rollback: Sequence[Event]) -> tuple[str, ...]:
    """Resources that may be skipped: those that failed in the rollback itself, not only in the update before.

    CloudFormation refuses all others (API reference, ContinueUpdateRollback, ResourcesToSkip).
    """
    failed = {event.logical_id for event in rollback if event.is_failure and event.status == "UPDATE_FAILED"}
    succeeded_later = {it.logical_id for it in rollback if it.status == "UPDATE_COMPLETE" and not it.about_stack}
    existing = {resource.logical_id for resource in read_resources(aws, stack.stack_id)}
    return tuple(sorted((failed - succeeded_later) & existing))


def _deletion_failed(examiner: Examiner, stack: Stack) -> None:
    aws, settings = examiner.aws, examiner.settings
    operation = newest_events(aws, stack)
    again = f"aws cloudformation delete-stack --stack-name {stack.name}"
    resources = [resource for resource in read_resources(aws, stack.stack_id) if resource.status == "DELETE_FAILED"]
    ephemeral = stack.name in settings.lifecycles.ephemeral
    advice = f"hannibal stop --env {settings.environment}" if ephemeral else again
    said = {event.logical_id: event.reason for event in operation if event.status == "DELETE_FAILED"}
    remediations: list[Remediation] = []
    for resource in resources:
        steps = _make_deletable(aws, resource, said.get(resource.logical_id, ""))
        what = f"what keeps {resource.logical_id}"
        remediations += examiner.read(what, partial(tuple[Remediation, ...], steps)) or ()
    remediations.append(Remediation("delete the stack again", advice))
    if resources:
        retain = " ".join(resource.logical_id for resource in resources)
        without = "or delete the stack without it, and delete it by hand before the next start"
        remediations.append(Remediation(without, f"{again} --retain-resources {retain}"))
    examiner.add_finding(
        "deletion-failed",
        *(first_failure(operation) or (Evidence("stack", stack.reason or stack.status),)),
        stack=stack.name,
        kept=", ".join(one.logical_id for one in resources) or "see its events",
        first=tuple(remediations),
    )


def _make_deletable(aws: Aws, resource: Resource, reason: str) -> Iterator[Remediation]:
    """Remediations for what AWS refuses to delete: what is protected, full, has running tasks, or others use."""
    name = resource.physical_id
    if "deletion protection" in reason and resource.resource_type in _UNPROTECT:
        yield Remediation("take its protection away", _UNPROTECT[resource.resource_type].format(name))
    if (user := _IN_GROUP.search(reason)) and user[1] != aws.names.database:
        yield from _delete_instance(aws, user[1])
    if resource.resource_type == "AWS::S3::Bucket":
        look = f"aws s3 ls s3://{name} --recursive --summarize"
        yield Remediation(f"see what is in {name}: CloudFormation deletes no full bucket", look)
        empty = f"aws s3 rm s3://{name} --recursive"
        versions = "this keeps versions; `Empty` in S3's console deletes them"
        yield Remediation(f"if nobody needs it, empty the bucket; it cannot be restored ({versions})", empty)
    if resource.resource_type == "AWS::ECS::Cluster":
        for task in one_off_tasks(aws):
            stop = f"aws ecs stop-task --cluster {aws.names.cluster} --task {task.task_id}"
            yield Remediation(f"stop one-off task {task.text}, or let `hannibal stop` do it", stop)


def _delete_instance(aws: Aws, name: str) -> Iterator[Remediation]:
    """How to delete an instance that is in the way; nothing where it is gone."""
    databases = read_databases(aws)
    if name in {it.name for it in (databases.coming, databases.trial, *databases.former) if it is not None}:
        give_up = f"hannibal restore --let-go --env {aws.settings.environment}"
        yield Remediation(f"delete {name}, which a restore has left", give_up)
        return
    with ignoring("DBInstanceNotFound"):
        (found,) = aws.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        # RDS makes no final snapshot of a replica (API reference, DeleteDBInstance).
        replica = "ReadReplicaSourceDBInstanceIdentifier" in found
        rows = "--skip-final-snapshot" if replica else f"--final-db-snapshot-identifier {name}-final"
        delete = f"aws rds delete-db-instance --db-instance-identifier {name} {rows}"
        yield Remediation(f"when nobody needs {name}, which no command here has made, delete it", delete)


def _note_failed(examiner: Examiner, stack: Stack, note: str, *first: Remediation) -> None:
    examiner.add_finding(
        "creation-failed" if stack.status.startswith("ROLLBACK_") else "stack-failed",
        *(all_causes(examiner, stack) or (Evidence("stack", stack.reason),)),
        stack=stack.name,
        status=stack.status,
        note=note or "its last operation failed",
        first=first,
    )
