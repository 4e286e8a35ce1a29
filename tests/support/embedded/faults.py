"""Injects faults into an embedded AWS."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import LIMIT_SECONDS


@contextmanager
def fault(server: EmbeddedAws, kind: str, pattern: str = "*") -> Iterator[None]:
    """Inject a fault while the ``with`` block runs; its end removes all faults."""
    _send(server, "POST", json.dumps({"kind": kind, "pattern": pattern}))
    try:
        yield
    finally:
        _send(server, "DELETE", "")


def _send(server: EmbeddedAws, method: str, body: str) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=LIMIT_SECONDS)
    connection.request(method, "/_hannibal/faults", body=body)
    assert connection.getresponse().status < 300
    connection.close()
