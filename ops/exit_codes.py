"""What the exit codes of every command mean. Scripts and workflows rely on them; this is the only place."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit code of a command."""

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
    ExitCode.UNHEALTHY: "`--check`, `doctor` or `drift` found something wrong",
    ExitCode.ROLLED_BACK: "a release was taken back; what ran before runs again",
    ExitCode.MIGRATION_FAILED: "`release.migrate` failed before a release; nothing was shifted",
    ExitCode.BROKEN: "`review` could not judge: a tool of its own failed; this says nothing about the change",
    ExitCode.CANCELLED: "Ctrl-C; what AWS has begun goes on by itself",
}
