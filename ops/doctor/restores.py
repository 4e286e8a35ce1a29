"""What a restore within the month has left: one that has not ended, and databases that it has put aside."""

from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.service.database_instances import read_databases


def note_restores(examiner: Examiner) -> None:
    """Note both."""
    databases = examiner.read("what a restore has left", lambda: read_databases(examiner.aws))
    if databases is None:
        return
    if databases.restoring:
        to = databases.restoring
        there = (databases.current, databases.coming, *databases.former)
        evidence = tuple(Evidence("database", f"{it.name} is {it.status}") for it in there if it)
        examiner.found("restore-unfinished", *evidence, to=to)
    elif databases.former:
        examiner.found("former-database", names=", ".join(it.name for it in databases.former))
