"""Buffers the output of a container for CloudWatch Logs."""

import re
import threading
from collections import deque
from collections.abc import Iterator

from embedded_aws.ecs import emulator

_DEFAULT_BUFFER = 10 * 1024 * 1024  # max-buffer-size (Amazon ECS developer guide, "awslogs")
# The length at which Fargate's driver splits a line (aws/shim-loggers-for-containerd, awslogs, maximumBytesPerEvent).
_LONGEST_EVENT = 262_144 - 26
_UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_SIZE = re.compile(r"^(\d+)\s*([bkmg]?)b?$", re.IGNORECASE)


class LogBuffer:
    """Lines that wait to be sent. Without a limit none is lost; with a limit, lines may be dropped."""

    def __init__(self, most_bytes: int | None) -> None:
        self._most_bytes = most_bytes
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._ended = False
        self._changed = threading.Condition()

    def write(self, line: bytes) -> None:
        """Add a line, split where it is too long for an event; without room for it, it is dropped."""
        while len(line) > _LONGEST_EVENT:
            ends = range(_LONGEST_EVENT, _LONGEST_EVENT - 4, -1)
            # Text is not split within a UTF-8 character.
            end = next((each for each in ends if line[each] & 0b1100_0000 != 0b1000_0000), _LONGEST_EVENT)
            self._add(line[:end])
            line = line[end:]
        self._add(line)

    def _add(self, line: bytes) -> None:
        with self._changed:
            full = self._most_bytes is not None and self._bytes + len(line) > self._most_bytes
            if full and self._lines:
                return
            self._lines.append(line)
            self._bytes += len(line)
            self._changed.notify_all()

    def end(self) -> None:
        """Let the reader stop after the last line."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def read(self) -> Iterator[bytes]:
        """Follow the lines to the end."""
        while (line := self._next()) is not None:
            yield line

    def _next(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._ended)
            if not self._lines:
                return None
            line = self._lines.popleft()
            self._bytes -= len(line)
            return line


def buffer_of(container: emulator.Record) -> LogBuffer | None:
    """The buffer by a container's definition; None where its output is discarded."""
    configuration = container.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return None
    options = configuration.get("options") or {}
    if options.get("mode", "blocking") != "non-blocking":
        return LogBuffer(None)
    return LogBuffer(_size(str(options.get("max-buffer-size", ""))))


def _size(text: str) -> int:
    found = _SIZE.match(text.strip())
    return int(found[1]) * _UNITS[found[2].lower()] if found else _DEFAULT_BUFFER
