"""Delays each answer until the state that it reports is saved."""

import asyncio
import logging
import re
from collections.abc import Mapping

from hypercorn.typing import (
    ASGIFramework,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    Scope,
)

from embedded_aws.core.context import Keeper
from embedded_aws.core.refusal import internal_failure

_READ_ONLY_ACTIONS = ("Describe", "Get", "List", "Head", "Lookup", "Search", "Query", "Scan", "Filter")
_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
_LOGS_TARGET = b"Logs_"
_FORBIDDEN = 403  # permissions and signatures are checked before the service is called

logger = logging.getLogger("embedded_aws.core.state")


class _UnsavedError(Exception):
    """The state could not be saved, so the answer must not be sent."""


def save_before_answering(application: ASGIFramework, keeper: Keeper) -> ASGIFramework:
    """Save before an answer begins, if its request or a background task may have changed the state."""

    async def serve(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        headers, method = dict(scope["headers"]), scope["method"]
        beginning = b""

        async def received() -> ASGIReceiveEvent:
            nonlocal beginning
            event = await receive()
            if not beginning and event["type"] == "http.request":
                beginning = bytes(event["body"][:4096])
            return event

        async def saved(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.start":
                changes = event["status"] != _FORBIDDEN and not is_read_only(method, headers, beginning)
                await _save(keeper, headers, changes=changes)
            await send(event)

        try:
            await application(scope, received, saved)
        except _UnsavedError as error:
            await _send_failure(send, error, headers)

    return serve


async def _send_failure(send: ASGISendCallable, error: _UnsavedError, headers: Mapping[bytes, bytes]) -> None:
    message = f"the embedded AWS cannot save its state, so nobody is told of a change: {error}"
    texts = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    status, more, body = internal_failure(message, texts)
    sent = [(name.lower().encode(), value.encode()) for name, value in more.items()]
    sent.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": sent, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _save(keeper: Keeper, headers: Mapping[bytes, bytes], *, changes: bool) -> None:
    if changes:
        keeper.changed()
    if not keeper.is_saved():
        logs = changes and headers.get(b"x-amz-target", b"").startswith(_LOGS_TARGET)
        try:
            await asyncio.to_thread(keeper.commit, logs=logs)
        except OSError as error:  # such as a full disk; the next save tries again
            logger.exception("could not save the state")
            raise _UnsavedError(str(error)) from error


def is_read_only(method: str, headers: Mapping[bytes, bytes], beginning: bytes = b"") -> bool:
    """Whether a request certainly changes nothing, by its method, its operation and the beginning of its body."""
    operation = headers.get(b"x-amz-target", b"").decode("latin-1").rpartition(".")[2]
    if not operation and (found := _ACTION.search(beginning)):
        operation = found[1].decode()
    return method in {"GET", "HEAD", "OPTIONS"} or operation.startswith(_READ_ONLY_ACTIONS)
