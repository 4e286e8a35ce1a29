"""moto's server, and clients of the command for one endpoint."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from installation.settings.file import load_settings
from ops.aws.clients import Aws
from tests.conftest import ROOT
from tests.support.embedded.server import free_port
from tests.support.waiting import LIMIT_SECONDS, wait_for

_PROGRAM = ROOT / ".others" / "bin" / "moto_server"


@contextmanager
def moto_server(folder: Path) -> Iterator[str]:
    """Run moto's server for the ``with`` block, and yield its address.

    Raises:
        pytest.skip.Exception: it is not installed.
    """
    if not _PROGRAM.exists():
        pytest.skip("moto is not installed: make others")
    port = free_port()
    with (
        (folder / "moto.log").open("wb") as log,
        subprocess.Popen(
            [_PROGRAM, "--host", "127.0.0.1", "--port", str(port)], stdout=log, stderr=log, cwd=folder
        ) as process,
    ):
        try:
            wait_for(lambda: _answers(process, port), f"moto answers; {folder / 'moto.log'}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _answers(process: "subprocess.Popen[bytes]", port: int) -> bool:
    assert process.poll() is None
    connection = HTTPConnection("127.0.0.1", port, timeout=LIMIT_SECONDS)
    try:
        connection.request("GET", "/moto-api/")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True


class AwsAt(Aws):
    """The command's clients, for one endpoint and any keys."""

    def __init__(self, endpoint: str, region: str) -> None:
        super().__init__(load_settings("dev"))
        self._endpoint = endpoint
        self._keys = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)

    def client(self, service: str, *, region: str, config: Config) -> Any:
        with self._making:
            session: Any = self._keys
            # No retries: an emulation that cannot answer a call cannot do it later either.
            retries: Any = {"mode": "standard", "total_max_attempts": 1}
            once = config.merge(Config(read_timeout=LIMIT_SECONDS, retries=retries))
            return session.client(service, region_name=region, config=once, endpoint_url=self._endpoint)
