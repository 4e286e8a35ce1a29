"""What the server tells its extensions, and what they may ask of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from embedded_aws.containers.engine import Engine
from embedded_aws.core.faults import Faults
from embedded_aws.core.json_value import JsonValue

__all__ = ["Containers", "JsonValue", "ServerContext", "Store"]


@dataclass(frozen=True, kw_only=True)
class Store:
    """State of one extension: how it is read for saving, and how it is put back."""

    name: str
    get: Callable[[], JsonValue]
    set: Callable[[JsonValue], None]


class Keeper(Protocol):
    """What saves the state of all services."""

    def changed(self) -> None:
        """Say that something may have changed that a caller may be told next."""

    def is_saved(self) -> bool:
        """Say whether `commit` would have nothing to do, and nothing to wait for."""

    def commit(self, *, logs: bool = False) -> None:
        """Save what may have changed since the last save."""


@dataclass(frozen=True, kw_only=True)
class Containers:
    """Whether the server runs containers, and by which engine."""

    engine: Engine | None = None  # None where sample services stand for them
    required: bool = False  # whether the server shall not start without it
    reason: str = "none was asked for"  # why there is none


# Gives the loopback port of what speaks TLS at a host and port, and the ARNs of its certificates; None: nothing does.
TlsListener = Callable[[str, int], tuple[int, list[str]] | None]


@dataclass(frozen=True, kw_only=True)
class ServerContext:
    """One running embedded AWS."""

    port: int
    state_folder: Path
    region: str
    account: str
    edge_port: int = 0  # the loopback port of the first CloudFront distribution
    # How many seconds pass in the emulated services for each second of life: 60 lets a five-minute wait end after five.
    clock_factor: float = 1.0
    # Whether CloudFormation takes as long for each resource as is typical on AWS, by that clock.
    typical_durations: bool = False
    faults: Faults = field(default_factory=Faults, repr=False)  # what goes wrong on purpose
    containers: Containers = field(default_factory=Containers, repr=False)  # of tasks
    start_callbacks: list[Callable[[], None]] = field(default_factory=list, repr=False)
    stop_callbacks: list[Callable[[], None]] = field(default_factory=list, repr=False)
    stores: list[Store] = field(default_factory=list, repr=False)
    keepers: list[Keeper] = field(default_factory=list, repr=False)
    # What Lambda functions are given besides AWS's own variables, for what only this machine needs.
    function_variables: dict[str, str] = field(default_factory=dict, repr=False)
    tls_listeners: list[TlsListener] = field(default_factory=list, repr=False)

    @property
    def endpoint(self) -> str:
        """The URL that clients on this machine use."""
        return f"http://127.0.0.1:{self.port}"

    def scope(self) -> AbstractContextManager[None]:
        """Read and write the emulator's stores of this account and region."""
        from embedded_aws.core import emulator  # it reads the environment when it is imported

        return emulator.scope(self.account, self.region)

    @property
    def temporary_folder(self) -> Path:
        """Where files belong that need not survive a restart; the server empties it when it starts."""
        return self.state_folder / "tmp"

    def on_start(self, callback: Callable[[], None]) -> None:
        """Have something done once all saved state is back and before the first request is answered."""
        self.start_callbacks.append(callback)

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Have something done when the server ends; what was registered last ends first."""
        self.stop_callbacks.append(callback)

    def persist(self, name: str, get: Callable[[], JsonValue], set: Callable[[JsonValue], None]) -> None:  # noqa: A002
        """Save an extension's state in ``<state folder>/services/<name>.json`` and give it back at the next start.

        ``get`` is called from another thread every few seconds, so it returns a copy that nothing changes any more.

        Raises:
            ValueError: another extension saves under this name.
        """
        if any(store.name == name for store in self.stores):
            raise ValueError(f"two extensions save state under the name {name!r}")
        self.stores.append(Store(name=name, get=get, set=set))

    def keep_state(self, keeper: Keeper) -> None:
        """Say who saves, once the saved state is back."""
        self.keepers.append(keeper)

    def changed(self) -> None:
        """Say that something has changed without a request, so that it is saved before anybody is told of it."""
        for keeper in self.keepers:
            keeper.changed()

    def commit(self) -> None:
        """Save now: what follows destroys something that the state of before still needs."""
        self.changed()
        for keeper in self.keepers:
            keeper.commit()
