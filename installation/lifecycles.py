"""Which stacks outlive the month. Settings decide it for one of them."""

from dataclasses import dataclass
from typing import Final, get_args

from installation import names


@dataclass(frozen=True, kw_only=True)
class Lifecycles:
    """The stacks of one installation, by how long they live."""

    # Whether the origin has a name that stays, so that EdgeStack depends on nothing that is destroyed.
    edge_outlives_the_month: bool

    @property
    def persistent(self) -> tuple[str, ...]:
        """Those that outlive the month, in the order in which they are deployed."""
        more = (names.EDGE_STACK,) if self.edge_outlives_the_month else ()
        return names.PERSISTENT_STACKS + more

    @property
    def ephemeral(self) -> tuple[str, ...]:
        """Those of a month, in the order in which they are deployed; the reverse is that of their end."""
        return tuple(name for name in names.EPHEMERAL_STACKS if name not in self.persistent)

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, in the order in which they are deployed."""
        return self.persistent + self.ephemeral

    def of(self, stack: str) -> names.Lifecycle:
        """The lifecycle of one of them."""
        return "persistent" if stack in self.persistent else "ephemeral"


def from_tag(value: object) -> names.Lifecycle | None:
    """What the tag ``Lifecycle`` says; None where it says nothing."""
    return next((it for it in get_args(names.Lifecycle) if it == value), None)


# Of an installation that nothing is known of.
BY_NAME: Final = Lifecycles(edge_outlives_the_month=False)
