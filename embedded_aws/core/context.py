"""The server's interface for its extensions."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from embedded_aws.containers.engine import Engine
from embedded_aws.core.faults import Faults
from embedded_aws.core.json_value import JsonValue

__all__ = ["Containers", "JsonValue", "ServerContext", "Store"]


class ServerError(Exception):
    """The server cannot start; the message gives the reason and the remedy."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """State of one extension: functions that read it for saving and that restore it."""

    name: str
    get: Callable[[], JsonValue]
    set: Callable[[JsonValue], None]


class Keeper(Protocol):
    """Saves the state of all services."""

    def changed(self) -> None:
        """Note that the state may have changed, and that the next answer may show it."""

    def is_saved(self) -> bool:
        """Report whether `commit` would have nothing to save and no other save to wait for."""

    def commit(self, *, logs: bool = False) -> None:
        """Save what may have changed since the last save."""


@dataclass(frozen=True, kw_only=True)
class Containers:
    """Whether the server runs containers, and by which engine."""

    engine: Engine | None = None  # None where sample services run instead
    required: bool = False  # whether the server must not start without an engine
    reason: str = "none was asked for"  # why there is no engine


# Returns the loopback port of the TLS listener for a host and port, and its certificates' ARNs; None: no listener.
TlsListener = Callable[[str, int], tuple[int, list[str]] | None]


@dataclass(frozen=True, kw_only=True)
class ServerContext:
    """A running embedded AWS."""

    port: int
    state_folder: Path
    region: str
    account: str
    edge_port: int = 0  # the loopback port of the first CloudFront distribution
    # Emulated seconds in each real second: with 60, a wait of five minutes takes five seconds.
    clock_factor: float = 1.0
    # Whether CloudFormation takes, by that clock, the time for each resource that is typical on AWS.
    typical_durations: bool = False
    faults: Faults = field(default_factory=Faults, repr=False)  # the injected faults
    containers: Containers = field(default_factory=Containers, repr=False)  # of tasks
    start_callbacks: list[Callable[[], None]] = field(default_factory=list, repr=False)
    stop_callbacks: list[Callable[[], None]] = field(default_factory=list, repr=False)
    stores: list[Store] = field(default_factory=list, repr=False)
    keepers: list[Keeper] = field(default_factory=list, repr=False)  # one, after the saved state is loaded
    # Environment variables that Lambda functions need on this machine only, in addition to AWS's own.
    function_variables: dict[str, str] = field(default_factory=dict, repr=False)
    tls_listeners: list[TlsListener] = field(default_factory=list, repr=False)

    @property
    def endpoint(self) -> str:
        """The URL that clients on this machine use."""
        return f"http://127.0.0.1:{self.port}"

    def scope(self) -> AbstractContextManager[None]:
        """Access the emulator's stores of this account and region within the context."""
        from embedded_aws.core import emulator  # it reads the environment when it is imported

        return emulator.scope(self.account, self.region)

    @property
    def temporary_folder(self) -> Path:
        """The folder of files that need not survive a restart; the server empties it when it starts."""
        return self.state_folder / "tmp"

    def on_start(self, callback: Callable[[], None]) -> None:
        """Call a function when all saved state is loaded, before the first request is answered."""
        self.start_callbacks.append(callback)

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call a function when the server ends; the function that was registered last is called first."""
        self.stop_callbacks.append(callback)

    def persist(self, name: str, get: Callable[[], JsonValue], set: Callable[[JsonValue], None]) -> None:  # noqa: A002
        """Save an extension's state in ``<state folder>/services/<name>.json`` and restore it at the next start.

        ``get`` is called from another thread every few seconds, so it must return a copy that is never changed.
        Raises ValueError: another extension uses this name.
        """
        if any(store.name == name for store in self.stores):
            raise ValueError(f"two extensions save state under the name {name!r}")
        self.stores.append(Store(name=name, get=get, set=set))

    def changed(self) -> None:
        """Note a change that no request made, so that it is saved before an answer contains it."""
        for keeper in self.keepers:
            keeper.changed()

    def commit(self) -> None:
        """Save now, because the next step destroys something that the previously saved state needs."""
        self.changed()
        for keeper in self.keepers:
            keeper.commit()
