"""Connections to an embedded database by the string that the service gets, verified as the service verifies."""

import tempfile
from pathlib import Path
from typing import Any, Protocol

import psycopg
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from psycopg.conninfo import make_conninfo


class Server(Protocol):
    """An embedded AWS that runs."""

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        ...


def authority(server: Server) -> str:
    """The certificate of the authority that signs the databases' certificates."""
    answer = URLLib3Session().send(AWSRequest("GET", f"{server.endpoint}/_ministack/rds/ca.pem").prepare())
    assert answer.status_code == 200
    return str(answer.text)


def connect(server: Server, url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection with libpq, where each statement is a transaction."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "authority.pem"
        file.write_text(authority(server))
        return psycopg.connect(make_conninfo(url, sslrootcert=str(file)), autocommit=True)
