"""The sample service in place of a container: it answers HTTP on loopback with its identity and database content."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from embedded_aws.core.faults import Kind
from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer, json_response
from embedded_aws.core.request_guard import refusal_reason, refusal_text

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
            return self._health()
        started = time.perf_counter()
        status, content = await self._content(request)
        elapsed = (time.perf_counter() - started) * 1000
        self.write_line(f"{request.method} {request.target} {status} {elapsed:.1f} ms")
        return json_response(status, content)

    def _health(self) -> HttpResponse:
        if self.faulty("never_healthy"):
            return json_response(503, {"status": "unavailable"})
        return json_response(200, {"status": "ok"})

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
