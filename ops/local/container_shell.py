"""A shell inside a running container of the embedded AWS, by its container engine."""

import shlex
import sys
from dataclasses import dataclass

from ops.errors import RefusedError, UnusableInputError
from ops.local.containers import LocalEngine, require_engine


@dataclass(frozen=True, kw_only=True)
class LocalContainer:
    """A container in which a shell can be opened."""

    engine: LocalEngine  # the engine that runs it
    id: str  # its id in the engine


def find_container(endpoint: str, container: str, task_arn: str) -> LocalContainer:
    """Find a running container of a task.

    Args:
        container: its name in the task definition.

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
    return LocalContainer(engine=engine, id=matching[0].id)


def open_local_shell(container: LocalContainer, command: str) -> int:
    """Run a command in a container at this terminal, as root as ECS Exec does; returns its exit code.

    Raises:
        UnusableInputError: the command's quotes are not closed.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UnusableInputError(f"the command cannot be read: {error}") from error
    terminal = ("--tty",) if sys.stdin.isatty() else ()
    return container.engine.attach("exec", "--interactive", *terminal, "--user", "0", container.id, *words)
