"""The running databases: for each instance a server and its port."""

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from psycopg.sql import SQL, Identifier, Literal

from embedded_aws.core.background import BackgroundLoop
from embedded_aws.database.gateway import Gateway, bind
from embedded_aws.database.postgres import Postgres
from embedded_aws.database.recovery import LOG_KEPT, keep_copy

# The rights of a master user, who is no superuser (Amazon RDS user guide, "rds_superuser role").
_ROLES = ("pg_monitor", "pg_signal_backend", "pg_checkpoint", "pg_maintain")


@dataclass(frozen=True, kw_only=True)
class MasterUser:
    """The master user of a new instance, and its database besides ``postgres``."""

    name: str
    password: str
    database: str = ""


class Database:
    """The server of an instance, with its port."""

    def __init__(self, folder: Path, *, loop: BackgroundLoop, tls: Callable[[], ssl.SSLContext]) -> None:
        """Take the folder of its data, and the loop and certificate that all databases share."""
        self.postgres = Postgres(folder)
        self._loop = loop
        self._tls = tls
        self._gateway: Gateway | None = None

    @property
    def connections(self) -> int:
        """The number of connected clients."""
        return self._gateway.connections if self._gateway is not None else 0

    def create(self, user: MasterUser, settings: Mapping[str, str]) -> None:
        """Create a database with its master user and start it. Raises PostgresError: it fails with these settings."""
        self.postgres.initialize()
        self._start_server(settings)
        master = Identifier(user.name)
        roles = SQL(", ").join(Identifier(role) for role in _ROLES)
        self.postgres.execute(
            SQL("CREATE ROLE rds_superuser NOLOGIN"),
            SQL("GRANT {} TO rds_superuser WITH ADMIN OPTION").format(roles),
            SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(master, Literal(user.password)),
            SQL("GRANT rds_superuser TO {} WITH ADMIN OPTION").format(master),
            SQL("ALTER DATABASE postgres OWNER TO {}").format(master),
        )
        if user.database not in ("", "postgres"):
            self.postgres.execute(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(user.database), master))

    def start(self, settings: Mapping[str, str], *, require_tls: bool, ports: Iterable[int]) -> int:
        """Start the server unless it runs, accept clients at one of the ports, and return it.

        Raises PostgresError: it does not start with these settings. Raises PortTakenError: others use the ports.
        """
        if not self.postgres.running:
            self._start_server(settings)
        gateway = self._gateway or Gateway(bind(ports), server=self.postgres.socket, tls=self._tls())
        gateway.require_tls = require_tls
        if self._gateway is None:
            gateway.open(self._loop)
            self._gateway = gateway
        return gateway.port

    def _start_server(self, settings: Mapping[str, str]) -> None:
        keep_copy(self.postgres)
        self.postgres.configure(dict(settings) | LOG_KEPT)
        self.postgres.start()

    def apply(self, settings: Mapping[str, str], *, require_tls: bool) -> None:
        """Apply the settings that can be changed while the server runs."""
        if self._gateway is not None:
            self._gateway.require_tls = require_tls
        if self.postgres.running:
            self.postgres.configure(dict(settings) | LOG_KEPT)
            self.postgres.reload()

    def set_password(self, user: str, password: str) -> None:
        """Change the master user's password. Raises PostgresError: the server does not run."""
        self.postgres.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(user), Literal(password)))

    def stop(self, *, keep_port: bool = False) -> None:
        """Disconnect the clients and end the server; ``keep_port`` keeps the port from others during a restart."""
        if self._gateway is not None and keep_port:
            self._gateway.disconnect(self._loop)
        elif self._gateway is not None:
            self._gateway.close(self._loop)
            self._gateway = None
        self.postgres.stop()


class DatabaseServers:
    """All databases of an embedded AWS, by the permanent id of each instance (``DbiResourceId``)."""

    def __init__(self, folder: Path, *, tls: Callable[[], ssl.SSLContext]) -> None:
        """Take the folder for all data, and a function that returns the TLS context of all databases."""
        self._folder = folder
        self._tls = tls
        self._loop = BackgroundLoop()
        self._databases: dict[str, Database] = {}
        self._started = False

    def start(self) -> None:
        """Start to forward connections."""
        self._loop.start()
        self._started = True

    def database(self, resource_id: str) -> Database:
        """The database of an instance, which may have no data yet."""
        # Atomic, because several threads may request a new one.
        return self._databases.setdefault(
            resource_id, Database(self._folder / resource_id, loop=self._loop, tls=self._tls)
        )

    def delete(self, resource_id: str) -> None:
        """End a database and remove its data."""
        database = self.database(resource_id)
        database.stop()
        database.postgres.delete()
        del self._databases[resource_id]

    def stop(self) -> None:
        """End all databases; their data stays."""
        for database in list(self._databases.values()):
            database.stop()
        if self._started:
            self._loop.stop()
