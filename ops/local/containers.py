"""What the embedded AWS says of the containers that it runs, and the engine that runs them."""

import os
import subprocess

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from embedded_aws.containers.engine import Engine, EngineError, Name, find_engine
from ops.aws.embedded import NotEmbeddedError, ask
from ops.errors import RefusedError


class Container(BaseModel):
    """One container of a task that has not ended."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[0-9A-Za-z]+$")  # the engine's; no option of its command line
    task: str  # ARN of the task
    name: str  # in the task definition
    image: str  # as the task definition names it
    exit_code: int | None  # None while it runs


class RunningContainers(BaseModel):
    """What the embedded AWS runs, and by what."""

    model_config = ConfigDict(frozen=True)

    engine: Name | None  # None where sample services stand for containers
    processor: str | None  # of the machine that runs containers, ``amd64`` or ``arm64``
    reason: str | None  # why there is no engine
    containers: tuple[Container, ...]  # of all tasks that have not ended


class LocalEngine(RunningContainers):
    """The engine of the embedded AWS, as this process finds it: whoever listens at the port names no program to run."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    program: Engine

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one command of the engine to its end."""
        return subprocess.run(  # noqa: S603 - the engine, no shell
            [*self.program.command, *arguments],
            env=dict(self.program.environment),
            capture_output=True,
            text=True,
            errors="replace",  # what a build prints may be in any encoding
            check=False,
        )

    def attach(self, *arguments: str) -> int:
        """Run one command of the engine with this terminal, and give its exit code."""
        environment = dict(self.program.environment)
        return subprocess.call([*self.program.command, *arguments], env=environment)  # noqa: S603 - as above


def ask_engine(endpoint: str) -> RunningContainers:
    """Ask the embedded AWS.

    Raises:
        RefusedError: what answers there is not the embedded AWS.
    """
    try:
        return RunningContainers.model_validate(ask(endpoint, "containers"))
    except (NotEmbeddedError, ValidationError) as error:
        raise RefusedError(
            f"{endpoint} does not say which containers it runs: {error}",
            "Only the embedded AWS does. See whether it runs: hannibal local status",
        ) from error


def require_engine(endpoint: str, purpose: str) -> LocalEngine:
    """Ask the embedded AWS for an engine; what it is wanted for ends the sentence where there is none.

    Raises:
        RefusedError: it has none, or none that is found here.
    """
    found = ask_engine(endpoint)
    if found.engine is None:
        raise RefusedError(
            f"the embedded AWS runs no containers ({found.reason}), so {purpose}",
            "Start it with an engine: hannibal local down, then hannibal local up --containers",
        )
    try:
        return LocalEngine(**dict(found), program=find_engine(found.engine, os.environ))
    except EngineError as error:
        raise RefusedError(str(error)) from error
