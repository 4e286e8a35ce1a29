"""What becomes of a container's output in CloudWatch Logs: one event a line."""

from typing import Any

import pytest

from embedded_aws.ecs import emulator, tasks
from embedded_aws.ecs.emulator import Record
from embedded_aws.ecs.sample_containers import SampleContainer


def test_only_the_end_of_a_line_ends_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    monkeypatch.setattr(emulator, "ensure_log_stream", lambda _: True)
    monkeypatch.setattr(emulator, "put_log_line", lambda _, message: events.append(message))
    container = SampleContainer("id", "image", "arn", "api", end=lambda _: None)
    container.log.write(b"10 %\r20 %\r30 %")
    container.log.write(b"")
    container.log.write("one\u2028\x0bline".encode())
    container.log.write(b"\x00\xff")
    container.write_line("two\nlines")
    container.log.end()
    where: Record = {}
    original: Any = None

    tasks._forward_log(original, container, where, "000000000000", "ap-northeast-1")

    assert events == ["10 %\r20 %\r30 %", "one\u2028\x0bline", "\x00\ufffd", "two", "lines"]
