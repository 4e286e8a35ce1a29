"""Which certificate answers at the names of distributions and load balancers, and what a connection costs."""

import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from embedded_aws.cloudfront import addresses
from embedded_aws.database.gateway import authority, server_context

EDGE, ORIGIN, OTHER = "d1.cloudfront.net", "origin.example.org", "api.example.org"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names for which a key was made."""
    names = list[str]()

    def make(folder: Path, host: str) -> ssl.SSLContext:
        names.append(host)
        return server_context(folder, host)

    monkeypatch.setattr(addresses, "server_context", make)
    return names


@pytest.fixture
def edge(tmp_path: Path) -> addresses.EdgeTls:
    edge = addresses.EdgeTls(lambda _: None, [])
    edge._folder = tmp_path
    return edge


def connect(context: ssl.SSLContext, host: str) -> None:
    """Shake hands as a client that verifies the name."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context(cadata=authority()).wrap_bio(back, there, server_hostname=host)
    server = context.wrap_bio(there, back, server_side=True)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert client.version() == "TLSv1.3"


def test_a_key_is_made_once_for_each_name(edge: addresses.EdgeTls, made: list[str]) -> None:
    """It takes a tenth of a second in which the loop answers nobody else."""
    for _ in range(2):
        connect(edge._context_for([EDGE]), EDGE)
        connect(edge._context_for([ORIGIN, OTHER]), ORIGIN)
        connect(edge._context_for([ORIGIN, OTHER]), OTHER)
    assert made == [EDGE, ORIGIN, OTHER]


def test_a_name_that_no_certificate_has_is_not_verified(edge: addresses.EdgeTls, made: list[str]) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        connect(edge._context_for([ORIGIN, OTHER]), "shop.example.org")
    assert made == [ORIGIN]
