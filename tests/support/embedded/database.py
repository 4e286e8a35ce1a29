"""Connections to an embedded database with the service's connection string, verified as by the service."""

import tempfile
from pathlib import Path
from typing import Any, Protocol

import psycopg
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from psycopg.conninfo import make_conninfo


class Server(Protocol):
    """A running embedded AWS."""

    @property
    def endpoint(self) -> str:
        """Its address."""
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
