"""Connects this machine to the database: a tunnel through a task of the service, for `psql` and other clients."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from installation.aws_facts import rds_certificates
from installation.names import DATABASE_URL_OUTPUT, STORAGE_STACK
from installation.names.persistent import TUNNEL_DOCUMENT
from ops.aws.clients import Aws
from ops.aws.errors import is_denied
from ops.aws.polling import Polling, wait_at_most
from ops.errors import FailedError, RefusedError, refuse
from ops.service.database_instances import no_database
from ops.service.database_status import read_database, unreachable_database_refusals
from ops.service.shell import ShellTarget, find_target, require_plugin, session_command
from ops.service.signals import call_at_terminal
from ops.stacks.state import read_output

_LOOPBACK = "127.0.0.1"
_SECONDS_TO_OPEN = 120.0
_DEFAULT_PORT = 5432


@dataclass(frozen=True, kw_only=True)
class Connection:
    """The parameters of a client's connection."""

    host: str  # host name in the database's certificate
    port: int  # its port, or that of the tunnel
    ip_address: str = ""  # where to connect to, where it is not the host's
    database: str  # name of the database
    user: str
    password: str = field(repr=False)
    authorities: str = ""  # file of CA certificates to verify the server with, where they are known

    @property
    def variables(self) -> Mapping[str, str]:
        """Environment variables for libpq, with the password."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.database,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            # Another program on this machine could listen at the tunnel's port, and ask for the password.
            "PGSSLMODE": "verify-full" if self.authorities else "require",
            **({"PGSSLROOTCERT": self.authorities} if self.authorities else {}),
            # The certificate has the host's name, but the tunnel begins here (PostgreSQL manual, libpq, hostaddr).
            **({"PGHOSTADDR": self.ip_address} if self.ip_address else {}),
        }


def read_connection(aws: Aws) -> Connection:
    """The connection that the service itself uses.

    Raises:
        RefusedError: no month is running, so there is no database, or its state allows no connections.
        FailedError: the secret contains no address.
    """
    secret = read_output(aws, STORAGE_STACK, DATABASE_URL_OUTPUT)
    if secret is None:
        raise RefusedError("no month is running, so there is no database: `hannibal start`")
    if (database := read_database(aws)) is None:
        raise RefusedError(no_database(aws, "the month is ending, and its database is gone: `hannibal status`"))
    refuse(unreachable_database_refusals(database))
    try:
        url = urlsplit(aws.secretsmanager.get_secret_value(SecretId=secret).get("SecretString", ""))
        host, port = url.hostname or "", url.port or _DEFAULT_PORT
    except ValueError:
        host, port = "", 0
    if not host:
        raise FailedError(
            "the secret with DATABASE_URL holds no address that a client can read",
            "In it a password's characters such as / and # are escaped. What was changed: `hannibal doctor database`",
        )
    return Connection(
        host=host,
        port=port,
        database=url.path.lstrip("/"),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
    )


@contextmanager
def opened(aws: Aws, connection: Connection, *, local_port: int | None) -> Iterator[Connection]:
    """How to connect to the database from this machine, until the block ends.

    On AWS, Session Manager forwards a port, a free one if none is named, through a task of the service: only tasks may
    reach the database. The embedded AWS has its database on loopback, and needs no tunnel.

    Raises:
        RefusedError: settings allow no sessions, no task accepts one, the plugin is missing, or the port is in use.
        FailedError: the tunnel does not open.
    """
    if not aws.settings.service.execute_command:
        raise RefusedError(
            "ECS Exec is off (service.execute_command), and the tunnel to the database needs it",
            "One statement at a time: `hannibal run -- COMMAND`, with a command of the image.",
        )
    if aws.endpoint is not None:
        yield connection
        return
    plugin, target = require_plugin(), find_target(aws, None)
    port = local_port or _free_port()
    if _answers(port):
        raise RefusedError(f"another program listens at {_LOOPBACK}:{port}", "Leave out --port, or name another one.")
    authorities = rds_certificates.FOLDER / f"{aws.region}.pem"
    with _tunnel(aws, plugin, target, connection, port):
        known = str(authorities) if authorities.is_file() else ""
        yield replace(connection, port=port, ip_address=_LOOPBACK, authorities=known)


@contextmanager
def _tunnel(aws: Aws, plugin: str, target: ShellTarget, connection: Connection, port: int) -> Iterator[None]:
    request: dict[str, Any] = {
        "Target": f"ecs:{aws.names.cluster}_{target.task_id}_{target.runtime_id}",
        "DocumentName": TUNNEL_DOCUMENT,
        "Parameters": {"host": [connection.host], "portNumber": [str(connection.port)], "localPortNumber": [str(port)]},
    }
    try:
        session = aws.ssm.start_session(**request)
    except ClientError as error:
        if is_denied(error):
            raise RefusedError(
                "these credentials may not begin a session (ssm:StartSession); the developer role may",
                "Without a session: `hannibal run -- COMMAND`, with a command of the image.",
            ) from error
        raise
    answer: dict[str, str] = {name: str(session.get(name, "")) for name in ("SessionId", "StreamUrl", "TokenValue")}
    arguments, environment = session_command(aws, plugin, answer, request)
    # A separate session, so that a Ctrl-C for psql does not make the plugin end the tunnel.
    with subprocess.Popen(  # noqa: S603 - AWS's own program, no shell
        arguments, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            _wait_for_tunnel(process, port)
            yield
        finally:
            process.terminate()
            aws.ssm.terminate_session(SessionId=answer["SessionId"])


def _wait_for_tunnel(process: "subprocess.Popen[bytes]", port: int) -> None:
    def opened_or_ended() -> bool | None:
        if _answers(port):
            return True
        return None if process.poll() is None else False

    if not wait_at_most(_SECONDS_TO_OPEN, opened_or_ended, Polling(seconds=0.2)):
        raise FailedError(
            f"the tunnel through the task does not open (the plugin ended with {process.poll()})",
            "The task's agent needs up to a minute after its start; then try again.",
        )


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((_LOOPBACK, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def run_psql(connection: Connection, arguments: tuple[str, ...]) -> int | None:
    """Run `psql` with the password only in its environment; returns its exit code, None where it is not installed."""
    psql = shutil.which("psql")
    if psql is None:
        return None
    return call_at_terminal([psql, *arguments], {**os.environ, **connection.variables})
