"""State is saved before an answer that tells of a change, and not where nothing can have changed."""

import asyncio
import errno
import os
from typing import Any, cast

import pytest

from embedded_aws.core.durable_answers import save_before_answering


class _Keeper:
    """Says in which order it was asked to save and the answer was sent."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._saved = True

    def changed(self) -> None:
        self._saved = False

    def is_saved(self) -> bool:
        return self._saved

    def commit(self, *, logs: bool = False) -> None:
        self.said.append("saved")


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        ("CreateRole", 200, ["saved", "answered"]),
        ("CreateRole", 409, ["saved", "answered"]),
        ("CreateRole", 403, ["answered"]),
        ("ListRoles", 200, ["answered"]),
    ],
)
def test_a_change_is_saved_before_it_is_answered(action: str, status: int, said: list[str]) -> None:
    keeper = _Keeper()

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": status, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request", "body": f"Action={action}".encode()}

    async def send(_event: Any) -> None:
        keeper.said.append("answered")

    serve = save_before_answering(application, keeper)
    scope = {"type": "http", "method": "POST", "headers": []}
    asyncio.run(cast("Any", serve(cast("Any", scope), receive, send)))

    assert keeper.said == said


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([(b"x-amz-target", b"AmazonSSM.PutParameter")], b'"message": "the embedded AWS cannot save its state'),
        ([], b"<Code>InternalFailure</Code><Message>the embedded AWS cannot save its state"),
    ],
)
def test_a_client_is_told_why_nothing_is_saved(headers: list[tuple[bytes, bytes]], said: bytes) -> None:
    class Full(_Keeper):
        def commit(self, *, logs: bool = False) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/state/ssm.partial")

    sent: list[Any] = []

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"Action=CreateRole"}

    async def send(event: Any) -> None:
        sent.append(event)

    serve = save_before_answering(application, Full())
    asyncio.run(cast("Any", serve(cast("Any", {"type": "http", "method": "POST", "headers": headers}), receive, send)))

    assert [event.get("status") for event in sent] == [500, None]
    assert said in sent[1]["body"]
    assert b"No space left on device: '/state/ssm.partial'" in sent[1]["body"].replace(b"&apos;", b"'")
