"""The migration of a release: a command of the new image, before the deployment, one at a time."""

import hashlib
import signal
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.clients import Aws
from ops.aws.errors import code_of, with_advice
from ops.aws.polling import wait_at_most
from ops.errors import CancelledError, FailedError, MigrationFailedError, RefusedError
from ops.release.one_off_command import (
    Started,
    finish_run,
    naming_at_interrupt,
    start_recorded,
    unwatched_task_advice,
)
from ops.release.revision import Revision
from ops.release.task_sets import RunningTaskSet
from ops.service.deployments import deployment_ids, running_deployments
from ops.service.logs import LogLine
from ops.service.one_off_record import Run, read_runs, record_run
from ops.service.one_off_tasks import (
    ENDED_BY_ITSELF,
    Limit,
    OneOffTask,
    TaskRequest,
    read_task,
    stop_task,
)
from ops.service.signals import ended_with_terminal, holding_interrupts

# DescribeTasks may not know a task in the first seconds (Amazon ECS API reference, RunTask, "eventual consistency").
_SECONDS_UNTIL_KNOWN = 20.0
# Time from the end of a migration until CodeDeploy has its release.
_TIME_TO_BEGIN = timedelta(minutes=1)
# As long as ECS remembers a token (Amazon ECS developer guide, "Ensuring idempotency").
_TOKENS_KEPT = timedelta(hours=24)
# Each failed migration beside a running version uses one token.
_MOST_ATTEMPTS = 1000
_SECONDS_PER_MINUTE = 60.0
_ENDING = (signal.SIGHUP, signal.SIGTERM)


class EarlierMigrations:
    """Reads the tasks that have used a token."""

    def __init__(self, aws: Aws, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._aws = aws
        self._clock = clock

    def require_ended(self, arn: str) -> None:
        """Check that a migration has ended, and that its release neither runs nor is about to; else RefusedError."""
        task = self._read_task(arn)
        if task is None:
            return
        if not task.stopped:
            raise RefusedError(
                f"another release is migrating: task {task.task_id} runs since "
                f"{f'{task.created:%H:%M:%S %Z}' if task.created else 'a moment ago'}",
                f"Watch it: `hannibal logs --task {task.task_id} --follow`",
                "Wait for that release (`hannibal release --wait`), then release again.",
                "If it was killed, nobody ends its migration after release.migrate_minutes: `aws ecs stop-task "
                f"--cluster {self._aws.names.cluster} --task {task.task_id}`, then release again.",
            )
        if task.succeeded:
            self._require_no_release_of(task)

    def _read_task(self, arn: str) -> OneOffTask | None:
        """A task; None if ECS has forgotten it. It waits for a task that ECS does not list yet."""

        def known() -> OneOffTask | None:
            return read_task(self._aws, arn)

        found = known()
        if found is not None or arn.rpartition("/")[2] in self._ended:
            return found
        return wait_at_most(_SECONDS_UNTIL_KNOWN, known, self._aws.polling)

    @cached_property
    def _ended(self) -> frozenset[str]:
        """The tasks with a recorded end."""
        runs = read_runs(self._aws, start=self._clock() - _TOKENS_KEPT)
        return frozenset(run.task_id for run in runs if run.exit_code is not None or run.reason)

    def _require_no_release_of(self, task: OneOffTask) -> None:
        for deployment in running_deployments(self._aws):
            raise RefusedError(
                f"another release came first: {deployment.deployment_id} is {deployment.status}",
                "Watch it: `hannibal release --wait`",
            )
        if task.created is None or task.ended is None or self._clock() - task.ended > _TIME_TO_BEGIN:
            return
        if not deployment_ids(self._aws, createTimeRange={"start": task.created}):
            raise RefusedError(
                f"another release has migrated (task {task.task_id}) and is about to begin",
                "Watch it: `hannibal release --wait`. If no release begins, release again in a minute.",
            )


@ended_with_terminal()
def migrate(
    aws: Aws, run: Run, revision: Revision, *, running: RunningTaskSet, show: Callable[[LogLine], None]
) -> None:
    """Run the command in the new revision, and require success.

    Of all releases that begin beside one running version, one migrates at a time.

    Raises:
        RefusedError: another release is migrating, or has migrated and begins.
        MigrationFailedError: it failed, or took too long. No traffic was shifted.
        CancelledError: Ctrl-C. A task that was seen to start was stopped, and no traffic was shifted.
        SystemExit: as for Ctrl-C, where the terminal was closed or the process was ended.
    """
    record_run(aws, run)
    try:
        migration_run, received_signal = _start_exclusively(aws, run, revision, running)
    except KeyboardInterrupt:
        raise CancelledError("interrupted before the migration started; nothing was shifted") from None
    minutes = aws.settings.release.migrate_minutes
    limit = Limit(seconds=minutes * _SECONDS_PER_MINUTE, reason=f"longer than release.migrate_minutes ({minutes})")
    task = migration_run.task
    ended = SystemExit(128 + received_signal) if received_signal in _ENDING else None
    if not received_signal:
        try:
            with with_advice(*unwatched_task_advice(aws, task)):
                _require_success(finish_run(aws, migration_run, show=show, limit=limit), running)
        except KeyboardInterrupt:
            pass
        except SystemExit as error:
            ended = error
        else:
            return
    # Without this command no release follows, and nobody would end it after its time.
    reason = "the command was ended, or its terminal closed" if ended else "Ctrl-C"
    with naming_at_interrupt(aws, task):
        holding_interrupts(lambda: stop_task(aws, task.arn, reason), _ENDING)
    raise ended or CancelledError(
        f"interrupted; the migration {task.task_id} is being stopped, and nothing was shifted",
        f"See how far it came: `hannibal logs --task {task.task_id}`",
    )


def _start_exclusively(aws: Aws, run: Run, revision: Revision, running: RunningTaskSet) -> tuple[Started, int]:
    """Start a task unless another release's migration runs, or has just ended before its deployment.

    ECS itself decides: of two requests with one token only one starts a task. A token works once, so each attempt
    beside the same running version has a number, and numbers of ended tasks are skipped. Returns also the last signal
    that was received meanwhile; 0 for none.

    Raises:
        RefusedError: another migration or its release runs.
        FailedError: no token is left.
        CancelledError: a second Ctrl-C during a request, which ECS may have accepted.
        KeyboardInterrupt: Ctrl-C between two requests, or during one that started none.
        SystemExit: as for Ctrl-C, where the terminal was closed or the process was ended.
    """
    earlier = EarlierMigrations(aws)
    version = hashlib.sha256((running.deployment_id or running.revision.arn).encode()).hexdigest()[:32]
    for attempt in range(_MOST_ATTEMPTS):
        token = f"{version}-{attempt}"
        request = TaskRequest(revision=revision.arn, command=run.command, purpose=run.purpose, token=token)
        started, received_signal = _start_or_conflict(aws, run, request)
        if isinstance(started, Started):
            return started, received_signal
        if received_signal in _ENDING:
            raise SystemExit(128 + received_signal)
        if received_signal:
            raise KeyboardInterrupt
        for arn in started:
            earlier.require_ended(arn)
    raise FailedError(f"{_MOST_ATTEMPTS} migrations have failed: RunTask takes no more client tokens today")


def _start_or_conflict(aws: Aws, run: Run, request: TaskRequest) -> tuple[Started | tuple[str, ...], int]:
    """Start a task with signals held; where its token was used before, the ARNs of the tasks that used it."""

    def start() -> Started | tuple[str, ...]:
        try:
            return start_recorded(aws, run, request)
        except ClientError as error:
            if code_of(error) != "ConflictException":
                raise
            answer: Mapping[str, Any] = error.response
            return tuple(answer.get("resourceIds", []))

    try:
        return holding_interrupts(start, (signal.SIGINT, *_ENDING))
    except KeyboardInterrupt:
        unseen = f"aws ecs list-tasks --cluster {aws.names.cluster} --started-by hannibal/{run.purpose}"
        raise CancelledError(
            "interrupted before the migration was seen to start; nothing was shifted",
            f"If ECS has accepted it nevertheless, it runs unwatched: `{unseen}`",
        ) from None


def _require_success(task: OneOffTask, running: RunningTaskSet) -> None:
    if task.succeeded:
        return
    by_itself = task.stop_code == ENDED_BY_ITSELF and task.exit_code is not None
    how = f"ended with {task.exit_text}" if by_itself else f"did not end by itself: {task.reason}"
    raise MigrationFailedError(
        f"the migration {how}. Nothing was shifted: {running.revision.image} serves as before",
        f"Its log: `hannibal logs --task {task.task_id} --since 1h`",
        "What it had changed before it failed stays changed. Correct it and release again.",
    )
