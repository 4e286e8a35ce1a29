"""A pause is no trouble: what is stopped then was stopped on purpose."""

from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.service.resume_schedules import read_disabled_schedules


def note_pause(examiner: Examiner, evidence: Evidence) -> None:
    """Note that the month is paused, until when, and how to resume it."""
    disabled = _disabled(examiner)
    until = ", until an operator resumes, because the budget is spent" if disabled else ""
    examiner.add_finding("paused", evidence, *disabled, until=until)


def note_morning(examiner: Examiner) -> None:
    """Note morning schedules that are disabled although the service runs: the next pause would not end."""
    disabled = _disabled(examiner)
    if disabled:
        examiner.add_finding("morning-disabled", *disabled)


def _disabled(examiner: Examiner) -> tuple[Evidence, ...]:
    names = examiner.read("the schedules of the morning", lambda: read_disabled_schedules(examiner.aws)) or ()
    return tuple(Evidence("schedule", f"{name} is DISABLED") for name in names)
