"""A pause is no trouble: what is stopped then was asked to."""

from installation.settings import Settings
from ops.doctor.finding import Evidence, Notes, Remediation


def note_pause(notes: Notes, settings: Settings, evidence: Evidence) -> None:
    """Note that the month is paused, and how to go on."""
    notes.add(
        "paused",
        "The month is paused: no task runs, and the database is stopped.",
        level="notice",
        evidence=(evidence,),
        remediations=(Remediation(what="go on", command=f"hannibal resume --env {settings.environment}"),),
    )
