"""Errors that a user can act upon, and exit codes. Any other exception is a bug and keeps its traceback."""

from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar, Final


class ExitCode(IntEnum):
    """Exit code of a command. Scripts and workflows rely on them; they are defined only here."""

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


# One line each for the help page.
MEANINGS: Final = {
    ExitCode.DONE: "done, or nothing to do",
    ExitCode.FAILED: "AWS or the CDK could not finish it; the first cause is printed",
    ExitCode.UNUSABLE_INPUT: "an option, an environment or a configuration file cannot be used",
    ExitCode.REFUSED: "a check failed, or the user declined; nothing was changed",
    ExitCode.UNREACHABLE: "AWS cannot be reached, or does not accept the credentials, or lets `doctor` read nothing",
    ExitCode.UNHEALTHY: "`--check`, `doctor`, `drift`, an exercise, `alarms test`, `local status`: something is wrong",
    ExitCode.ROLLED_BACK: "a release was rolled back; what ran before runs again",
    ExitCode.MIGRATION_FAILED: "`release.migrate` failed before a release; nothing was shifted",
    ExitCode.BROKEN: "`review` could not judge: a tool of its own failed; this says nothing about the change",
    ExitCode.CANCELLED: "Ctrl-C; what AWS has begun continues",
    ExitCode.READER_LEFT: "the program that read the output has ended, such as `head`; as after SIGPIPE",
}


class OpsError(Exception):
    """Ends a command with a message and an exit code, without a traceback.

    Args:
        problem: what is wrong, in one line.
        *advice: what to do, one step per line; commands are complete, ready to copy.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, problem: str, *advice: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.environment = ""  # the command's environment; empty if it has none


class FailedError(OpsError):
    """The operation began and could not be finished."""


class UnusableInputError(OpsError):
    """The user's input cannot be used."""

    exit_code = ExitCode.UNUSABLE_INPUT


class RefusedError(OpsError):
    """A check or the user's answer refused the operation. Nothing was changed."""

    exit_code = ExitCode.REFUSED


class UnreachableError(OpsError):
    """AWS does not answer, or refuses these credentials."""

    exit_code = ExitCode.UNREACHABLE


class UnhealthyError(OpsError):
    """The system is not healthy; raised only by commands that check."""

    exit_code = ExitCode.UNHEALTHY


class RolledBackError(OpsError):
    """A release was rolled back; the system is as before the release."""

    exit_code = ExitCode.ROLLED_BACK


class MigrationFailedError(OpsError):
    """The migration of a release failed; the running service has not changed."""

    exit_code = ExitCode.MIGRATION_FAILED


class BrokenError(OpsError):
    """A check could not be made, because a tool of its own failed: its result is unknown."""

    exit_code = ExitCode.BROKEN


class CancelledError(OpsError):
    """The user pressed Ctrl-C during an operation in AWS."""

    exit_code = ExitCode.CANCELLED


def refuse(reasons: Iterable[str]) -> None:
    """Raise a `RefusedError` if there are reasons."""
    if found := tuple(reasons):
        raise RefusedError(*found)
