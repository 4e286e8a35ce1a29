"""Runs all examinations in parallel: the slowest decides the duration."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from ops.account.caller import own_caller
from ops.aws.clients import Aws
from ops.doctor import account, alarms, database, ecs, edge, release, stack
from ops.doctor.finding import FINDINGS, Evidence, Examination, Finding
from ops.doctor.subjects import Subject
from ops.month.exercise.faults import FaultInEffect, faults_in_effect

# Kinds of faults that the embedded AWS simulates, by the trouble that they cause; all others are of tasks.
_OF_DATABASES: Final = (
    *("storage_fills", "memory_fills", "credits_spent", "deletion_takes", "rename_takes", "backup_takes"),
    *("modifying_takes", "stopping_takes", "starting_takes", "version_withdrawn"),
)
_OF_RELEASES: Final = ("hook_fails", "alarm", "hold", "critical_findings")


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
        found = [future.result() for future in futures]
    faults = faults_in_effect(caller.endpoint)
    return tuple(replace(it, findings=(*it.findings, *_simulated(it.subject, faults))) for it in found)


def _simulated(subject: Subject, faults: Iterable[FaultInEffect]) -> Iterator[Finding]:
    """Each simulated fault beside the trouble that it causes, as a notice, because a rehearsal intends it."""
    cause = "fault-injected"
    for fault in faults:
        of_releases = Subject.RELEASE if fault.kind in _OF_RELEASES else Subject.ECS
        if subject == (Subject.DATABASE if fault.kind in _OF_DATABASES else of_releases):
            seen = (Evidence("embedded AWS", fault.text),)
            yield Finding(subject=subject, cause=cause, evidence=seen, **vars(FINDINGS[cause]))
