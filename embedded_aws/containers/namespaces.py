"""The network of a task: a namespace that all of its containers share, as on Fargate.

A small container owns it. Ports of the task's containers are published only on 127.0.0.1. The containers reach outside
through sockets that are opened in the namespace and served by this process: the databases and the embedded AWS have the
same loopback addresses as outside, and 169.254.170.2 answers as ECS does.
"""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from embedded_aws.containers import machine_image, namespace_program
from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.containers.machine_image import MachineImage
from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer
from embedded_aws.core.request_guard import CONTAINERS_ADDRESS
from embedded_aws.core.socket_server import SocketServer, pass_on

METADATA_HOST = "169.254.170.2"  # where ECS answers a task (Amazon ECS developer guide, "Task metadata endpoint")
_METADATA_PORT = 80
_OTHER_PORTS = 3
_TAKEN = "address already in use"
_MODULES = ("array", "fcntl", "json", "signal", "socket", "struct")
_PROGRAM = "/embedded-aws/namespace_program.py"
_CHANNEL_FOLDER = "/embedded-aws/channel"
_CHANNEL = "socket"
_SECONDS_TO_OPEN = 120.0
_MOST_SOCKETS_A_MESSAGE = 253


def image() -> MachineImage:
    """The image of the container that owns a namespace: this machine's Python and one program."""
    interpreter, files = machine_image.python(_MODULES)
    return MachineImage(
        repository="localhost/hannibal-namespace",
        files=files | {_PROGRAM: Path(namespace_program.__file__)},
        instructions=(f'ENTRYPOINT ["{interpreter}", "-I", "-S", "{_PROGRAM}"]',),
    )


class Relay(SocketServer):
    """Forwards connections to a socket in a namespace to a port of loopback, from the containers' address."""

    def __init__(self, listener: socket.socket, *, port: int) -> None:
        super().__init__(listener)
        self._port = port

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(
            "127.0.0.1", self._port, local_addr=(CONTAINERS_ADDRESS, 0)
        )
        try:
            await asyncio.gather(_pass(reader, there_writer), _pass(there_reader, writer))
        finally:
            there_writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forward bytes and then the end of the stream; the other direction may continue."""
    await pass_on(reader, writer)
    with suppress(OSError):
        writer.write_eof()


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """One open namespace."""

    container: str  # id of the container that owns it; others join by ``--network container:…``
    ports: Mapping[int, int]  # loopback port for each published port of a container
    relays: tuple[Relay, ...]
    metadata: HttpServer


@dataclass
class Namespaces:
    """Opens and closes namespaces."""

    engine: Engine  # runs the containers
    loop: BackgroundLoop  # serves the sockets
    folder: Path = field(kw_only=True)  # for the Unix sockets that pass them on
    # Ports of this machine's loopback that have the same address inside.
    reachable: Iterable[int] = field(kw_only=True)
    _image: str = field(default="", init=False)

    def __post_init__(self) -> None:
        # A port of the embedded AWS may also be one of its databases' ports: open one socket for each.
        self._reachable = tuple(dict.fromkeys(self.reachable))

    def prepare(self, name: str, *, labels: Mapping[str, str]) -> None:
        """Make the image, and open and close a namespace of this name to check that everything works.

        Raises EngineError: the engine cannot run such a container; the message is the engine's.
        """
        self._image = machine_image.make(image(), self.engine)
        trial = self.open(name, labels=labels, ports=(1,), metadata=HttpServer(_nothing))
        self.close(trial)

    def open(self, name: str, *, labels: Mapping[str, str], ports: Iterable[int], metadata: HttpServer) -> Namespace:
        """Open a namespace with ports published on loopback; ``metadata`` answers at ``METADATA_HOST``.

        Raises EngineError: the engine does not start the container, or it ends at once.
        """
        places = [(METADATA_HOST, _METADATA_PORT), *(("127.0.0.1", port) for port in self._reachable)]
        channel = _Channel(self.folder / name)
        container = ""
        try:
            command = (*self._options(name, labels, ports, channel.folder), self._image)
            container = self._start(name, *command, json.dumps(places), f"{_CHANNEL_FOLDER}/{_CHANNEL}")
            listeners = channel.receive(len(places))
            self.loop.run(metadata.start_on(listeners[0]))
            relays = [Relay(one, port=port) for one, port in zip(listeners[1:], self._reachable, strict=True)]
            for relay in relays:
                relay.open(self.loop)
            return Namespace(
                container=container, ports=self._published(container), relays=tuple(relays), metadata=metadata
            )
        except OSError as error:
            said = self.engine.run("logs", container).stderr.decode(errors="replace").strip()
            self.engine.remove(container)
            raise EngineError(f"the network of the task could not be set up: {said or error}") from error
        finally:
            channel.close()

    def _start(self, name: str, *command: str) -> str:
        """Start the container; again where another program has taken a port that the engine had just chosen."""
        for _ in range(_OTHER_PORTS):
            try:
                return self.engine.call("run", *command)
            except EngineError as error:
                if _TAKEN not in str(error):
                    raise
                self.engine.remove(name)  # it was made, and not started
        return self.engine.call("run", *command)

    def _options(self, name: str, labels: Mapping[str, str], ports: Iterable[int], channel: Path) -> tuple[str, ...]:
        return (
            *("--detach", "--name", name, "--read-only", "--user", "0"),
            *("--cap-drop", "all", "--cap-add", "NET_ADMIN", "--cap-add", "NET_BIND_SERVICE"),
            # SELinux would not let the container connect to a socket of this process.
            *("--security-opt", "no-new-privileges", "--security-opt", "label=disable"),
            *("--volume", f"{channel}:{_CHANNEL_FOLDER}"),
            *(word for key, value in labels.items() for word in ("--label", f"{key}={value}")),
            *(word for port in ports for word in ("--publish", f"127.0.0.1::{port}")),
        )

    def _published(self, container: str) -> dict[int, int]:
        pairs = (line.partition(" -> ") for line in self.engine.call("port", container).splitlines())
        return {int(inside.partition("/")[0]): int(outside.rpartition(":")[2]) for inside, _, outside in pairs}

    def close(self, namespace: Namespace) -> None:
        """Remove the container and stop serving its namespace."""
        for relay in namespace.relays:
            relay.close(self.loop)
        self.loop.run(namespace.metadata.stop())
        self.engine.remove(namespace.container)


class _Channel:
    """A Unix socket in a folder of its own, through which a container passes sockets on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.settimeout(_SECONDS_TO_OPEN)
        number = os.open(folder, os.O_PATH)
        try:
            # The path of a Unix socket may have 108 characters, and the state folder's path may be long.
            self._listener.bind(f"/proc/self/fd/{number}/{_CHANNEL}")
        finally:
            os.close(number)
        self._listener.listen()
        # Root in the container may be another user outside; the parent folder keeps all other users out.
        folder.chmod(0o755)
        (folder / _CHANNEL).chmod(0o666)

    def receive(self, count: int) -> list[socket.socket]:
        """Wait for sockets. Raises OSError: some or all of them did not arrive in time."""
        sockets: list[socket.socket] = []
        peer, _ = self._listener.accept()
        with peer:
            peer.settimeout(_SECONDS_TO_OPEN)
            while len(sockets) < count:
                data, numbers, _, _ = socket.recv_fds(peer, 1, _MOST_SOCKETS_A_MESSAGE)
                if not data:
                    raise ConnectionError(f"{len(sockets)} of {count} sockets came")
                sockets += [socket.socket(fileno=number) for number in numbers]
        return sockets

    def close(self) -> None:
        """Remove the socket and its folder."""
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)


async def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)
