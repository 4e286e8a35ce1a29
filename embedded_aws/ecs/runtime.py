"""Containers without Docker: the emulator's Docker client, whose containers are sample services on loopback.

The emulator runs a task's whole life through a Docker client: it starts containers, asks for their address and state,
forwards their output to CloudWatch Logs and stops them. This client has exactly the calls that it makes.
"""

import queue
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.faults import Faults, Kind
from embedded_aws.database.authority import authority
from embedded_aws.ecs import emulator
from embedded_aws.ecs.images import CannotPullError, digest_of
from embedded_aws.ecs.init_containers import InitContainers
from embedded_aws.ecs.network import TaskNetwork
from embedded_aws.ecs.sample_service import SampleService
from embedded_aws.load_balancer.targets import TargetBoard

_TASK_LABEL = "com.amazonaws.ecs.task-arn"
# ECS waits 30 seconds between SIGTERM and SIGKILL; the requests of a rehearsal take far less.
_SECONDS_TO_END_REQUESTS = 10.0
_EXIT_CODES: dict[Kind, int] = {"exits": 1, "out_of_memory": 137}


class NoSuchContainerError(Exception):
    """No container has this id."""


@dataclass(eq=False)
class SampleContainer:
    """One container; the names of methods and attributes are Docker's."""

    id: str
    image: str
    task_arn: str
    address: str = ""
    exit_code: int | None = None
    end: Callable[["SampleContainer"], None] = lambda _: None
    _lines: "queue.SimpleQueue[str | None]" = field(default_factory=queue.SimpleQueue)

    @property
    def status(self) -> str:
        """Docker's word for the state."""
        return "running" if self.exit_code is None else "exited"

    @property
    def attrs(self) -> dict[str, Any]:
        """The part of ``docker inspect`` that holds the address."""
        return {"NetworkSettings": {"Networks": {"vpc": {"IPAddress": self.address}}}}

    def reload(self) -> None:
        """Do nothing: the state is always current."""

    def wait(self) -> dict[str, int | None]:
        """Give the exit code."""
        return {"StatusCode": self.exit_code}

    def write_line(self, line: str | None) -> None:
        """Add a line to the output; none ends it."""
        self._lines.put(line)

    def logs(self, **_options: Any) -> Iterator[bytes]:
        """Follow the output until the container ends."""
        while (line := self._lines.get()) is not None:
            yield line.encode()

    def stop(self, **_options: Any) -> None:
        """End after the running requests."""
        self.end(self)

    def remove(self, **_options: Any) -> None:
        """End at once if it still runs."""
        self.end(self)


class ContainerRuntime:
    """Starts and ends containers; is both the client and its collection ``containers``."""

    def __init__(
        self,
        *,
        loop: BackgroundLoop,
        network: TaskNetwork,
        board: TargetBoard,
        faults: Faults,
        init_containers: InitContainers,
    ) -> None:
        self._loop = loop
        self._init_containers = init_containers
        self._network = network
        self._board = board
        self._faults = faults
        self._running: dict[str, tuple[SampleContainer, SampleService | None]] = {}
        self._lock = threading.Lock()
        self.on_exit: Callable[[str], None] = lambda _: None

    @property
    def containers(self) -> "ContainerRuntime":
        """The collection, where Docker's client has it."""
        return self

    @property
    def images(self) -> "ImageCollection":
        """The images, where Docker's client has them."""
        return ImageCollection(self._faults)

    def get(self, container_id: str) -> SampleContainer:
        """Find a running container.

        Raises:
            NoSuchContainerError: there is none.
        """
        found = self._running.get(container_id)
        if found is None:
            raise NoSuchContainerError(container_id)
        return found[0]

    def list(self, **_options: Any) -> list[SampleContainer]:
        """List the running containers."""
        return [container for container, _ in list(self._running.values())]

    def run(
        self, image: str, *, environment: Mapping[str, str], labels: Mapping[str, str], **_options: Any
    ) -> SampleContainer:
        """Start a container.

        Raises:
            ministack.services.ecs._ImagePullError: its image cannot be pulled.
            DependencyError: a container that it waits for has failed.
        """
        definition, container_definition = _definitions(labels)
        requested = str(container_definition.get("image", image))
        try:
            digest_of(requested, self._faults)
        except CannotPullError as error:
            raise emulator.module._ImagePullError(str(error)) from error  # noqa: SLF001
        container = SampleContainer(secrets.token_hex(32), requested, labels[_TASK_LABEL], end=self._end)
        if _is_init_container(container_definition, definition):
            return self._run_to_its_end(container, container_definition)
        self._init_containers.run_before(container.task_arn, container_definition, definition)
        return self._serve(container, container_definition, environment)

    def _run_to_its_end(self, container: SampleContainer, definition: emulator.Record) -> SampleContainer:
        ended = self._init_containers.run(container.task_arn, definition)
        for line in ended.output.splitlines():
            container.write_line(line)
        container.write_line(None)
        container.exit_code = ended.exit_code
        with self._lock:
            self._running[container.id] = (container, None)
        return container

    def _serve(
        self, container: SampleContainer, definition: emulator.Record, environment: Mapping[str, str]
    ) -> SampleContainer:
        service = SampleService(
            image=container.image,
            task_id=container.task_arn.rpartition("/")[2],
            environment=environment,
            certificates=self._certificates(container.task_arn, definition, environment),
            write_line=container.write_line,
            faulty=lambda kind: self._faults.find(kind, container.image) is not None,
        )
        port = self._loop.run(service.start())
        container.address = self._network.attach(_subnet_of(container.task_arn), port)
        with self._lock:
            self._running[container.id] = (container, service)
        self._exit_if_ordered(container)
        return container

    def _certificates(self, task_arn: str, definition: emulator.Record, environment: Mapping[str, str]) -> Path | None:
        """The file that libpq would read in the container; one outside of volumes stands in the image."""
        named = environment.get("PGSSLROOTCERT")
        if not named:
            return None
        volumes = self._init_containers.volumes
        found = volumes.path(task_arn, definition, named)
        if found is None:
            found = volumes.image_file(task_arn, "database-certificates")
            found.write_text(authority() + "\n")
        return found

    def _exit_if_ordered(self, container: SampleContainer) -> None:
        for kind, code in _EXIT_CODES.items():
            if self._faults.find(kind, container.image):
                container.write_line(f"fatal: {kind} was ordered for this image")
                threading.Timer(0.2, self._exit, [container, code]).start()
                return

    def _exit(self, container: SampleContainer, code: int) -> None:
        container.exit_code = code
        self.on_exit(container.task_arn)

    def _end(self, container: SampleContainer) -> None:
        with self._lock:
            running = self._running.pop(container.id, None)
        if running is None:
            return
        self._board.wait_until_idle(container.address, timeout_seconds=_SECONDS_TO_END_REQUESTS)
        if running[1] is not None:
            self._loop.run(running[1].stop())
            self._network.detach(container.address)
        if container.exit_code is None:
            container.exit_code = 0
        container.write_line(None)
        if not any(other.task_arn == container.task_arn for other in self.list()):
            self._init_containers.end(container.task_arn)


class ImageCollection:
    """What the emulator asks of Docker about images."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def get_registry_data(self, image: str, **_options: Any) -> "Image":
        """Resolve an image to its digest.

        Raises:
            CannotPullError: the registry does not hold it.
        """
        return Image(digest_of(image, self._faults))

    def pull(self, image: str, **_options: Any) -> "Image":
        """Pull an image.

        Raises:
            CannotPullError: the registry does not hold it.
        """
        return Image(digest_of(image, self._faults))

    def get(self, image: str) -> "Image":
        """Find an image on this machine: there is what can be pulled.

        Raises:
            CannotPullError: it cannot.
        """
        return Image(digest_of(image, self._faults))


@dataclass(frozen=True)
class Image:
    """One image."""

    id: str

    def tag(self, *_arguments: Any, **_options: Any) -> bool:
        """Accept every further name."""
        return True


def _definitions(labels: Mapping[str, str]) -> tuple[list[emulator.Record], emulator.Record]:
    """The containers of a task definition, and the one that is meant.

    They name the image as it was registered: the emulator pins the digest of a rolling deployment.
    """
    family, revision = (labels[f"com.amazonaws.ecs.task-definition-{part}"] for part in ("family", "version"))
    found = emulator.find_task_definition(f"{family}:{revision}") or {}
    containers: list[emulator.Record] = found.get("containerDefinitions", [])
    name = labels["com.amazonaws.ecs.container-name"]
    return containers, next((one for one in containers if one["name"] == name), {})


def _is_init_container(definition: emulator.Record, others: list[emulator.Record]) -> bool:
    """Whether another container waits for this one's end."""
    return any(
        dependency["containerName"] == definition.get("name") and dependency["condition"] in ("SUCCESS", "COMPLETE")
        for other in others
        for dependency in other.get("dependsOn", [])
    )


def _subnet_of(task_arn: str) -> str | None:
    subnet: str | None = (emulator.tasks.get(task_arn) or {}).get("_subnet")
    return subnet
