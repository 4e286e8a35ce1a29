"""Which stacks outlive the month. Settings decide that for EdgeStack."""

from dataclasses import dataclass
from typing import Final, get_args

from installation import names


@dataclass(frozen=True, kw_only=True)
class Lifecycles:
    """The stacks of one installation by lifecycle."""

    # Whether the origin has a permanent name, so that EdgeStack depends on nothing that is destroyed.
    edge_outlives_the_month: bool

    @property
    def persistent(self) -> tuple[str, ...]:
        """The stacks that outlive the month, in the order of deployment."""
        more = (names.EDGE_STACK,) if self.edge_outlives_the_month else ()
        return names.PERSISTENT_STACKS + more

    @property
    def ephemeral(self) -> tuple[str, ...]:
        """The stacks of a month, in the order of deployment; they are destroyed in the reverse order."""
        return tuple(name for name in names.EPHEMERAL_STACKS if name not in self.persistent)

    @property
    def all(self) -> tuple[str, ...]:
        """All stacks, in the order of deployment."""
        return self.persistent + self.ephemeral

    def of(self, stack: str) -> names.Lifecycle:
        """The lifecycle of a stack."""
        return "persistent" if stack in self.persistent else "ephemeral"


def from_tag(value: object) -> names.Lifecycle | None:
    """The lifecycle by the value of the tag ``Lifecycle``; None for another value."""
    return next((it for it in get_args(names.Lifecycle) if it == value), None)


BY_NAME: Final = Lifecycles(edge_outlives_the_month=False)  # Of an installation whose settings are not known
