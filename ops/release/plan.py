"""Plans a release and executes it until CodeDeploy has the deployment."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from installation.names import COMPUTE_STACK, VERIFICATION_OUTPUT
from ops.account.caller import Caller, checked_caller
from ops.aws.clients import Aws
from ops.aws.errors import SERVER_ERROR, explain, status_of, with_advice
from ops.errors import FailedError, OpsError, RefusedError, refuse
from ops.release.checks import (
    Scan,
    paused_refusals,
    read_scan,
    release_refusals,
    scan_refusals,
    withdrawn_secret_refusals,
)
from ops.release.configuration import (
    Difference,
    deployed_revision,
    require_deployed_revision,
    revision_differences,
)
from ops.release.deployment import DeploymentRequest, create_deployment
from ops.release.images import Image, resolve_image, unpullable_images
from ops.release.migration import migrate
from ops.release.revision import deregister, has_service_user, read_definition, register_revision
from ops.release.task_sets import RunningTaskSet, read_running_service
from ops.release.timing import Mode, Timing, read_timing
from ops.service.autoscaling import resume_scaling, suspend_scaling
from ops.service.database_instances import read_databases, restore_refusals
from ops.service.logs import LogLine
from ops.service.one_off_record import new_run
from ops.service.secret_checks import missing_secrets
from ops.stacks.state import busy_stack_refusals, read_output

_MIGRATES_AGAIN = "The next release runs the migration again."


@dataclass(frozen=True, kw_only=True)
class ReleaseRequest:
    """The options of a release."""

    image: str | None  # with tag or digest; None for the running image, to ship only the configuration
    mode: Mode  # how traffic moves
    like: str | None = None  # the revision whose configuration is taken; None for the deployed one
    ignore_alarms: bool = False  # release although an alarm is in ALARM, and let none end it
    ignore_findings: bool = False  # release whatever ECR's scan found
    back: bool = False  # whether it is a rollback to what served earlier


@dataclass(frozen=True, kw_only=True)
class ReleasePlan:
    """The plan of a release."""

    caller: Caller  # account, region and endpoint
    environment: str  # such as ``dev``
    image: Image  # the image to release
    like: str  # the revision whose configuration is released with it; empty where no month runs
    differences: tuple[Difference, ...]  # changes besides the image
    mode: Mode  # how traffic moves
    running: RunningTaskSet | None  # the serving version; None where no month runs
    timing: Timing | None  # the waits; None where no month runs
    # The migration command of the new image; empty for none. Only another image has migrations of its own, and an
    # earlier image does not know those of a later one.
    migrate: tuple[str, ...]
    hook: str | None  # function that verifies the new tasks before they get users; None for none
    watch_alarms: bool  # whether alarms end it
    back: bool  # whether it is a rollback to what served earlier
    scan: Scan | None  # ECR's scan of the image; None if it was not scanned
    already_running: bool  # whether this image with this configuration already runs
    refusals: tuple[str, ...]  # why it cannot be done, with advice
    snapshot: bool = False  # whether a snapshot of the database is taken first


def plan_release(aws: Aws, request: ReleaseRequest) -> ReleasePlan:
    """Plan a release without changing anything.

    Raises:
        UnusableInputError: the text is no image.
        RefusedError: wrong account or region, the image does not exist, or no image serves.
        FailedError: there is no deployed configuration.
    """
    settings = aws.settings
    caller = checked_caller(aws)
    service = read_running_service(aws)
    running = service.primary if service else None
    refusals = release_refusals(aws, service, ignore_alarms=request.ignore_alarms)
    if not request.back:  # an earlier version has other ones
        refusals += missing_secrets(aws)
    wanted = request.image if request.image is not None else (running.revision.image if running else None)
    if wanted is None:
        raise RefusedError(*refusals)
    image = resolve_image(aws, wanted, caller)
    scan = read_scan(aws, image)
    # Findings do not matter for an image that serves or has served.
    if request.image and not request.back and not request.ignore_findings:
        refusals += scan_refusals(scan, image, settings.release.refuse_findings)
    source = request.like or (require_deployed_revision(aws) if running else "")
    if source:
        definition = read_definition(aws, source)
        other_images = {it["name"]: it["image"] for it in definition["containerDefinitions"]}
        refusals += tuple(unpullable_images(aws, caller, other_images, except_container=aws.names.container))
        if request.like and (deployed := deployed_revision(aws)):
            refusals += tuple(withdrawn_secret_refusals(source, definition, read_definition(aws, deployed)))
    changes = revision_differences(aws, running.revision.arn, source) if running else ()
    other_image = running is not None and running.revision.image != image.uri
    return ReleasePlan(
        caller=caller,
        environment=settings.environment,
        image=image,
        like=source,
        differences=changes,
        mode=request.mode,
        running=running,
        timing=read_timing(aws, request.mode.configuration) if running else None,
        migrate=(settings.release.migrate or ()) if other_image and not request.back else (),
        hook=read_output(aws, COMPUTE_STACK, VERIFICATION_OUTPUT) if running else None,
        watch_alarms=not request.ignore_alarms,
        back=request.back,
        scan=scan,
        already_running=running is not None and not other_image and not changes,
        refusals=refusals,
    )


def begin_release(aws: Aws, plan: ReleasePlan, *, show: Callable[[LogLine], None]) -> str:
    """Register the new revision, run its migration, and create the deployment, which goes on by itself; returns its id.

    Raises:
        RefusedError: the plan cannot be executed, or another release began first and no migration has run.
        MigrationFailedError: the migration failed; no traffic was shifted.
        FailedError: the migration ran, and a release, a pause or the month's end has overtaken this one meanwhile, or
            AWS has refused the deployment.
        UnreachableError: the migration ran, and AWS answers no call of the checks after it, or refuses the credentials.
        CancelledError: Ctrl-C during the migration; no traffic was shifted.
        SystemExit: as for Ctrl-C, where the terminal was closed or the process was ended during the migration.
    """
    if plan.refusals or plan.running is None:
        raise RefusedError(*plan.refusals)
    # A release may have begun since: a person has read the plan, and a snapshot was taken.
    refuse((*restore_refusals(read_databases(aws)), *_overtaken_refusals(aws, plan)))
    revision = register_revision(aws, like=plan.like, image=plan.image.uri)
    by_master = None
    if plan.migrate and has_service_user(read_definition(aws, plan.like)):
        by_master = register_revision(aws, like=plan.like, image=plan.image.uri, migrating=True)
    request = DeploymentRequest(
        task_definition=revision.arn,
        container_port=plan.running.container_port,
        configuration=plan.mode.configuration,
        hook=plan.hook,
        watch_alarms=plan.watch_alarms,
        back=plan.back,
        like=plan.like.rpartition("/")[2],
        replaced=plan.running.revision.name,
        who=plan.caller.identity,
    )
    try:
        if plan.migrate:
            run = new_run(purpose="migrate", who=plan.caller.identity, command=plan.migrate, image=plan.image.uri)
            migrate(aws, run, by_master or revision, running=plan.running, show=show)
            _check_after_migration(aws, plan)
        return _create_deployment(aws, request, migrated=bool(plan.migrate))
    except OpsError:
        deregister(aws, revision.arn)  # no task will ever run it
        raise
    except SystemExit:
        if plan.migrate:  # otherwise an exercise was ended, and CodeDeploy may have its deployment already
            deregister(aws, revision.arn)
        raise
    finally:
        if by_master is not None:
            deregister(aws, by_master.arn)  # its task has ended, or is being stopped


def _check_after_migration(aws: Aws, plan: ReleasePlan) -> None:
    """A schedule or a spent budget may have paused the month meanwhile, or an operator ended it."""
    with with_advice("The migration has run, and its changes stay; nothing was released.", _MIGRATES_AGAIN):
        reasons = tuple(_overtaken_refusals(aws, plan))
    if reasons:
        raise _only_migrated(*reasons)


def _only_migrated(reason: str, *advice: str, kind: type[OpsError] = FailedError) -> OpsError:
    problem = f"the migration has run, and its changes stay; nothing was released: {reason}"
    return kind(problem, *advice, _MIGRATES_AGAIN)


def _overtaken_refusals(aws: Aws, plan: ReleasePlan) -> Iterator[str]:
    """Why a plan is refused that another release, a pause or the month's end has overtaken."""
    yield from busy_stack_refusals(aws, ending=True)
    planned, service = plan.running, read_running_service(aws)
    yield from paused_refusals(service) if service else ()
    serving = service.primary if service else None
    if planned is not None and (serving is None or serving.revision != planned.revision):
        now = f"{serving.revision.image} ({serving.revision.name})" if serving else "nothing"
        before = f"{planned.revision.image} ({planned.revision.name})"
        verb = "roll back" if plan.back else "release"
        yield f"{now} serves now, and {before} did when this was planned: look at `hannibal status`, and {verb} again"


def _create_deployment(aws: Aws, request: DeploymentRequest, *, migrated: bool) -> str:
    """Suspend scaling, and create the deployment. If that fails, scaling goes on.

    A task that starts or stops while traffic shifts makes the deployment fail (ECS developer guide, "CodeDeploy
    blue/green deployments", considerations).
    """
    try:
        suspend_scaling(aws)
        return create_deployment(aws, request)
    except BaseException as error:  # Ctrl-C and a lost network too; a deployment that began nevertheless keeps it off
        with suppress(BotoCoreError, ClientError):
            resume_scaling(aws)
        if migrated and (refusal := _refusal(error)):
            kind = FailedError if isinstance(refusal, RefusedError) else type(refusal)  # the migration is a change
            raise _only_migrated(refusal.problem, *refusal.advice, kind=kind) from error
        raise


def _refusal(error: BaseException) -> OpsError | None:
    """An error after which CodeDeploy has no deployment of this release; None for others, such as a lost network."""
    if isinstance(error, ClientError):
        # Where a deployment runs already, `create_deployment` reads whether it is this one.
        unknown = status_of(error) >= SERVER_ERROR or error.operation_name.startswith(("Get", "List"))
        return None if unknown else explain(error)
    return error if isinstance(error, RefusedError) else None
