"""Runs all examinations in parallel: the slowest decides the duration."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from ops.account.caller import own_caller
from ops.aws.clients import Aws
from ops.doctor import account, alarms, database, ecs, edge, release, stack
from ops.doctor.faults_in_effect import with_faults_in_effect
from ops.doctor.finding import Examination
from ops.doctor.subjects import Subject
from ops.month.exercise.faults import faults_in_effect


def examine(
    aws: Aws, subjects: Iterable[Subject], *, drift: bool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> tuple[Examination, ...]:
    """Examine some subjects without changes; drift detection takes a minute or two.

    Raises:
        RefusedError: the account has another installation.
    """
    caller = own_caller(aws)  # first and alone, so that an unreachable AWS is one error, not five
    examiners: dict[Subject, Callable[[Aws, datetime], Examination]] = {
        Subject.ECS: ecs.examine,
        Subject.RELEASE: release.examine,
        Subject.STACK: partial(stack.examine, drift=drift),
        Subject.DATABASE: database.examine,
        Subject.EDGE: edge.examine,
        Subject.ALARMS: alarms.examine,
        Subject.ACCOUNT: account.examine,
    }
    now = clock()
    with ThreadPoolExecutor(max_workers=len(examiners)) as pool:
        futures = [pool.submit(examiners[subject], aws, now) for subject in subjects]
        return with_faults_in_effect(tuple(future.result() for future in futures), faults_in_effect(caller.endpoint))
