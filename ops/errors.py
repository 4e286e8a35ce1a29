"""Errors that a person can act upon, and exit codes. Whatever else is raised is a bug and keeps its traceback."""

from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit code of a command. Scripts and workflows rely on them; this is the only place."""

    DONE = 0
    FAILED = 1
    UNUSABLE_INPUT = 2
    REFUSED = 3
    UNREACHABLE = 4
    UNHEALTHY = 5
    ROLLED_BACK = 6
    MIGRATION_FAILED = 7
    BROKEN = 8
    CANCELLED = 130
    READER_LEFT = 141

    @property
    def meaning(self) -> str:
        """One line for the help page."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.DONE: "done, or nothing to do",
    ExitCode.FAILED: "AWS or the CDK could not finish it; the first cause is printed",
    ExitCode.UNUSABLE_INPUT: "an option, an environment or a configuration file cannot be used",
    ExitCode.REFUSED: "a check or a person said no; nothing was changed",
    ExitCode.UNREACHABLE: "AWS cannot be reached, or does not accept the credentials",
    ExitCode.UNHEALTHY: "`--check`, `doctor`, `drift`, an exercise, `alarms test`, `local status`: something is wrong",
    ExitCode.ROLLED_BACK: "a release was rolled back; what ran before runs again",
    ExitCode.MIGRATION_FAILED: "`release.migrate` failed before a release; nothing was shifted",
    ExitCode.BROKEN: "`review` could not judge: a tool of its own failed; this says nothing about the change",
    ExitCode.CANCELLED: "Ctrl-C; what AWS has begun goes on by itself",
    ExitCode.READER_LEFT: "the program that read the output has ended, such as `head`; as after SIGPIPE",
}


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
        self.environment = ""  # that the command worked with; empty where it worked with none


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
    """A release was rolled back; the system is as it was before it."""

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


def refuse(reasons: Iterable[str]) -> None:
    """Raise what stands in the way, if anything does."""
    if found := tuple(reasons):
        raise RefusedError(*found)
