"""Errors that a person can act upon. Whatever else is raised is a bug and keeps its traceback."""

from typing import ClassVar

from ops.exit_codes import ExitCode


class OpsError(Exception):
    """Ends a command with a message and an exit code, without a traceback.

    Args:
        problem: what is wrong, in one line.
        *advice: what to do, one step a line; commands are written out, ready to copy.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, problem: str, *advice: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice


class FailedError(OpsError):
    """It was begun and could not be finished."""


class UnusableInputError(OpsError):
    """The person's input cannot be used."""

    exit_code = ExitCode.UNUSABLE_INPUT


class RefusedError(OpsError):
    """A check, or the person who was asked, said no. Nothing was changed."""

    exit_code = ExitCode.REFUSED


class UnreachableError(OpsError):
    """AWS does not answer, or not to these credentials."""

    exit_code = ExitCode.UNREACHABLE


class UnhealthyError(OpsError):
    """The system is not as it should be; only raised where a check was asked for."""

    exit_code = ExitCode.UNHEALTHY


class RolledBackError(OpsError):
    """A release was taken back; the system is as it was before it."""

    exit_code = ExitCode.ROLLED_BACK


class MigrationFailedError(OpsError):
    """The command that prepares the database for a release failed; what serves is as it was."""

    exit_code = ExitCode.MIGRATION_FAILED


class BrokenError(OpsError):
    """A check could not be made, because a tool of its own failed: nothing is known about what was checked."""

    exit_code = ExitCode.BROKEN


class CancelledError(OpsError):
    """The person pressed Ctrl-C while something was going on in AWS."""

    exit_code = ExitCode.CANCELLED


def refuse(reasons: tuple[str, ...]) -> None:
    """Raise what stands in the way, if anything does."""
    if reasons:
        raise RefusedError(*reasons)
