"""What a restore within the month has left: one that has not ended, and databases that it has put aside."""

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes, Remediation
from ops.service.databases import read_databases


def note_restores(notes: Notes, aws: Aws, settings: Settings) -> None:
    """Note both."""
    databases = notes.read("what a restore has left", lambda: read_databases(aws.rds, settings.names))
    if databases is None:
        return
    if databases.restoring:
        to = databases.restoring
        there = (databases.current, databases.coming, *databases.former)
        notes.add(
            "restore-unfinished",
            f"A restore to {to} has not ended. Until it has, releases, pauses and the month's end are refused.",
            evidence=tuple(Evidence("database", f"{it.name} is {it.status}") for it in there if it),
            remediations=(
                Remediation("go on where it was", f"hannibal restore --env {settings.environment} --to {to}"),
                Remediation(
                    "or give it up, where the database was not yet exchanged",
                    f"hannibal restore --env {settings.environment} --let-go",
                ),
            ),
        )
    elif databases.former:
        names = ", ".join(it.name for it in databases.former)
        notes.add(
            "former-database",
            f"A restore has put aside {names}: it bills like the month's database until it is let go.",
            level="notice",
            remediations=(
                Remediation(
                    "when its rows are needed no more; it leaves a final snapshot",
                    f"hannibal restore --env {settings.environment} --let-go",
                ),
            ),
        )
