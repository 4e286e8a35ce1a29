"""Checks before a release; each refusal has advice."""

from collections.abc import Iterator

from installation.names import COMPUTE_STACK, VERIFICATION_OUTPUT
from ops.aws.clients import Aws
from ops.errors import refuse
from ops.release.progress import alarms_of_releases
from ops.release.task_sets import RunningService
from ops.service.alarms import read_alarms
from ops.service.database_instances import read_databases, restore_refusals
from ops.service.deployments import deployment_group, running_release_refusals
from ops.service.state import no_service
from ops.service.traffic import read_target_groups
from ops.stacks.missing import missing_reason
from ops.stacks.state import Stack, busy_stack_refusals, read_output, read_stack


def release_refusals(aws: Aws, service: RunningService | None, *, ignore_alarms: bool) -> tuple[str, ...]:
    """Why nothing can be released now; empty if a release is possible.

    Raises:
        RefusedError: stacks are changing or broken, or CodeDeploy's group is gone, so that other checks are not
            possible.
    """
    stack = read_stack(aws, COMPUTE_STACK)
    if stack is not None and (service is not None or stack.in_progress):
        refuse(_stack(stack) or busy_stack_refusals(aws, ending=True))
    if service is not None and service.primary is None:
        return ("none of the service's task sets serves traffic, so none can be replaced: `hannibal doctor ecs`",)
    if service is None or stack is None:
        return (no_service(aws, "no month is running, so there is no service to release into: `hannibal start`"),)
    refuse(_group(aws))
    running = tuple(running_release_refusals(aws))
    return (
        *running,
        *restore_refusals(read_databases(aws)),
        *_paused(service),
        # During a release traffic is elsewhere, which is no reason of its own.
        *(() if running else _traffic(aws, service)),
        *(() if ignore_alarms else (*_unstable_reason(service), *_alarms(aws))),
    )


def verification_function(aws: Aws) -> str | None:
    """The function that verifies a release, where the running month has one."""
    return read_output(aws, COMPUTE_STACK, VERIFICATION_OUTPUT)


def _stack(stack: Stack) -> tuple[str, ...]:
    if stack.in_progress:
        return (f"{stack.name} is {stack.status}: wait until CloudFormation is done with it (`hannibal status`)",)
    if not stack.healthy:
        # A start is refused in some of these states; the doctor has the advice.
        return (f"{stack.name} is {stack.status} ({stack.reason or 'see its events'}): `hannibal doctor stack`",)
    return ()


def _group(aws: Aws) -> Iterator[str]:
    """Why CodeDeploy takes no release: its deployment group or application was deleted by hand."""
    if deployment_group(aws) is None:
        yield missing_reason(
            aws, "deployment group", COMPUTE_STACK, undeployed="no month is running", subject="release"
        )


def _paused(service: RunningService) -> Iterator[str]:
    if service.desired == 0:
        yield (
            "the service runs no tasks (its desired count is 0), so a release would test nothing: "
            "`hannibal resume` ends a pause"
        )


def _unstable_reason(service: RunningService) -> Iterator[str]:
    """Why the service is not stable; a rollback and `--ignore-alarms` skip this, because an image can repair it."""
    if service.running < service.desired:
        yield (
            f"the service is not stable: {service.running} of {service.desired} tasks run. A release would hide why: "
            "look at `hannibal status` and `hannibal logs` first, or, if this image fixes the cause, add "
            "--ignore-alarms"
        )


def _traffic(aws: Aws, service: RunningService) -> Iterator[str]:
    """Why traffic is wrong: CodeDeploy fails, late, if production traffic does not go to the primary task set."""
    shares = {group.colour: group.production_percent for group in read_target_groups(aws)}
    primary = service.primary
    if primary is not None and shares.get(primary.colour, 0.0) < 100:
        listed = ", ".join(f"{colour} {share:.0f} %" for colour, share in shares.items()) or "nowhere"
        yield (
            f"production traffic goes to {listed}, but the serving tasks are registered in {primary.colour}. A change "
            "by hand or by a template did that; send all of it there first: `hannibal preflight` says how"
        )


def _alarms(aws: Aws) -> Iterator[str]:
    """Alarms in ALARM that end a release, and those of load: a system under stress gets no release."""
    names = aws.names
    watched = alarms_of_releases(aws)
    of_load = {names.cpu_alarm, names.memory_alarm, names.connections_alarm}
    for alarm in read_alarms(aws):
        if alarm.state == "ALARM" and alarm.name in watched | of_load:
            yield (
                f"alarm {alarm.name} is in ALARM ({alarm.reason}): wait until it is OK, go back (`hannibal rollback`), "
                "or, if this image fixes the cause, add --ignore-alarms"
            )
