"""Migrations of other releases beside the same running version: one at a time, and none during a release."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property

from ops.aws.clients import Aws
from ops.aws.polling import wait_at_most
from ops.errors import RefusedError
from ops.service.deployments import deployment_ids, running_deployments
from ops.service.run_record import read_runs
from ops.service.tasks import OneOffTask, read_task

# DescribeTasks may not know a task in the first seconds (Amazon ECS API reference, RunTask, "eventual consistency").
_SECONDS_UNTIL_KNOWN = 20.0
# Time from the end of a migration until CodeDeploy has its release.
_TIME_TO_BEGIN = timedelta(minutes=1)
# As long as ECS remembers a token (Amazon ECS developer guide, "Ensuring idempotency").
_TOKENS_KEPT = timedelta(hours=24)


class EarlierMigrations:
    """Reads the tasks that have used a token."""

    def __init__(self, aws: Aws, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._aws = aws
        self._clock = clock

    def require_ended(self, arn: str) -> None:
        """Check that a migration has ended, and that its release does not run.

        Raises:
            RefusedError: the migration or its release runs, or the release is about to begin.
        """
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
