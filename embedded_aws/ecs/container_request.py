"""A container of a task, and the request to start it, with or without an engine."""

import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from embedded_aws.ecs import emulator

_DEFAULT_BUFFER = 10 * 1024 * 1024  # max-buffer-size (Amazon ECS developer guide, "awslogs")
# The length at which Fargate's driver splits a line (aws/shim-loggers-for-containerd, awslogs, maximumBytesPerEvent).
_LONGEST_EVENT = 262_144 - 26
_UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_SIZE = re.compile(r"^(\d+)\s*([bkmg]?)b?$", re.IGNORECASE)
KILLED = 137  # exit code: 128 and the number of SIGKILL
# ECS waits 30 seconds between SIGTERM and SIGKILL; the requests of a rehearsal are much shorter.
SECONDS_TO_END_REQUESTS = 10.0


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


class StartError(Exception):
    """A container could not be started; the message is ECS's."""


class DependencyError(Exception):
    """A container cannot start because of a container that it depends on; the message is the agent's."""


class TaskContainer:
    """A container of a task, as the emulator uses it; the names of methods and attributes are Docker's."""

    exit_code: int | None  # None while it runs
    log: LogBuffer | None  # receives its output; None where the output is discarded

    def logs(self, **_options: Any) -> Iterator[bytes]:
        """Follow the output until the container ends."""
        if self.log is not None:
            yield from self.log.read()

    def write_line(self, line: str) -> None:
        """Add one or more lines to the output."""
        if self.log is not None:
            for each in line.split("\n"):
                self.log.write(each.encode())

    @property
    def status(self) -> str:
        """Docker's name for the state."""
        return "running" if self.exit_code is None else "exited"

    def reload(self) -> None:
        """Do nothing: the state is always current."""

    def wait(self) -> dict[str, int | None]:
        """Return the exit code."""
        return {"StatusCode": self.exit_code}

    def stop(self, **_options: Any) -> None:
        """End it after its running requests, and everything that must end with it."""
        raise NotImplementedError

    def remove(self, **_options: Any) -> None:
        """End it if it still runs."""
        self.stop()


@dataclass(frozen=True, kw_only=True)
class ContainerRequest:
    """The request to start a container of a task."""

    task_arn: str  # ARN of the task
    subnet: str | None  # subnet of the task's network interface
    definition: emulator.Record  # the task definition
    container: emulator.Record  # the container definition in it
    overrides: emulator.Record  # overrides of RunTask
    environment: Mapping[str, str]  # all of the container's variables, secrets too
    command: list[str] | None  # from the overrides or the definition

    @property
    def name(self) -> str:
        """The container's name in the definition."""
        return str(self.container["name"])

    @property
    def is_init_container(self) -> bool:
        """Whether another container waits for the end of this one."""
        return any(
            dependency["containerName"] == self.name and dependency.get("condition") in ("SUCCESS", "COMPLETE")
            for other in self.definition["containerDefinitions"]
            for dependency in other.get("dependsOn") or []
        )

    @property
    def one_off_command(self) -> list[str] | None:
        """The command that RunTask gave to this container; None for a container that runs its own."""
        for override in self.overrides.get("containerOverrides", []):
            if override.get("name") == self.name and override.get("command"):
                return list(override["command"])
        return None
