"""Faults that the embedded AWS was told to simulate, shown beside the trouble that they cause."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ops.doctor.finding import FINDINGS, Evidence, Examination, Finding
from ops.doctor.subjects import Subject
from ops.month.exercise.faults import FaultInEffect

_DATABASE: Final = (
    *("storage_fills", "memory_fills", "credits_spent", "deletion_takes", "rename_takes", "backup_takes"),
    *("modifying_takes", "stopping_takes", "starting_takes", "version_withdrawn"),
)
_RELEASE: Final = ("hook_fails", "alarm", "hold", "critical_findings")


def with_faults_in_effect(
    examinations: Sequence[Examination], faults: Sequence[FaultInEffect]
) -> tuple[Examination, ...]:
    """Add each fault to the examination of its trouble, as a notice, because a rehearsal intends it."""
    return tuple(
        replace(
            examination,
            findings=(
                *examination.findings,
                *(_finding(fault) for fault in faults if _subject(fault) == examination.subject),
            ),
        )
        for examination in examinations
    )


def _subject(fault: FaultInEffect) -> Subject:
    if fault.kind in _DATABASE:
        return Subject.DATABASE
    return Subject.RELEASE if fault.kind in _RELEASE else Subject.ECS


def _finding(fault: FaultInEffect) -> Finding:
    definition = FINDINGS["fault-injected"]
    return Finding(
        subject=_subject(fault),
        cause="fault-injected",
        level=definition.level,
        summary=definition.summary,
        evidence=(Evidence("embedded AWS", fault.text),),
        remediations=definition.remediations,
    )
