"""Runs a command as a one-off task, with a record of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ops.account.caller import Caller, checked_caller
from ops.aws.clients import Aws
from ops.aws.errors import with_advice
from ops.errors import CancelledError, RefusedError, refuse
from ops.release.images import Image, resolve_image
from ops.release.revision import deregister, is_active, register_revision
from ops.release.task_sets import RunningTaskSet, read_serving
from ops.service.database_instances import read_databases, restore_refusals
from ops.service.database_status import read_database, unreachable_database_refusals
from ops.service.ecs_service import no_service
from ops.service.logs import LogLine
from ops.service.one_off_record import Run, new_run, record_run
from ops.service.one_off_tasks import Limit, OneOffTask, TaskRequest, check_length, start_task, watch_task
from ops.stacks.state import busy_stack_refusals


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """The plan of a run."""

    caller: Caller  # account, region and endpoint
    environment: str  # such as ``dev``
    command: tuple[str, ...]
    running: RunningTaskSet  # the serving version, whose configuration the task has
    image: Image  # the image that runs the command


@dataclass(frozen=True, kw_only=True)
class Started:
    """A task with its record."""

    task: OneOffTask
    run: Run  # the record so far


def plan_run(aws: Aws, command: tuple[str, ...], reference: str | None, *, needs_database: bool = True) -> RunPlan:
    """Plan a run without changing anything.

    Args:
        reference: the image; None for the running one.
        needs_database: whether it uses the month's database, and not a restored one.

    Raises:
        UnusableInputError: the text is no image, or the command is too long.
        RefusedError: wrong account or region, no month is running or it ends, its database is stopped or being
            exchanged, or the image does not exist.
    """
    check_length(aws.names, command)
    caller = checked_caller(aws)
    serving = read_serving(aws)
    if serving is None:
        raise RefusedError(
            no_service(aws, "no month is running, so there is nothing to run a command in: `hannibal start`")
        )
    refuse(busy_stack_refusals(aws, ending=True))
    refuse(restore_refusals(read_databases(aws)))  # its changes would be in the former database
    if needs_database and (database := read_database(aws)) is not None:
        refuse(unreachable_database_refusals(database))
    wanted = reference if reference is not None else serving.revision.image
    image = resolve_image(aws, wanted, caller)
    return RunPlan(caller=caller, environment=aws.settings.environment, command=command, running=serving, image=image)


def begin_run(aws: Aws, plan: RunPlan) -> Started:
    """Record who runs what, and start the task.

    Raises:
        RefusedError: no month is running.
        FailedError: ECS started no task.
        CancelledError: Ctrl-C after the start.
    """
    run = new_run(purpose="run", who=plan.caller.identity, command=plan.command, image=plan.image.uri)
    record_run(aws, run)
    started = None
    try:
        with startable_revision(aws, plan) as revision:
            started = start_recorded(aws, run, TaskRequest(revision=revision, command=run.command))
    except KeyboardInterrupt:
        if started is None:
            raise
        raise _interrupted(aws, started.task) from None  # while its copied revision is deregistered
    return started


@contextmanager
def startable_revision(aws: Aws, plan: RunPlan) -> Iterator[str]:
    """The running revision, or a copy of it for another image, or if it is not active any more.

    CloudFormation deregisters the revision that it replaces, while tasks and service still use it. A copy is
    deregistered at once, which does not affect a started task.
    """
    serving = plan.running.revision
    if plan.image.uri == serving.image and is_active(aws, serving.arn):
        yield serving.arn
        return
    copy = register_revision(aws, like=serving.arn, image=plan.image.uri)
    try:
        yield copy.arn
    finally:
        deregister(aws, copy.arn)


def start_recorded(aws: Aws, run: Run, request: TaskRequest) -> Started:
    """Start a task, as `start_task` does, and record its ARN; CancelledError at Ctrl-C in between."""
    task = start_task(aws, request)
    known = replace(run, task_id=task.task_id)
    with naming_at_interrupt(aws, task):
        record_run(aws, known)
    return Started(task=task, run=known)


@contextmanager
def naming_at_interrupt(aws: Aws, task: OneOffTask) -> Iterator[None]:
    """Name a task that may continue where a call or Ctrl-C, mostly a second one, ends the block.

    Raises:
        CancelledError: Ctrl-C.
    """
    try:
        with with_advice(*unwatched_task_advice(aws, task)):
            yield
    except KeyboardInterrupt:
        raise _interrupted(aws, task) from None


def _interrupted(aws: Aws, task: OneOffTask) -> CancelledError:
    return CancelledError(f"interrupted; task {task.task_id} may continue", *unwatched_task_advice(aws, task))


def unwatched_task_advice(aws: Aws, task: OneOffTask) -> tuple[str, ...]:
    """Advice about a task that is not watched any more."""
    return (
        f"The task continues, and its end is not recorded: `hannibal logs --task {task.task_id} --follow`",
        f"Stop it: `aws ecs stop-task --cluster {aws.names.cluster} --task {task.task_id}`",
    )


def finish_run(
    aws: Aws, started: Started, *, show: Callable[[LogLine], None], limit: Limit | None = None
) -> OneOffTask:
    """Show the task's output until it has ended, as `watch_task` does, and record its end."""
    ended = watch_task(aws, started.task, show=show, limit=limit)
    record_run(aws, replace(started.run, exit_code=ended.exit_code, reason=ended.reason))
    return ended
