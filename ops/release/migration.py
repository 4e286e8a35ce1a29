"""The migration of a release: a command of the new image, before the deployment."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.clients import Aws
from ops.aws.errors import code_of
from ops.errors import CancelledError, FailedError, MigrationFailedError
from ops.release.earlier_migrations import EarlierMigrations
from ops.release.revision import Revision
from ops.release.run import Started, finish_run, start_recorded
from ops.release.task_sets import RunningTaskSet
from ops.service.logs import LogLine
from ops.service.run_record import Run, record_run
from ops.service.task_watch import Limit
from ops.service.tasks import ENDED_BY_ITSELF, OneOffTask, TaskRequest, stop_task

# Each failed migration beside a running version uses one token.
_MOST_ATTEMPTS = 1000
_SECONDS_PER_MINUTE = 60.0


def migrate(
    aws: Aws, run: Run, revision: Revision, *, running: RunningTaskSet, show: Callable[[LogLine], None]
) -> None:
    """Run the command in the new revision, and require success.

    Args:
        run: its record, with the command.
        revision: the revision to be released.
        running: the serving version; of all releases that begin beside it, one migrates at a time.

    Raises:
        RefusedError: another release is migrating, or has migrated and begins.
        MigrationFailedError: it failed, or took too long. No traffic was shifted.
        CancelledError: Ctrl-C. The task was stopped, and no traffic was shifted.
    """
    record_run(aws, run)
    started = _start_exclusively(
        aws,
        running,
        lambda token: start_recorded(
            aws, run, TaskRequest(revision=revision.arn, command=run.command, purpose=run.purpose, token=token)
        ),
    )
    minutes = aws.settings.release.migrate_minutes
    limit = Limit(seconds=minutes * _SECONDS_PER_MINUTE, reason=f"longer than release.migrate_minutes ({minutes})")
    try:
        ended = finish_run(aws, started, show=show, limit=limit)
    except KeyboardInterrupt:
        stop_task(aws, started.task.arn, "Ctrl-C")
        raise CancelledError(
            f"interrupted; the migration {started.task.task_id} is being stopped, and nothing was shifted",
            f"See how far it came: `hannibal logs --task {started.task.task_id}`",
        ) from None
    _require_success(ended, running)


def _start_exclusively(aws: Aws, running: RunningTaskSet, start: Callable[[str], Started]) -> Started:
    """Start a task unless another release's migration runs, or has just ended before its deployment.

    ECS itself decides: of two requests with one token only one starts a task. A token works once, so each attempt
    beside the same running version has a number, and numbers of ended tasks are skipped.

    Raises:
        RefusedError: another migration or its release runs.
        FailedError: no token is left.
    """
    earlier = EarlierMigrations(aws)
    version = hashlib.sha256((running.deployment_id or running.revision.arn).encode()).hexdigest()[:32]
    for attempt in range(_MOST_ATTEMPTS):
        try:
            return start(f"{version}-{attempt}")
        except ClientError as error:
            if code_of(error) != "ConflictException":
                raise
            answer: Mapping[str, Any] = error.response
            for arn in answer.get("resourceIds", []):
                earlier.require_ended(arn)
    raise FailedError(f"{_MOST_ATTEMPTS} migrations have failed: RunTask takes no more client tokens today")


def _require_success(ended: OneOffTask, running: RunningTaskSet) -> None:
    if ended.succeeded:
        return
    by_itself = ended.stop_code == ENDED_BY_ITSELF and ended.exit_code is not None
    how = f"ended with exit code {ended.exit_code}" if by_itself else f"did not end by itself: {ended.reason}"
    raise MigrationFailedError(
        f"the migration {how}. Nothing was shifted: {running.revision.image} serves as before",
        f"Its log: `hannibal logs --task {ended.task_id} --since 1h`",
        "What it had changed before it failed stays changed. Correct it and release again.",
    )
