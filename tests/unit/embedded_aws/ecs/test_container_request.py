"""What becomes of a container's output when nobody reads it quickly enough."""

from typing import Any

import pytest

from embedded_aws.ecs.container_request import LogBuffer, buffer_of


def _container(**options: str) -> dict[str, Any]:
    return {"logConfiguration": {"logDriver": "awslogs", "options": options}}


def _read_all(buffer: LogBuffer) -> list[bytes]:
    buffer.end()
    return list(buffer.read())


def test_lines_come_in_their_order() -> None:
    buffer = LogBuffer(None)
    for line in (b"one", b"two"):
        buffer.write(line)
    assert _read_all(buffer) == [b"one", b"two"]


def test_a_full_buffer_drops_what_comes_and_takes_more_when_there_is_room() -> None:
    buffer = LogBuffer(6)
    for line in (b"first", b"second"):
        buffer.write(line)
    reader = buffer.read()
    assert next(reader) == b"first"
    buffer.write(b"third")
    assert _read_all(buffer) == [b"third"]


def test_a_line_longer_than_the_buffer_passes_alone() -> None:
    buffer = LogBuffer(3)
    buffer.write(b"longer")
    assert _read_all(buffer) == [b"longer"]


def test_a_line_too_long_for_one_event_is_cut_between_characters() -> None:
    buffer = LogBuffer(None)
    line = "ä".encode() * 131_059 + "€".encode() + b"end"
    buffer.write(b"x" + line)
    buffer.write(b"\x80" * 300_000)
    parts = _read_all(buffer)
    assert [len(part) for part in parts[:2]] == [262_117, len(line) + 1 - 262_117]
    assert parts[0].decode() + parts[1].decode() == "x" + line.decode()
    assert b"".join(parts[2:]) == b"\x80" * 300_000


@pytest.mark.parametrize(
    ("size", "most"), [("4m", 4 * 1024**2), ("512k", 512 * 1024), ("100", 100), ("", 10 * 1024**2)]
)
def test_the_size_of_a_buffer_is_read_from_the_definition(size: str, most: int) -> None:
    buffer = buffer_of(_container(mode="non-blocking", **({"max-buffer-size": size} if size else {})))
    assert buffer is not None
    assert buffer._most_bytes == most


def test_by_default_no_line_is_lost() -> None:
    buffer = buffer_of(_container())
    assert buffer is not None
    assert buffer._most_bytes is None


def test_output_that_goes_nowhere_is_not_kept() -> None:
    assert buffer_of({}) is None
    assert buffer_of({"logConfiguration": {"logDriver": "awsfirelens"}}) is None
