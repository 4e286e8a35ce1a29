"""Plans a release and carries it out up to the moment when CodeDeploy has it."""

from dataclasses import dataclass

from installation.settings import Settings
from ops.account.caller import Caller, check, identify
from ops.aws.clients import Aws
from ops.errors import RefusedError
from ops.release.capacity import read_capacity
from ops.release.checks import hook_of, refusals_of
from ops.release.deployment import Order, create_deployment
from ops.release.images import Image, resolve_image
from ops.release.revision import register_revision
from ops.release.task_sets import LiveReader, LiveTaskSet
from ops.release.timing import Mode, Timing, read_timing


@dataclass(frozen=True, kw_only=True)
class ReleasePlan:
    """What a release will do.

    Attributes:
        caller: account, region and endpoint.
        environment: such as ``dev``.
        image: what is released.
        mode: how traffic moves.
        running: what serves now, with the colour of its target group; None where no month runs.
        timing: the waits; None where no month runs.
        hook: function that verifies the new tasks before a user meets them; None for none.
        watch_alarms: whether alarms end it.
        back: whether it goes back to an earlier image.
        needless: whether that image runs already.
        refusals: why it cannot be done, with what to do.
    """

    caller: Caller
    environment: str
    image: Image
    mode: Mode
    running: LiveTaskSet | None
    timing: Timing | None
    hook: str | None
    watch_alarms: bool
    back: bool
    needless: bool
    refusals: tuple[str, ...]


def plan_release(
    aws: Aws, settings: Settings, asked: str, mode: Mode, *, ignore_alarms: bool = False, back: bool = False
) -> ReleasePlan:
    """Look at everything and change nothing.

    Args:
        aws: the door to AWS.
        settings: the installation.
        asked: the image.
        mode: how traffic shall move.
        ignore_alarms: release although an alarm sounds, and let none end it.
        back: whether it goes back to an earlier image.

    Raises:
        UnusableInputError: the image is none.
        RefusedError: wrong account or region, or the image does not exist.
    """
    caller = identify(aws)
    check(caller, settings, aws.configured_region)
    image = resolve_image(aws.ecr, asked, repository=settings.names.repository, caller=caller)
    live = LiveReader(aws, settings).read()
    running = live.primary if live else None
    refusals = refusals_of(aws, settings, live, ignore_alarms=ignore_alarms)
    return ReleasePlan(
        caller=caller,
        environment=settings.environment,
        image=image,
        mode=mode,
        running=running,
        timing=read_timing(aws.codedeploy, settings.names, mode.configuration) if running else None,
        hook=hook_of(aws) if running else None,
        watch_alarms=not ignore_alarms,
        back=back,
        needless=running is not None and running.revision.image == image.uri,
        refusals=refusals,
    )


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
    revision = register_revision(aws.ecs, project, like=plan.running.revision.arn, image=plan.image.uri)
    order = Order(
        task_definition=revision.arn,
        image=plan.image.uri,
        container_port=plan.running.container_port,
        capacity=capacity,
        configuration=plan.mode.configuration,
        hook=plan.hook,
        watch_alarms=plan.watch_alarms,
        back=plan.back,
        who=plan.caller.identity,
    )
    try:
        return create_deployment(aws.codedeploy, project, order)
    except RefusedError:
        aws.ecs.deregister_task_definition(taskDefinition=revision.arn)  # nothing will ever run it
        raise
