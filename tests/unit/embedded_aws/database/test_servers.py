"""Ports of databases, and restarts, without PostgreSQL."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Response
from embedded_aws.database.gateway import Ports, PortTakenError, bind
from embedded_aws.database.instances import Instances
from embedded_aws.database.postgres import Postgres
from embedded_aws.database.process import PostgresError
from embedded_aws.database.server_ports import ports_of
from embedded_aws.database.servers import Database, DatabaseServers

PORTS = ports_of(65535)


class _Record(dict[str, Any]):
    """A record that keeps all states that it had."""

    states: list[str]

    def __setitem__(self, key: str, value: Any) -> None:
        if key == "DBInstanceStatus":
            self.states = [*getattr(self, "states", []), value]
        super().__setitem__(key, value)


@pytest.fixture
def loop() -> Iterator[BackgroundLoop]:
    loop = BackgroundLoop()
    loop.start()
    yield loop
    loop.stop()


@pytest.fixture
def database(loop: BackgroundLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database without a server."""
    for method in ("start", "stop", "configure"):
        monkeypatch.setattr(Postgres, method, lambda *_: None)
    made = Database(tmp_path / "one", loop=loop, tls=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    yield made
    made.stop()


def _instances(context: ServerContext, database: Database, file: Path) -> Instances:
    servers = Mock(database=lambda _: database)
    return Instances(context, servers, Ports(file, PORTS), Mock(), Mock())


def _record(**fields: Any) -> _Record:
    return _Record(
        {
            "DBInstanceArn": "arn:aws:rds:ap-northeast-1:000000000000:db:one",
            "DBInstanceClass": "db.t4g.micro",
            "DBInstanceIdentifier": "one",
            "DbiResourceId": "db-1",
            "Engine": "postgres",
            "EngineVersion": "17.6",
        }
        | fields
    )


@pytest.fixture
def context(tmp_path: Path) -> ServerContext:
    return ServerContext(port=65535, state_folder=tmp_path, region="ap-northeast-1", account="000000000000")


def test_instances_that_start_at_once_all_keep_their_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = Ports(tmp_path / "ports.json", PORTS)
    both, replace = threading.Barrier(2), Path.replace

    def replace_together(path: Path, target: Path) -> Path:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.2)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", replace_together)
    errors: list[BaseException] = []

    def remember(number: int) -> None:
        try:
            ports.remember(f"arn:{number}", PORTS[number])
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=remember, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    known = Ports(tmp_path / "ports.json", PORTS)
    assert [next(known.candidates(f"arn:{number}")) for number in range(2)] == list(PORTS[:2])


def test_no_other_program_takes_the_port_of_a_database_that_restarts(
    context: ServerContext, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    instances, record = _instances(context, database, tmp_path / "ports.json"), _record()
    port = database.start({}, require_tls=True, ports=PORTS)
    record["_port"] = port

    def take(_: object) -> None:
        with pytest.raises(PortTakenError):
            bind([port])

    monkeypatch.setattr(Postgres, "start", take)
    instances.restart(record)
    assert record["Endpoint"]["Port"] == port


def test_a_reboot_is_over_only_when_it_is_recorded(context: ServerContext, database: Database, tmp_path: Path) -> None:
    instances, record = _instances(context, database, tmp_path / "ports.json"), _record()
    record["_port"] = database.start({}, require_tls=True, ports=PORTS)
    instances._reboot(lambda *_: None, record, None)
    assert record.states == ["rebooting"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(PostgresError("max_connections"), "incompatible-parameters"), (PermissionError("postgresql.conf"), "failed")],
)
def test_a_reboot_that_fails_does_not_last_for_ever(
    context: ServerContext,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    error: Exception,
    status: str,
) -> None:
    instances, record = _instances(context, database, tmp_path / "ports.json"), _record()
    port = database.start({}, require_tls=True, ports=PORTS)
    record["_port"] = port
    monkeypatch.setattr(Postgres, "start", Mock(side_effect=error))
    instances._reboot(lambda *_: None, record, None)
    assert record["DBInstanceStatus"] == status
    bind([port]).close()  # nothing listens without a server


def test_no_other_program_takes_the_port_of_a_database_whose_final_snapshot_fails(
    context: ServerContext, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    instances, record = _instances(context, database, tmp_path / "ports.json"), _record()
    port = record["_port"] = database.start({}, require_tls=True, ports=PORTS)
    record["DBInstanceStatus"] = "deleting"

    def fail(_: object) -> Response:
        with pytest.raises(PortTakenError):
            bind([port])
        raise PostgresError("no space")

    with pytest.raises(PostgresError, match="no space"):
        instances._delete(fail, {"SkipFinalSnapshot": "true"}, record)
    assert (record["DBInstanceStatus"], record["Endpoint"]["Port"]) == ("available", port)


def test_a_deleted_database_frees_its_port(database: Database, tmp_path: Path) -> None:
    servers = DatabaseServers(tmp_path, tls=Mock())
    servers.start()
    servers._databases["one"] = database
    port = database.start({}, require_tls=True, ports=PORTS)
    database.stop(keep_port=True)
    servers.delete("one")
    bind([port]).close()
    servers.stop()
