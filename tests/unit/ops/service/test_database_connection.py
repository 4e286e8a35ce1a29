"""The way to the database: refused where shells are off, a tunnel by AWS's plugin elsewhere."""

import json
import os
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from installation.settings import Settings
from ops.cli.app import build
from ops.cli.commands import database
from ops.errors import FailedError, RefusedError
from ops.service import database_connection
from ops.service.database_connection import Connection, opened, read_connection, run_psql
from ops.service.shell import ShellTarget
from tests.support.aws import given
from tests.support.fakes import FakeAccount
from tests.support.python_program import write_python_program

URL = "postgresql://hannibal:p%40ss%3Aword@db.example.rds.amazonaws.com:5432/postgres?sslmode=verify-full"
# A plugin that opens the port of its parameters, and writes down what it was told.
PLUGIN = """import json, os, pathlib, socket, sys, time
pathlib.Path({told!r}).with_name("group").write_text(str(os.getpgid(0)))
open({told!r}, "w").write(json.dumps(sys.argv[1:]))
server = socket.create_server(("127.0.0.1", int(json.loads(sys.argv[5])["Parameters"]["localPortNumber"][0])))
time.sleep(60)
"""


class Ssm:
    meta = SimpleNamespace(endpoint_url="https://ssm.ap-northeast-1.amazonaws.com")

    def __init__(self) -> None:
        self.started: list[Any] = []
        self.ended: list[str] = []

    def start_session(self, **request: Any) -> Any:
        self.started.append(request)
        return {"SessionId": "somebody-1", "StreamUrl": "wss://x", "TokenValue": "token"}

    def terminate_session(self, SessionId: str) -> None:  # noqa: N803 - boto3's name
        self.ended.append(SessionId)


def aws(ssm: Ssm, *, endpoint: str | None = None, month: bool = True) -> Any:
    stack = {
        "StackName": "StorageStack",
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": 0,
        "Outputs": [{"OutputKey": "DatabaseUrlSecret", "OutputValue": "arn:secret"}] if month else [],
    }
    return cast(
        "Any",
        SimpleNamespace(
            endpoint=endpoint,
            region="ap-northeast-1",
            ssm=ssm,
            cloudformation=SimpleNamespace(describe_stacks=lambda **_: {"Stacks": [stack]}),
            names=SimpleNamespace(database="db"),
            rds=SimpleNamespace(describe_db_instances=lambda **_: {"DBInstances": [{"DBInstanceStatus": "available"}]}),
            secretsmanager=SimpleNamespace(
                get_secret_value=lambda **asked: {"arn:secret": {"SecretString": URL}}[asked["SecretId"]]
            ),
        ),
    )


@pytest.fixture
def with_shells(settings: Settings) -> Settings:
    service = settings.service.model_copy(update={"execute_command": True})
    return settings.model_copy(update={"service": service})


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file, record = tmp_path / "session-manager-plugin", tmp_path / "told"
    write_python_program(file, PLUGIN.format(told=str(record)))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    target = ShellTarget(task_arn="arn:task/cluster/abc", runtime_id="abc-1")
    monkeypatch.setattr(database_connection, "find_target", lambda *_: target)
    return record


def test_the_service_says_where_the_database_is() -> None:
    connection = read_connection(aws(Ssm()))
    assert (connection.host, connection.port, connection.database, connection.user) == (
        "db.example.rds.amazonaws.com",
        5432,
        "postgres",
        "hannibal",
    )
    assert connection.variables["PGPASSWORD"] == "p@ss:word"
    with pytest.raises(RefusedError, match="no month is running"):
        read_connection(aws(Ssm(), month=False))


@pytest.mark.parametrize("url", ["postgresql://hannibal:pa/ss@db:5432/a", "postgresql://hannibal:p[@db/a", "nonsense"])
def test_what_is_no_address_is_told_without_the_password(url: str) -> None:
    """With an empty host psql would look for a database of this machine."""
    made = aws(Ssm())
    made.secretsmanager = SimpleNamespace(get_secret_value=lambda **_: {"SecretString": url})
    with pytest.raises(FailedError, match="no address that a client can read"):
        read_connection(made)


def test_where_shells_are_off_there_is_no_way(settings: Settings) -> None:
    service = settings.service.model_copy(update={"execute_command": False})
    settings = settings.model_copy(update={"service": service})
    for endpoint in (None, "http://127.0.0.1:4566"):
        made = aws(Ssm(), endpoint=endpoint)
        with (
            pytest.raises(RefusedError, match="execute_command"),
            opened(given(made, settings), read_connection(made), local_port=None),
        ):
            pass


def test_a_tunnel_leads_through_a_task_and_ends_with_the_block(with_shells: Settings, plugin: Path) -> None:
    ssm = Ssm()
    made = aws(ssm)
    with opened(given(made, with_shells), read_connection(made), local_port=None) as connection:
        assert connection.ip_address == "127.0.0.1"
        # The certificate names the host, and the connection goes to this machine.
        assert connection.variables["PGHOST"] == "db.example.rds.amazonaws.com"
        assert connection.variables["PGHOSTADDR"] == "127.0.0.1"
        assert ssm.ended == []
    assert ssm.ended == ["somebody-1"]
    (request,) = ssm.started
    assert request["DocumentName"] == "AWS-StartPortForwardingSessionToRemoteHost"
    assert request["Target"] == "ecs:nestjs-hannibal-3-cluster_abc_abc-1"
    assert request["Parameters"]["host"] == ["db.example.rds.amazonaws.com"]
    session, region, operation, profile, parameters, endpoint = json.loads(plugin.read_text())
    assert json.loads(session)["TokenValue"] == "token"
    assert (region, operation, profile) == ("ap-northeast-1", "StartSession", "")
    assert json.loads(parameters) == request
    assert endpoint == "https://ssm.ap-northeast-1.amazonaws.com"


def test_a_program_of_this_machine_is_not_taken_for_the_database(with_shells: Settings, plugin: Path) -> None:
    """It would be told the password: whoever listens may ask for it in plain text."""
    ssm = Ssm()
    made = aws(ssm)
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(RefusedError, match="another program listens"),
        opened(given(made, with_shells), read_connection(made), local_port=other.getsockname()[1]),
    ):
        pass
    assert ssm.started == []
    # Nor one that comes in between.
    with opened(given(made, with_shells), read_connection(made), local_port=None) as connection:
        assert connection.variables["PGSSLMODE"] == "verify-full"
        assert "BEGIN CERTIFICATE" in Path(connection.variables["PGSSLROOTCERT"]).read_text()


def test_a_newer_plugin_gets_the_sessions_token_where_no_other_user_reads_it(
    with_shells: Settings, plugin: Path
) -> None:
    program = plugin.parent / "session-manager-plugin"
    version = 'if sys.argv[1] == "--version": sys.exit(print("1.2.764.0"))\n'
    told = f'open({str(plugin)!r} + "-variable", "w").write(os.environ["AWS_SSM_START_SESSION_RESPONSE"])\n'
    imports, rest = PLUGIN.format(told=str(plugin)).split("\n", 1)
    write_python_program(program, f"{imports}\n{version}{told}{rest}")
    made = aws(Ssm())
    with opened(given(made, with_shells), read_connection(made), local_port=None):
        assert "token" not in plugin.read_text()
        assert json.loads(plugin.with_name("told-variable").read_text())["TokenValue"] == "token"


def test_ctrl_c_in_psql_ends_no_tunnel(with_shells: Settings, plugin: Path) -> None:
    """AWS's plugin ends a session that forwards a port when Ctrl-C reaches it."""
    made = aws(Ssm())
    with opened(given(made, with_shells), read_connection(made), local_port=None):
        assert (plugin.parent / "group").read_text() != str(os.getpgid(0))


def test_a_tunnel_that_does_not_open_says_so(with_shells: Settings, plugin: Path) -> None:
    (plugin.parent / "session-manager-plugin").write_text("#!/bin/sh\nexit 1\n")
    ssm = Ssm()
    made = aws(ssm)
    with (
        pytest.raises(FailedError, match="does not open"),
        opened(given(made, with_shells), read_connection(made), local_port=None),
    ):
        pass
    assert ssm.ended == ["somebody-1"]


def test_psql_gets_the_password_in_its_environment_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection: Connection = read_connection(aws(Ssm()))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_psql(connection, ()) is None
    told = tmp_path / "told"
    psql = tmp_path / "psql"
    psql.write_text(f'#!/bin/sh\necho "$* $PGPASSWORD" > "{told}"\nexit 3\n')
    psql.chmod(0o755)
    assert run_psql(connection, ("-c", "SELECT 1")) == 3
    assert told.read_text() == "-c SELECT 1 p@ss:word\n"


def test_the_password_file_is_for_its_user_alone_and_is_not_left_behind_by_a_kill() -> None:
    connection = Connection(host="db", port=5432, database="postgres", user="hannibal", password="a:b\\c")
    with database._password_file(connection) as name:
        file = Path(name)
        assert file.read_text() == "*:*:*:hannibal:a\\:b\\\\c\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert (file.parent / ".lock").exists(), "the next command removes the folder when nobody holds its lock"
    assert not file.parent.exists()


@pytest.mark.usefixtures("with_terminal")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_closed_terminal_leaves_neither_tunnel_nor_password(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: signal.Signals
) -> None:
    """The plugin has a session of its own, so that nothing else would end it."""
    ended = list[str]()

    @contextmanager
    def tunnel(*_: object, **__: object) -> Iterator[Connection]:
        try:
            yield Connection(host="db", port=5432, database="postgres", user="hannibal", password="secret")
        finally:
            # The shell sends it, and the kernel once more when the shell has ended.
            os.kill(os.getpid(), number)
            ended.append("tunnel")

    def close(connection: Connection) -> None:
        with database._password_file(connection):
            os.kill(os.getpid(), number)
            threading.Event().wait(10)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("ops.account.caller.checked_caller", lambda _: None)
    monkeypatch.setattr(database_connection, "opened", tunnel)
    monkeypatch.setattr(database_connection, "read_connection", lambda _: None)
    monkeypatch.setattr(database_connection, "run_psql", lambda *_: None)
    monkeypatch.setattr(database, "_hold_open", close)
    monkeypatch.setattr("ops.cli.session.connected", lambda _: nullcontext(given(SimpleNamespace(), settings)))
    before = signal.getsignal(number)
    assert CliRunner().invoke(build(), ["db", "connect"]).exit_code == 128 + number
    assert (ended, [*tmp_path.iterdir()], signal.getsignal(number)) == (["tunnel"], [], before)


@pytest.mark.parametrize(("status", "advice"), [("stopped", "hannibal resume"), ("starting", "aws rds wait")])
def test_a_database_that_nobody_reaches_is_said(
    account: FakeAccount, settings: Settings, status: str, advice: str
) -> None:
    """On the embedded AWS psql would be refused by a port where nothing listens."""
    account.add_month()
    account.add_stack("StorageStack", Outputs=[{"OutputKey": "DatabaseUrlSecret", "OutputValue": "arn:secret"}])
    account.database = {"DBInstanceStatus": status}
    with pytest.raises(RefusedError, match=f"is {status}, .*{advice}"):
        read_connection(account.aws(settings))
