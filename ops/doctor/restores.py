"""What a restore within the month has left: one that has not ended, and databases that it has put aside."""

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes
from ops.service.databases import read_databases


def note_restores(notes: Notes, aws: Aws, settings: Settings) -> None:
    """Note both."""
    databases = notes.read("what a restore has left", lambda: read_databases(aws.rds, settings.names))
    if databases is None:
        return
    if databases.restoring:
        to = databases.restoring
        there = (databases.current, databases.coming, *databases.former)
        evidence = tuple(Evidence("database", f"{it.name} is {it.status}") for it in there if it)
        notes.found("restore-unfinished", evidence=evidence, to=to)
    elif databases.former:
        notes.found("former-database", names=", ".join(it.name for it in databases.former))
