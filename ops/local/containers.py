"""The containers of the embedded AWS, the engine that runs them, and a shell inside one of them."""

import os
import shlex
import subprocess
import sys

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from embedded_aws.containers.engine import Engine, EngineError, Name, find_engine
from ops.aws.embedded import NotEmbeddedError, ask
from ops.errors import RefusedError, UnusableInputError


class Container(BaseModel):
    """One container of a task that has not ended."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[0-9A-Za-z]+$")  # its id in the engine; never an option of the command line
    task: str  # ARN of the task
    name: str  # its name in the task definition
    image: str  # its image in the task definition
    exit_code: int | None  # None while it runs


class RunningContainers(BaseModel):
    """The containers of the embedded AWS, with its engine."""

    model_config = ConfigDict(frozen=True)

    engine: Name | None  # None where sample services answer in place of containers
    processor: str | None  # the engine's processor, ``amd64`` or ``arm64``
    reason: str | None  # why there is no engine
    containers: tuple[Container, ...]  # containers of all tasks that have not ended


class LocalEngine(RunningContainers):
    """The engine of the embedded AWS, found by this process itself: a server at the port names no program to run."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    program: Engine

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one command of the engine to its end."""
        return subprocess.run(  # noqa: S603 - the engine, no shell
            [*self.program.command, *arguments],
            env=dict(self.program.environment),
            capture_output=True,
            text=True,
            errors="replace",  # a build's output may have any encoding
            check=False,
        )

    def attach(self, *arguments: str) -> int:
        """Run one command of the engine with this terminal; returns its exit code."""
        environment = dict(self.program.environment)
        return subprocess.call([*self.program.command, *arguments], env=environment)  # noqa: S603 - as above


def ask_engine(endpoint: str) -> RunningContainers:
    """Ask the embedded AWS for its containers and engine; RefusedError where something else answers."""
    try:
        return RunningContainers.model_validate(ask(endpoint, "containers"))
    except (NotEmbeddedError, ValidationError) as error:
        raise RefusedError(
            f"{endpoint} does not say which containers it runs: {error}",
            "Only the embedded AWS does. See whether it runs: hannibal local status",
        ) from error


def require_engine(endpoint: str, purpose: str) -> LocalEngine:
    """The engine of the embedded AWS; RefusedError, whose sentence `purpose` ends, where this process finds none."""
    answer = ask_engine(endpoint)
    if answer.engine is None:
        raise RefusedError(
            f"the embedded AWS runs no containers ({answer.reason}), so {purpose}",
            "Start it with an engine: hannibal local down, then hannibal local up --containers",
        )
    try:
        return LocalEngine(**dict(answer), program=find_engine(answer.engine, os.environ))
    except EngineError as error:
        raise RefusedError(str(error)) from error


def find_container(endpoint: str, container: str, task_arn: str) -> tuple[LocalEngine, str]:
    """Find a running container of a task by its name in the task definition; returns its engine and its id there.

    Raises:
        RefusedError: no engine runs the task, or the container has ended.
    """
    engine = require_engine(endpoint, "there is no shell to open")
    matching = [one for one in engine.containers if (one.task, one.name) == (task_arn, container)]
    task = task_arn.rpartition("/")[2]
    if not matching:
        raise RefusedError(
            f"a sample service replaces the container of task {task}, because its image is not in the embedded ECR",
            "Build one and release it: `hannibal image build --source DIR`, then `hannibal release --image URI`.",
        )
    if matching[0].exit_code is not None:
        raise RefusedError(f"the container of task {task} has ended with exit code {matching[0].exit_code}")
    return engine, matching[0].id


def open_local_shell(engine: LocalEngine, container_id: str, command: str) -> int:
    """Run a command in a container at this terminal, as root as ECS Exec does; returns its exit code.

    Raises:
        UnusableInputError: the command's quotes are not closed.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UnusableInputError(f"the command cannot be read: {error}") from error
    terminal = ("--tty",) if sys.stdin.isatty() else ()
    return engine.attach("exec", "--interactive", *terminal, "--user", "0", container_id, *words)
