"""Starts the month: checks, then a watched deployment by the CDK."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from installation.names import ADMINISTRATOR_STACKS, ARTIFACT_STACK, COMPUTE_STACK, EDGE_STACK, STORAGE_STACK
from installation.settings import Settings
from ops.account import domain
from ops.account.caller import Caller, checked_caller, foreign_stack_refusals, is_bootstrapped
from ops.account.service_linked_roles import create_missing_roles
from ops.aws.clients import Aws
from ops.aws.polling import wait_until
from ops.errors import refuse
from ops.month.engine_version import engine_version_refusals, read_offered, upcoming_version_changes
from ops.month.overtaken import DeletionCheck, unconfirmed_creations
from ops.month.restore.former_databases import orphaned_database_refusals
from ops.month.snapshots import (
    UNFINISHED,
    Snapshot,
    newest_snapshot,
    read_snapshots,
    restored_data,
    storage_refusals,
    unusable_snapshot_refusals,
    wait_until_available,
)
from ops.month.start_time import StartTime, start_time
from ops.month.stop import database_deleted_since
from ops.month.stray_database import deleted_storage_refusals, stray_database_refusals
from ops.month.template_checks import changed_administrator_stacks, tampered_template_refusals
from ops.release.history import Release, is_gone, read_release
from ops.release.images import images_of_settings, unpullable_images, unpullable_reason
from ops.service.database_instances import no_database, read_databases
from ops.service.database_status import Database, DataOrigin, read_data_origin, read_database
from ops.service.ecs_service import describe_active_service, no_service
from ops.service.secret_checks import missing_secrets
from ops.stacks import cdk
from ops.stacks.addresses import Address, read_addresses
from ops.stacks.cdk_lock import lock_file
from ops.stacks.checkout import Checkout
from ops.stacks.events import read_events
from ops.stacks.planned_actions import PlannedAction, StackStep, blocked_refusals, planned_deployment
from ops.stacks.progress import StackProgress, StackWatcher
from ops.stacks.state import Output, Stack, creates_all_resources, has_nothing, last_deleted, read_stacks
from ops.stacks.validation import validate
from ops.stacks.watch import Watching, follow, wait_until_stable
from ops.templates.assembly import read_assembly, require_assembly


@dataclass(frozen=True, kw_only=True)
class StartPlan:
    """What a start will do."""

    caller: Caller  # account, region and endpoint
    environment: str  # such as ``dev``
    bootstrap: bool  # whether the CDK's own stack is deployed first
    stacks: tuple[PlannedAction, ...]  # each stack's next step, in the order of deployment
    database: str  # what happens to the data, in words
    image: str  # the first tasks' image; empty where the service already exists
    wait_for: Snapshot | None  # an unfinished snapshot for which the start waits
    command: str  # the CDK command, as typed in a shell
    refusals: tuple[str, ...]  # why it cannot be done, with what to do; empty if it can
    notes: tuple[str, ...] = ()  # what to change before a later start
    restored: bool = False  # whether a database is restored from a snapshot
    time: StartTime | None = None  # how long it takes on AWS; None until the templates were read
    # Stacks that the templates would change, and only an administrator may; empty until the templates were read.
    administrator: tuple[str, ...] = ()
    deleting: bool = False  # whether the start waits for the former database's deletion
    unvalidated: tuple[str, ...] = ()  # stacks that CloudFormation could not validate, with the reason


@dataclass(frozen=True, kw_only=True)
class StartResult:
    """The result of a start."""

    stacks: tuple[StackProgress, ...]  # the stacks at the end
    origin: DataOrigin | None  # the origin of the database's data
    addresses: tuple[Address, ...]  # the system's addresses for a browser
    outputs: Mapping[str, tuple[Output, ...]]  # each stack's outputs
    log: Path  # the CDK's output
    # Its duration on AWS, as the embedded AWS has replayed it; None where it has not.
    rehearsed_seconds: int | None = None


def plan_start(aws: Aws, checkout: Checkout, assembly: Path | None = None) -> StartPlan:
    """Check everything and change nothing; RefusedError in a wrong account or region.

    Templates that are given are deployed in place of the checkout's; UnusableInputError where they are another's.
    """
    settings = aws.settings
    if assembly is not None:
        require_assembly(assembly, settings)
    caller = checked_caller(aws)
    existing = read_stacks(aws)
    planned = tuple(planned_deployment(name, existing.get(name)) for name in settings.lifecycles.all)
    creates_storage = creates_all_resources(existing.get(STORAGE_STACK))
    snapshots = read_snapshots(aws) if creates_storage else ()
    source = next(iter(snapshots), None)  # None where the database is kept, or begins empty
    bootstrapped = is_bootstrapped(aws)
    refusals = list(foreign_stack_refusals(existing.values(), settings))
    storage = existing.get(STORAGE_STACK)
    deleted_storage = tuple(deleted_storage_refusals(storage, existing.get(COMPUTE_STACK)))
    # What helps there is a stop, which deletes ComputeStack in any state.
    refusals += blocked_refusals(it for it in planned if not (deleted_storage and it.stack == COMPUTE_STACK))
    # The start bootstraps an embedded AWS; an account's bootstrap decides who may deploy, so a person does it.
    if not bootstrapped and caller.endpoint is None:
        refusals.append(
            f"account {caller.account} is not bootstrapped for the CDK in {caller.region}, or too long ago: "
            f"`hannibal bootstrap --env {settings.environment}`, with an administrator's credentials"
        )
    edge = existing.get(EDGE_STACK)
    if creates_all_resources(edge):
        edge = None  # what its outputs name is gone when the domain is asked for
    refusals += domain.domain_refusals(aws, existing, edge)
    notes = list(domain.domain_record_notes(aws, edge))
    refusals += unusable_snapshot_refusals(source)
    begins = any(action.stack == COMPUTE_STACK and action.creates for action in planned)
    release = read_release(aws) if begins else None
    if begins:
        refusals += _images(aws, caller, release, existing.get(ARTIFACT_STACK))
    refusals += missing_secrets(aws)
    former = read_database(aws) if creates_storage else None
    deleting = _is_deleting(former)
    refusals += stray_database_refusals(storage, former)
    refusals += deleted_storage
    refusals += _deletion_refusals(aws, storage, existing.get(COMPUTE_STACK))
    refusals += storage_refusals(settings, source)
    offered, now = read_offered(aws, settings.database.engine_version), datetime.now(UTC)
    # RDS shows an upgraded snapshot's new version only at the end of the upgrade (API reference, ModifyDBSnapshot).
    upgrading = source is not None and source.status == "upgrading"
    if offered:
        notes += upcoming_version_changes(settings, offered, now)
    if offered and creates_storage and not upgrading:
        refusals += engine_version_refusals(settings, offered, source, now)
    return StartPlan(
        caller=caller,
        environment=settings.environment,
        bootstrap=not bootstrapped,
        stacks=planned,
        database=(restored_data(snapshots, deleting=deleting) or _empty(aws)) if creates_storage else "stays as it is",
        image=(release.image if release else settings.service.initial_image) if begins else "",
        wait_for=source if source is not None and source.status in UNFINISHED else None,
        command=cdk.command_line(
            cdk.deploy_arguments(settings.environment, _outputs_file(checkout, settings), assembly)
        ),
        refusals=tuple(refusals),
        notes=tuple(notes),
        restored=source is not None,
        deleting=deleting,
    )


def add_template_results(aws: Aws, plan: StartPlan, assembly: Path | None) -> StartPlan:
    """Add the results from the templates to deploy to a plan: how long it takes, and who may deploy them.

    It is refused where the CDK's bucket has other templates under their names.
    """
    if assembly is None:
        return plan
    created = [action.stack for action in plan.stacks if action.creates]
    differing = changed_administrator_stacks(aws, plan.caller, assembly)
    return replace(
        plan,
        refusals=(*plan.refusals, *tampered_template_refusals(aws, plan.caller, assembly)),
        administrator=differing,
        time=start_time(read_assembly(assembly), created=created, restored=plan.restored),
    )


def add_validation(aws: Aws, plan: StartPlan, checkout: Checkout, assembly: Path) -> StartPlan:
    """Add CloudFormation's validation of the templates to a plan, which takes some seconds per stack.

    The CDK's role may not validate administrator stacks; `hannibal bootstrap` reports their findings.
    """
    findings, unasked = validate(checkout, assembly, aws.variables_of_child)
    return replace(
        plan,
        refusals=(*plan.refusals, *(f"CloudFormation's validation: {each}" for each in findings)),
        unvalidated=tuple(it for it in unasked if it.partition(":")[0] not in ADMINISTRATOR_STACKS),
    )


def start(
    aws: Aws, checkout: Checkout, plan: StartPlan, *, assembly: Path | None = None, watching: Watching
) -> StartResult:
    """Carry a plan out. May be repeated after any interruption.

    Raises:
        RefusedError: the plan cannot be carried out, or would now create more than it says.
        FailedError: CloudFormation or the CDK failed, with the first cause, or another caller deletes a stack.
    """
    settings = aws.settings
    refuse(plan.refusals)
    # Planned again, because others may have begun or ended something while a person read the plan.
    confirmed, plan = plan, plan_start(aws, checkout, assembly)
    refuse((*plan.refusals, *unconfirmed_creations(confirmed, plan)))
    if _waited(aws, plan, watching):
        return start(aws, checkout, confirmed, assembly=assembly, watching=watching)
    lock = lock_file(checkout, plan.caller.place)
    if plan.bootstrap:
        watching.notify("bootstrapping the embedded AWS for the CDK")
        cdk.bootstrap(checkout, plan.caller.account, plan.caller.region, lock=lock)
    if plan.caller.endpoint:
        create_missing_roles(aws)
    arguments = cdk.deploy_arguments(settings.environment, _outputs_file(checkout, settings), assembly)
    log = cdk.log_file(checkout, "start", datetime.now(UTC))
    watcher = StackWatcher(aws, settings.lifecycles.all)
    watching.notify(f"{cdk.command_line(arguments)}  (output: {log})")

    deletions = DeletionCheck(plan.stacks)

    def view(progress: tuple[StackProgress, ...]) -> None:
        watching.view(progress)
        deletions.check(progress)

    with cdk.CdkRun(checkout, arguments, log, lock=lock, environment=aws.variables_of_child) as run:
        stacks = follow(run, watcher, replace(watching, view=view))
    running = read_stacks(aws)
    return StartResult(
        stacks=stacks,
        origin=read_data_origin(aws),
        addresses=read_addresses(running, settings, plan.caller.endpoint),
        outputs={name: stack.outputs for name, stack in running.items()},
        log=log,
    )


def _waited(aws: Aws, plan: StartPlan, watching: Watching) -> bool:
    """Wait for operations that a plan has found in progress; returns whether there were any: it is outdated then."""
    if any(action.step is StackStep.WAIT for action in plan.stacks):
        watching.notify("waiting for what CloudFormation is still working on")
        wait_until_stable(StackWatcher(aws, aws.settings.lifecycles.all), watching)
    elif plan.deleting:
        watching.notify("waiting for the former database to be deleted")
        # Until then its name is in use, and its final snapshot may not be listed yet. If RDS could not delete it, the
        # next plan finds it.
        wait_until(lambda: not _is_deleting(read_database(aws)), aws.polling)
    elif plan.wait_for is not None:
        wait_until_available(
            partial(newest_snapshot, aws),
            lambda made: watching.notify(f"snapshot {made.name}: {made.status}, {made.progress_percent} %"),
            aws.polling,
        )
    else:
        return False
    return True


def _is_deleting(database: Database | None) -> bool:
    return database is not None and database.status == "deleting"


def _deletion_refusals(aws: Aws, storage: Stack | None, compute: Stack | None) -> Iterator[str]:
    """Why nothing is deployed where a restore left databases without a month, or database or service was deleted."""
    ending = "another operator has begun to end the month: run the command again, which waits for it"
    if has_nothing(storage):
        yield from orphaned_database_refusals(read_databases(aws))
    elif storage is not None and storage.healthy:
        databases = read_databases(aws)
        if databases.current is None and databases.coming is None:  # CloudFormation does not recreate it
            yield no_database(aws, ending)
    if compute is not None and compute.healthy and describe_active_service(aws) is None:
        yield no_service(aws, ending)


def _empty(aws: Aws) -> str:
    """Describe an empty database: normal in the first month, else all former snapshots were deleted."""
    former = last_deleted(aws, STORAGE_STACK)
    ended = database_deleted_since(read_events(aws, former)) if former else None
    if ended is None:
        return "new and empty: there is no snapshot"
    return (
        f"new and empty: there is no snapshot, although a month ended on {ended:%Y-%m-%d %H:%M %Z}. Its rows do not "
        "come back by this start"
    )


def _images(aws: Aws, caller: Caller, release: Release | None, artifact: Stack | None) -> Iterator[str]:
    """Why tasks could not pull an image, so that the stack would stay in its creation for hours."""
    named = images_of_settings(aws.settings)
    yield from unpullable_images(aws, caller, named, except_container=aws.names.container if release else None)
    name, repository = aws.names.release_parameter, aws.names.repository
    if is_gone(release, artifact):
        yield (
            f"the release record {name} was deleted by hand, and {COMPUTE_STACK} cannot be made without it. Write down "
            f"what shall run: `aws ssm put-parameter --name {name} --type String --value IMAGE`"
        )
    if release and (reason := unpullable_reason(aws, release.image, caller)):
        yield (
            f"the release record names {release.image}, which no task could start: {reason}. See what there is, "
            f"`aws ecr describe-images --repository-name {repository}`, or push an image, and record it: "
            f"`aws ssm put-parameter --name {name} --overwrite --value IMAGE`"
        )


def _outputs_file(checkout: Checkout, settings: Settings) -> Path:
    return checkout.logs.parent / f"outputs-{settings.environment}.json"
