"""Containers without an engine: sample services on loopback in place of any image."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.faults import Faults, Kind
from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer, json_response
from embedded_aws.core.request_guard import refusal_reason, refusal_text
from embedded_aws.database.gateway import authority
from embedded_aws.ecs.container_request import (
    KILLED,
    SECONDS_TO_END_REQUESTS,
    ContainerRequest,
    LogBuffer,
    TaskContainer,
)
from embedded_aws.ecs.init_containers import InitContainers
from embedded_aws.ecs.network import TaskNetwork
from embedded_aws.ecs.sample_command import SampleCommand
from embedded_aws.load_balancer.targets import TargetBoard

_ROWS_QUERY = "SELECT count(*) FROM visits"
_VISIT = (
    "CREATE TABLE IF NOT EXISTS visits (id serial PRIMARY KEY, path text NOT NULL, at timestamptz DEFAULT now())",
    "INSERT INTO visits (path) VALUES (%s)",
)


@dataclass(kw_only=True)
class SampleService:
    """The sample service of a running task.

    ``GET`` on any path answers with image, task and the number of rows in the table ``visits``; ``POST`` adds a row
    first, and the answer also contains the request, as the image before the first release does: so a client of the API
    finds its input there. Health checks get 200. Each request except health checks writes a line to the log.
    """

    image: str  # the image that it replaces
    task_id: str  # last part of the task's ARN
    environment: Mapping[str, str]  # the container's variables, of which ``DATABASE_URL`` is used
    # File with the certificate authorities for the database's certificate; None for libpq's default.
    certificates: Path | None
    write_line: Callable[[str], None]  # receives a line of the log
    faulty: Callable[[Kind], bool]  # whether a kind of fault is injected for the image
    _port: int = 0
    _database: psycopg.AsyncConnection[tuple[int]] | None = None
    _database_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._database_url = self.environment.get("DATABASE_URL")
        self._tls = {"sslrootcert": str(self.certificates)} if self.certificates else {}
        self._server = HttpServer(self._answer)

    async def start(self) -> int:
        """Start to serve on a free port; return the port."""
        self._port = port = await self._server.start()
        database = "with a database" if self._database_url else "without a database"
        self.write_line(f"started {self.image} as task {self.task_id}, {database}")
        return port

    async def stop(self) -> None:
        """End after the running requests."""
        await self._server.stop()
        if self._database is not None:
            await self._database.close()
        self.write_line("received SIGTERM, stopped after the last request")

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        # A browser that requests this port directly has it in Host, and its page cannot change that; requests through a
        # load balancer have the Host of its client.
        direct = any(name.lower() == "host" and value.endswith(f":{self._port}") for name, value in request.headers)
        if direct and (reason := refusal_reason(request.headers, port=self._port)):
            return HttpResponse(status=403, body=refusal_text(reason).encode())
        if request.is_health_check or request.path.endswith("/health"):
            unhealthy = self.faulty("never_healthy")
            return json_response(503 if unhealthy else 200, {"status": "unavailable" if unhealthy else "ok"})
        started = time.perf_counter()
        status, content = await self._content(request)
        elapsed = (time.perf_counter() - started) * 1000
        self.write_line(f"{request.method} {request.target} {status} {elapsed:.1f} ms")
        return json_response(status, content)

    async def _content(self, request: HttpRequest) -> tuple[int, dict[str, str | int]]:
        content: dict[str, str | int] = {"image": self.image, "task": self.task_id, "path": request.path}
        if request.body:
            content["body"] = request.body.decode(errors="replace")
        if self.faulty("answers_500"):
            return 500, content | {"error": "a fault was injected for this image"}
        if self._database_url is None:
            return 200, content | {"rows": "n/a"}
        try:
            return 200, content | {"rows": await self._rows(self._database_url, request)}
        except psycopg.Error as error:
            return 500, content | {"error": str(error).strip()}

    async def _rows(self, url: str, request: HttpRequest) -> int:
        async with self._database_lock:
            if self._database is None or self._database.closed:
                self._database = await psycopg.AsyncConnection.connect(
                    make_conninfo(url, connect_timeout=60, **self._tls), autocommit=True
                )
            if request.method == "POST":
                await self._database.execute(_VISIT[0])
                await self._database.execute(_VISIT[1], [request.path])
            try:
                cursor = await self._database.execute(_ROWS_QUERY)
            except psycopg.errors.UndefinedTable:
                return 0
            row = await cursor.fetchone()
            return row[0] if row else 0


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
        """Start a sample container. Raises DependencyError: a container that it waits for has failed."""
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
        environment = {**request.environment, **found}
        container.exit_code, output = self.init_containers.run(request.task_arn, request.container, environment)
        for line in output.splitlines():
            container.write_line(line)
        container.log.end()
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
