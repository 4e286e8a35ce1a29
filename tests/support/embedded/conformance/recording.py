"""Makes an embedded AWS write its answers to a file.

Answers that differ only in numbers and identifiers are written once: the others cannot contain a new error.
"""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

from hypercorn.typing import (
    ASGIFramework,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    Scope,
)

from embedded_aws import server
from embedded_aws.core.request_guard import with_request_guard

# A number, a date, an identifier or an address.
_VARYING: Final = re.compile(rb"[0-9a-fA-F]*[0-9][0-9a-fA-F.:Z-]*")
_ACTION: Final = re.compile(rb"(?:^|[&?])Action=(\w+)")
_CREDENTIAL: Final = re.compile(rb"Credential=[^/]+/[0-9]+/[^/]+/([a-z0-9-]+)/")
_LONGEST_BODY: Final = 1_000_000
_MOST_OF_AN_OPERATION: Final = 300


class Recorder:
    """Appends answers to a file, one for each form."""

    def __init__(self, file: Path) -> None:
        """Take the file, which may contain answers of an earlier process."""
        self._file = file.open("a", encoding="utf-8")
        self._seen: set[bytes] = set()
        self._counts: Counter[bytes] = Counter()

    def record(self, scope: Any, request: bytes, start: Any, body: bytes) -> None:
        """Write one answer, unless its form is known."""
        headers = dict(scope["headers"])
        signed = _CREDENTIAL.search(headers.get(b"authorization", b"") + scope["query_string"].replace(b"%2F", b"/"))
        if signed is None or len(body) > _LONGEST_BODY:
            return
        path = scope["raw_path"]
        action = _ACTION.search(request) or _ACTION.search(scope["query_string"])
        parts = [
            *(signed[1], headers.get(b"x-amz-target", b""), action[1] if action else b""),
            *(scope["method"].encode(), str(start["status"]).encode()),
        ]
        if not (parts[1] or parts[2]):
            parts += [_VARYING.sub(b"0", path), _VARYING.sub(b"0", scope["query_string"])]
        operation = b"\0".join(parts)
        key = hashlib.blake2b(operation + b"\0" + _VARYING.sub(b"0", body), digest_size=16).digest()
        if key in self._seen or self._counts[operation] >= _MOST_OF_AN_OPERATION:
            return
        self._seen.add(key)
        self._counts[operation] += 1
        line = {
            "signed_for": signed[1].decode(),
            "method": scope["method"],
            "path": path.decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "target": parts[1].decode("latin-1"),
            "action": parts[2].decode("latin-1"),
            "copies": b"x-amz-copy-source" in headers,
            "protocol": headers.get(b"smithy-protocol", b"").decode("latin-1"),
            "status": start["status"],
            "headers": {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]},
            "body": body.decode("latin-1"),
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


class _Exchange:
    """One request and its answer, while they are transferred."""

    def __init__(self, scope: Any, recorder: Recorder) -> None:
        self._scope, self._recorder = scope, recorder
        self._request = b""
        self._body = bytearray()
        self._start: Any = None

    def received(self, event: Any) -> None:
        if not self._request and event["type"] == "http.request":
            self._request = bytes(event["body"][:4096])

    def sent(self, event: Any) -> None:
        if event["type"] == "http.response.start":
            self._start = event
        elif event["type"] == "http.response.body":
            self._body.extend(event["body"])
            if not event.get("more_body"):
                self._recorder.record(self._scope, self._request, self._start, bytes(self._body))


def recorded(application: ASGIFramework, recorder: Recorder) -> ASGIFramework:
    """Write each answer before its last part is sent, so that its receiver finds it in the file."""

    async def serve(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http" or scope["path"].startswith(("/_hannibal", "/_ministack")):
            await application(scope, receive, send)
            return
        exchange = _Exchange(scope, recorder)

        async def received() -> ASGIReceiveEvent:
            event = await receive()
            exchange.received(event)
            return event

        async def sent(event: ASGISendEvent) -> None:
            exchange.sent(event)
            await send(event)

        await application(scope, received, sent)

    return serve


def install(file: Path) -> None:
    """Make the server of this process write its answers to a file."""
    recorder = Recorder(file)
    vars(server)["guarded"] = lambda application, *, port: with_request_guard(
        recorded(application, recorder), port=port
    )
