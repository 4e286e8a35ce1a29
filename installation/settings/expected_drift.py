"""Drift that is expected: what CloudFormation compares wrongly, or what the installation's operators leave as it is."""

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from installation import names
from installation.settings.section import Section


class ExpectedDrift(Section):
    """One property that differs from its template, and the reason why that is left as it is."""

    stack: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,63}$")
    """Stack of the resource, such as ComputeStack."""
    resource: str = Field(pattern=r"^[A-Za-z0-9]{1,255}$")
    """The resource's name in the template, as `hannibal drift` prints it."""
    path: str = Field(pattern=r"^/[^*]+$")
    """The property, as `hannibal drift` prints it; properties below it are included. A deleted resource cannot be
    expected."""
    reason: str = Field(min_length=10)
    """Why the difference stays, for a reader in a year; with the address of the bug report, if AWS has one."""
    until: date
    """The last day on which it is expected, such as 2027-05-31: AWS corrects wrong comparisons one day."""

    def _check_stack(self) -> Iterator[str]:
        if self.stack not in names.ALL_STACKS:
            yield f"stack: {self.stack} is none of {', '.join(names.ALL_STACKS)}"

    def covers(self, stack: str, resource: str, path: str) -> bool:
        """Whether a difference is meant."""
        is_covered = path == self.path or path.startswith(f"{self.path}/")
        return (stack, resource) == (self.stack, self.resource) and is_covered

    @property
    def place(self) -> str:
        """Where it is, in one line."""
        return f"{self.stack} {self.resource} {self.path}"
