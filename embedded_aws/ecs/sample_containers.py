"""Containers without an engine: sample services on loopback in place of any image."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.faults import Faults
from embedded_aws.database.certificates import authority
from embedded_aws.ecs.container_request import KILLED, SECONDS_TO_END_REQUESTS, ContainerRequest, TaskContainer
from embedded_aws.ecs.containers.log_buffer import LogBuffer
from embedded_aws.ecs.init_containers import InitContainers
from embedded_aws.ecs.network import TaskNetwork
from embedded_aws.ecs.sample_command import SampleCommand
from embedded_aws.ecs.sample_service import SampleService
from embedded_aws.load_balancer.targets import TargetBoard


@dataclass(eq=False)
class SampleContainer(TaskContainer):
    """A container that is a sample service or a simulated command."""

    id: str
    image: str
    task_arn: str
    name: str
    end: Callable[["SampleContainer"], None]
    address: str = ""
    exit_code: int | None = None
    exited: Callable[[], None] = lambda: None
    log: LogBuffer = field(default_factory=lambda: LogBuffer(None))

    @property
    def attrs(self) -> dict[str, Any]:
        """The part of ``docker inspect`` with the address."""
        return {"NetworkSettings": {"Networks": {"vpc": {"IPAddress": self.address}}}}

    def exit_with(self, code: int) -> None:
        """End it now, as if by itself with this exit code."""
        self.exit_code = code
        self.exited()

    @property
    def out_of_memory(self) -> bool:
        """Whether it simulates a container that used too much memory: nothing else kills it."""
        return self.exit_code == KILLED

    def stop(self, **_options: Any) -> None:
        """End after the running requests."""
        self.end(self)


@dataclass(kw_only=True)
class SampleContainers:
    """Starts and ends sample services."""

    loop: BackgroundLoop
    network: TaskNetwork
    board: TargetBoard
    faults: Faults
    init_containers: InitContainers
    on_exit: Callable[[str], None] = lambda _: None
    _running: dict[str, tuple[SampleContainer, SampleService | SampleCommand | None]] = field(default_factory=dict)

    def all_containers(self) -> list[SampleContainer]:
        """The containers that have not ended, and those whose task has not ended."""
        return [container for container, _ in list(self._running.values())]

    def run(self, request: ContainerRequest) -> SampleContainer:
        """Start a sample container.

        Raises:
            DependencyError: a container that it waits for has failed.
        """
        container = SampleContainer(
            secrets.token_hex(32), str(request.container["image"]), request.task_arn, name=request.name, end=self._end
        )
        container.exited = lambda: self.on_exit(request.task_arn)
        if request.is_init_container:
            return self._run_to_its_end(container, request)
        self.init_containers.run_before(request.task_arn, request.container, request.definition["containerDefinitions"])
        if request.one_off_command is not None:
            return self._run_command(container, request, request.one_off_command)
        return self._serve(container, request)

    def _run_to_its_end(self, container: SampleContainer, request: ContainerRequest) -> SampleContainer:
        certificates = self._certificates(request)
        found = {"PGSSLROOTCERT": str(certificates)} if certificates else {}
        ended = self.init_containers.run(request.task_arn, request.container, {**request.environment, **found})
        for line in ended.output.splitlines():
            container.write_line(line)
        container.log.end()
        container.exit_code = ended.exit_code
        self._running[container.id] = (container, None)
        return container

    def _run_command(
        self, container: SampleContainer, request: ContainerRequest, words: Sequence[str]
    ) -> SampleContainer:
        command = SampleCommand(
            command=words,
            environment=request.environment,
            certificates=self._certificates(request),
            write_line=container.write_line,
            ended=container.exit_with,
        )
        container.address = self.network.attach(request.subnet, lambda _: 0)
        self._running[container.id] = (container, command)
        command.start()
        return container

    def _serve(self, container: SampleContainer, request: ContainerRequest) -> SampleContainer:
        service = SampleService(
            image=container.image,
            task_id=request.task_arn.rpartition("/")[2],
            environment=request.environment,
            certificates=self._certificates(request),
            write_line=container.write_line,
            faulty=lambda kind: self.faults.find(kind, container.image) is not None,
        )
        port = self.loop.run(service.start())
        container.address = self.network.attach(request.subnet, lambda _: port)
        self._running[container.id] = (container, service)
        return container

    def _certificates(self, request: ContainerRequest) -> Path | None:
        """The file of certificate authorities for libpq: in a volume, or the substitute for a file in the image."""
        named = request.environment.get("PGSSLROOTCERT")
        if not named:
            return None
        volumes = self.init_containers.volumes
        found = volumes.path(request.task_arn, request.container, named)
        if found is None:
            found = volumes.image_file(request.task_arn, "database-certificates")
            found.write_text(authority() + "\n")
        return found

    def end_task(self, task_arn: str) -> None:
        """End the containers of a task."""
        for container in self.all_containers():
            if container.task_arn == task_arn:
                self._end(container)

    def _end(self, container: SampleContainer) -> None:
        running = self._running.pop(container.id, None)
        if running is None:
            return
        if isinstance(running[1], SampleCommand):
            running[1].stop()
            self.network.detach(container.address)
        elif running[1] is not None:
            self.board.wait_until_idle(container.address, timeout_seconds=SECONDS_TO_END_REQUESTS)
            self.loop.run(running[1].stop())
            self.network.detach(container.address)
        if container.exit_code is None:
            container.exit_code = 0
        container.log.end()
        if not any(other.task_arn == container.task_arn for other in self.all_containers()):
            self.init_containers.end(container.task_arn)
