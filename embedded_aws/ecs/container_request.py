"""A container of a task, and the request to start it, with or without an engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from embedded_aws.ecs import emulator
from embedded_aws.ecs.containers.log_buffer import LogBuffer

KILLED = 137  # exit code: 128 and the number of SIGKILL
# ECS waits 30 seconds between SIGTERM and SIGKILL; the requests of a rehearsal are much shorter.
SECONDS_TO_END_REQUESTS = 10.0


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
