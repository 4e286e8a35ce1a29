"""A pause is no trouble: what is stopped then was asked to."""

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes
from ops.service.morning import read_disabled


def note_pause(notes: Notes, aws: Aws, settings: Settings, evidence: Evidence) -> None:
    """Note that the month is paused, until when, and how to go on."""
    disabled = _disabled(notes, aws, settings)
    until = ", until an operator resumes, because the budget is spent" if disabled else ""
    notes.found("paused", evidence=(evidence, *disabled), until=until)


def note_morning(notes: Notes, aws: Aws, settings: Settings) -> None:
    """Note schedules of the morning that are disabled though the service runs: the next pause would not end."""
    disabled = _disabled(notes, aws, settings)
    if disabled:
        notes.found("morning-disabled", evidence=disabled)


def _disabled(notes: Notes, aws: Aws, settings: Settings) -> tuple[Evidence, ...]:
    names = notes.read("the schedules of the morning", lambda: read_disabled(aws, settings)) or ()
    return tuple(Evidence(source="schedule", text=f"{name} is DISABLED") for name in names)
