"""Plans a release and carries it out up to the moment when CodeDeploy has it."""

from dataclasses import dataclass

from installation.settings import Settings
from ops.account.caller import Caller, check, identify
from ops.aws.clients import Aws
from ops.errors import RefusedError
from ops.release.checks import hook_of, refusals_of
from ops.release.configuration import Difference, differences, require_deployed_revision
from ops.release.deployment import DeploymentRequest, create_deployment
from ops.release.images import Image, resolve_image
from ops.release.revision import read_definition, register_revision
from ops.release.task_sets import LiveReader, LiveTaskSet
from ops.release.timing import Mode, Timing, read_timing
from ops.service.capacity import read_capacity
from ops.service.secrets import missing_secrets


@dataclass(frozen=True, kw_only=True)
class ReleasePlan:
    """What a release will do.

    Attributes:
        caller: account, region and endpoint.
        environment: such as ``dev``.
        image: what is released.
        like: the revision whose configuration is released with it; empty where no month runs.
        differences: what that changes besides the image.
        mode: how traffic moves.
        running: what serves now, with the colour of its target group; None where no month runs.
        timing: the waits; None where no month runs.
        hook: function that verifies the new tasks before a user meets them; None for none.
        watch_alarms: whether alarms end it.
        back: whether it goes back to what served earlier.
        already_running: whether that image runs already, with that configuration.
        refusals: why it cannot be done, with what to do.
    """

    caller: Caller
    environment: str
    image: Image
    like: str
    differences: tuple[Difference, ...]
    mode: Mode
    running: LiveTaskSet | None
    timing: Timing | None
    hook: str | None
    watch_alarms: bool
    back: bool
    already_running: bool
    refusals: tuple[str, ...]


def plan_release(
    aws: Aws,
    settings: Settings,
    asked: str | None,
    mode: Mode,
    *,
    like: str | None = None,
    ignore_alarms: bool = False,
    back: bool = False,
) -> ReleasePlan:
    """Look at everything and change nothing.

    Args:
        aws: the door to AWS.
        settings: the installation.
        asked: the image; None for the one that serves, so that only the configuration ships.
        mode: how traffic shall move.
        like: the revision whose configuration is taken; None for the deployed one.
        ignore_alarms: release although an alarm sounds, and let none end it.
        back: whether it goes back to what served earlier.

    Raises:
        UnusableInputError: the image is none.
        RefusedError: wrong account or region, the image does not exist, or none serves.
        FailedError: nothing is deployed whose configuration could be taken.
    """
    caller = identify(aws)
    check(caller, settings, aws.configured_region)
    live = LiveReader(aws, settings).read()
    running = live.primary if live else None
    refusals = refusals_of(aws, settings, live, ignore_alarms=ignore_alarms)
    if not back:  # what ran before had all its secrets
        refusals += missing_secrets(aws, settings)
    wanted = asked or (running.revision.image if running else None)
    if wanted is None:
        raise RefusedError(*refusals)
    image = resolve_image(aws.ecr, wanted, repository=settings.names.repository, caller=caller)
    source = like or (require_deployed_revision(aws.cloudformation, settings.names) if running else "")
    changed = _differences(aws, settings, running, source)
    return ReleasePlan(
        caller=caller,
        environment=settings.environment,
        image=image,
        like=source,
        differences=changed,
        mode=mode,
        running=running,
        timing=read_timing(aws.codedeploy, settings.names, mode.configuration) if running else None,
        hook=hook_of(aws) if running else None,
        watch_alarms=not ignore_alarms,
        back=back,
        already_running=running is not None and running.revision.image == image.uri and not changed,
        refusals=refusals,
    )


def _differences(aws: Aws, settings: Settings, running: LiveTaskSet | None, source: str) -> tuple[Difference, ...]:
    if running is None or running.revision.arn == source:
        return ()
    before, after = read_definition(aws.ecs, running.revision.arn), read_definition(aws.ecs, source)
    return differences(before, after, container=settings.names.container)


def begin_release(aws: Aws, settings: Settings, plan: ReleasePlan) -> str:
    """Register the new revision and give it to CodeDeploy; from here on the release goes on by itself.

    Returns:
        The deployment's id.

    Raises:
        RefusedError: the plan cannot be carried out, or another release came first.
    """
    if plan.refusals or plan.running is None:
        raise RefusedError(*plan.refusals)
    project = settings.names
    capacity = read_capacity(aws.ecs, project)
    revision = register_revision(aws.ecs, project, like=plan.like, image=plan.image.uri)
    request = DeploymentRequest(
        task_definition=revision.arn,
        image=plan.image.uri,
        container_port=plan.running.container_port,
        capacity=capacity,
        configuration=plan.mode.configuration,
        hook=plan.hook,
        watch_alarms=plan.watch_alarms,
        back=plan.back,
        like=plan.like.rpartition("/")[2],
        replaced=plan.running.revision.name,
        who=plan.caller.identity,
    )
    try:
        return create_deployment(aws.codedeploy, project, request)
    except RefusedError:
        aws.ecs.deregister_task_definition(taskDefinition=revision.arn)  # nothing will ever run it
        raise
