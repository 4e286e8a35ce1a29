"""Which drift the configuration expects, and which of its entries no longer apply."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from installation.settings.expected_drift import ExpectedDrift
from ops.errors import UnusableInputError


@dataclass(frozen=True, kw_only=True)
class Expectations:
    """The entries that apply today, and those that have ended."""

    counting: tuple[ExpectedDrift, ...] = ()  # entries that can explain a difference
    # Entries that ended before today, so that their difference is unexpected again.
    expired: tuple[ExpectedDrift, ...] = ()

    @classmethod
    def on(cls, day: date, entries: Iterable[ExpectedDrift]) -> "Expectations":
        """Sort the configuration's entries by whether they have ended."""
        listed = tuple(entries)
        return cls(
            counting=tuple(one for one in listed if one.until >= day),
            expired=tuple(one for one in listed if one.until < day),
        )

    def reason(self, stack: str, resource: str, path: str) -> str:
        """Why a difference is expected; empty if it is not."""
        return next((one.reason for one in self.counting if one.covers(stack, resource, path)), "")

    def check(self, resources: Mapping[str, Iterable[str]]) -> None:
        """Refuse entries about resources that a stack does not have.

        Args:
            resources: names of the resources, by the stack that has them; entries about other stacks are not checked.

        Raises:
            UnusableInputError: there are such entries.
        """
        entries = (*self.counting, *self.expired)
        unknown = [
            f"{one.stack} has no resource {one.resource}"
            for one in entries
            if one.stack in resources and one.resource not in set(resources[one.stack])
        ]
        if unknown:
            raise UnusableInputError(
                f"`expected_drift` names what is not there: {'; '.join(unknown)}",
                "Write the resource's name in the template, as `hannibal drift` prints it, or take the entry out.",
            )
