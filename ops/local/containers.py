"""What the embedded AWS says of the containers that it runs, and the engine that runs them."""

import os
import subprocess

from pydantic import BaseModel, ConfigDict, ValidationError

from ops.aws.embedded import NotEmbeddedError, ask
from ops.errors import RefusedError


class Container(BaseModel):
    """One container of a task that has not ended."""

    model_config = ConfigDict(frozen=True)

    id: str  # the engine's
    task: str  # ARN of the task
    name: str  # in the task definition
    image: str  # as the task definition names it
    exit_code: int | None  # None while it runs


class LocalEngine(BaseModel):
    """The engine of the embedded AWS."""

    model_config = ConfigDict(frozen=True)

    engine: str | None  # podman or docker; None where sample services stand for containers
    command: tuple[str, ...]  # how its command line begins
    build_options: tuple[str, ...]  # options without which its ``build`` may not work here
    processor: str | None  # of the machine that runs containers, ``amd64`` or ``arm64``
    reason: str | None  # why there is no engine
    containers: tuple[Container, ...]  # of all tasks that have not ended

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one command of the engine to its end."""
        return subprocess.run(  # noqa: S603 - the engine that the embedded AWS named, no shell
            [*self.command, *arguments],
            env=_environment(),
            capture_output=True,
            text=True,
            errors="replace",  # what a build prints may be in any encoding
            check=False,
        )

    def attach(self, *arguments: str) -> int:
        """Run one command of the engine with this terminal, and give its exit code."""
        return subprocess.call([*self.command, *arguments], env=_environment())  # noqa: S603 - as above


def ask_engine(endpoint: str) -> LocalEngine:
    """Ask the embedded AWS.

    Raises:
        RefusedError: what answers there is not the embedded AWS.
    """
    try:
        return LocalEngine.model_validate(ask(endpoint, "containers"))
    except (NotEmbeddedError, ValidationError) as error:
        raise RefusedError(
            f"{endpoint} does not say which containers it runs: {error}",
            "Only the embedded AWS does. See whether it runs: hannibal local status",
        ) from error


def require_engine(endpoint: str, purpose: str) -> LocalEngine:
    """Ask the embedded AWS for an engine; what it is wanted for ends the sentence where there is none.

    Raises:
        RefusedError: it has none.
    """
    found = ask_engine(endpoint)
    if found.engine is None:
        raise RefusedError(
            f"the embedded AWS runs no containers ({found.reason}), so {purpose}",
            "Start it with an engine: hannibal local down, then hannibal local up --containers",
        )
    return found


def _environment() -> dict[str, str]:
    """The engine's own settings, and no credentials of AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}
