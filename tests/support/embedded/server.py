"""An embedded AWS as a separate process, for tests."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from embedded_aws.database.server_ports import ports_of
from tests.support.embedded import forked_server
from tests.support.embedded.conformance.watching import watch
from tests.support.embedded.reasons import explain_failures_of
from tests.support.waiting import LIMIT_SECONDS, wait_for

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

_REPOSITORY = Path(__file__).parents[3]
_REGION = "ap-northeast-1"
_SERVER_PORTS = range(5_000, 10_000, 2)
_reserved: Final[list[socket.socket]] = []


class _Session(boto3.Session):
    """A session whose clients use one endpoint, so that no test changes the environment of the whole process."""

    def __init__(self, endpoint: str, **options: Any) -> None:
        super().__init__(**options)
        # By default, botocore waits for a minute, and then repeats a request that is still running.
        self._session.set_default_client_config(Config(read_timeout=LIMIT_SECONDS))
        self._endpoint = endpoint
        self._clients: dict[str, Any] = {}

    def client(self, service_name: str, *args: Any, **kwargs: Any) -> Any:
        """Return the one client of a service: creating one takes 0.01 seconds, S3's 0.05."""
        if args or kwargs:
            return super().client(service_name, *args, **{"endpoint_url": self._endpoint} | kwargs)  # type: ignore[call-overload]
        if service_name not in self._clients:
            self._clients[service_name] = super().client(service_name, endpoint_url=self._endpoint)  # type: ignore[call-overload]
        return self._clients[service_name]


class EmbeddedAws:
    """A server process on a free port."""

    def __init__(self, folder: Path, *, options: tuple[str, ...] = ()) -> None:
        """Take the folder for state and log, and further options of the server."""
        self.state_folder = folder / "state"
        self.log_file = folder / "server.log"
        self.answers_file = folder / "answers.jsonl"
        watch(self.answers_file)
        explain_failures_of(self)
        self.port = free_port()
        self._options = options
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._process: subprocess.Popen[bytes] | ForkServerProcess | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def account(self) -> str:
        return "000000000000"

    @property
    def pid(self) -> int:
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    @property
    def credentials(self) -> dict[str, str]:
        """The access key of the root user, which a server that enforces policies has created."""
        file = self.state_folder / "root-credentials.json"
        if not file.exists():
            return {"access_key_id": "test", "secret_access_key": "test"}
        kept: dict[str, str] = json.loads(file.read_text())
        return kept

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables for a subprocess: the CDK CLI, the AWS CLI, the command ``hannibal``."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        virtual_environment = str(Path(sys.executable).parent)
        return variables | {
            "AWS_ACCESS_KEY_ID": self.credentials["access_key_id"],
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": _REGION,
            "AWS_SECRET_ACCESS_KEY": self.credentials["secret_access_key"],
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "PATH": os.pathsep.join((virtual_environment, variables.get("PATH", ""))),
        }

    def session(self, region: str = _REGION) -> boto3.Session:
        """A session whose clients use this server."""
        key, secret = self.credentials["access_key_id"], self.credentials["secret_access_key"]
        if (region, key) not in self._sessions:
            self._sessions[region, key] = _Session(
                self.endpoint, aws_access_key_id=key, aws_secret_access_key=secret, region_name=region
            )
        return self._sessions[region, key]

    def start(self, *, killed_at_write: int | None = None) -> None:
        """Start the server; with a number, it kills itself before that write."""
        self._sessions.clear()  # their connections are to the former process
        if killed_at_write is None:
            self._process = forked_server.start(
                *self._options,
                port=self.port,
                state_folder=self.state_folder,
                environment=dict(os.environ),
                folder=_REPOSITORY,
                log_file=self.log_file,
                answers_file=self.answers_file,
            )
        else:
            self._process = self._killed_process(killed_at_write)

        def answers() -> bool:
            assert self.exit_code is None, self.log_file.read_text()
            return self._answers()

        wait_for(answers, f"port {self.port} answers; {self.log_file}")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _killed_process(self, write: int) -> subprocess.Popen[bytes]:
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.support.embedded.killed_server", str(write), "--"),
                    *("--port", str(self.port), "--state", str(self.state_folder), *self._options),
                ],
                cwd=_REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def exit_code(self) -> int | None:
        """The exit code of the process; None while it runs."""
        assert self._process is not None
        return self._process.poll() if isinstance(self._process, subprocess.Popen) else self._process.exitcode

    @property
    def runs(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self.exit_code is None

    def kill(self) -> None:
        """Kill the server, like a loss of power, whatever it is doing."""
        self._send(signal.SIGKILL)

    def wait(self) -> int:
        """Wait for the server's end, and return its exit code."""
        if isinstance(self._process, subprocess.Popen):
            return self._process.wait(timeout=LIMIT_SECONDS)
        assert self._process is not None
        self._process.join(LIMIT_SECONDS)
        assert self._process.exitcode is not None, f"it has not ended; {self.log_file}"
        return self._process.exitcode

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, wait for the end, and return the exit code."""
        self._send(number)
        return self.wait()

    def close(self) -> None:
        if not self.runs:
            return
        self._send(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired, AssertionError):
            self.wait()
        self._send(signal.SIGKILL)
        self.wait()

    def _send(self, number: signal.Signals) -> None:
        if self.exit_code is None:
            os.kill(self.pid, number)


def free_port() -> int:
    """Find a free port of the loopback interface with a free next port, which CloudFront uses.

    It is reserved for this process: until its end, an unused UDP socket with that number shows the other tests of
    this machine that it is taken. On a busy machine, seconds pass between the choice and the start of a server.

    The same holds for the ports of the server's databases: two servers whose ports have the same hash would take each
    other's ports, for example while one restarts.

    It is below the ports that embedded AWS give to databases, listeners and distributions, and far below the range from
    which Linux takes those of outgoing connections: what is free now is free when the server starts.
    """
    for port in random.sample(_SERVER_PORTS, len(_SERVER_PORTS)):
        reservations = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
        with suppress(OSError):
            for reservation, number in zip(reservations, (port, ports_of(port).start), strict=True):
                reservation.bind(("127.0.0.1", number))
            if _free(port) and _free(port + 1):
                _reserved.extend(reservations)
                return port
        for reservation in reservations:
            reservation.close()
    raise AssertionError(f"no port from {_SERVER_PORTS.start} to {_SERVER_PORTS.stop} is free")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
