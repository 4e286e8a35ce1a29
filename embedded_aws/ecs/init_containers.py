"""Init containers and the volumes of tasks, without a container engine."""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded_aws.ecs import sample_psql
from embedded_aws.ecs.container_request import DependencyError

Definition = Mapping[str, Any]
_SECONDS = 120.0


class TaskVolumes:
    """The volumes of tasks: a folder for each, by task and name, which is removed with its task."""

    def __init__(self, folder: Path) -> None:
        """Take the parent folder of the volumes; it need not exist yet."""
        self._folder = folder

    def path(self, task_arn: str, container: Definition, path: str) -> Path | None:
        """The path on this machine for a path of a container; None where it is in no volume."""
        for mount in container.get("mountPoints", []):
            inside = Path(path)
            root = Path(mount["containerPath"])
            if inside == root or root in inside.parents:
                folder: Path = self._task(task_arn) / "volumes" / mount["sourceVolume"]
                folder.mkdir(parents=True, exist_ok=True)
                return folder / inside.relative_to(root)
        return None

    def image_file(self, task_arn: str, name: str) -> Path:
        """The path for a file that the container's image would contain."""
        folder = self._task(task_arn) / "image"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def remove(self, task_arn: str) -> None:
        """Remove the volumes of a task that has ended."""
        shutil.rmtree(self._task(task_arn), ignore_errors=True)

    def _task(self, task_arn: str) -> Path:
        return self._folder / task_arn.rpartition("/")[2]


@dataclass
class InitContainers:
    """Runs the commands of containers that others wait for, once per task.

    A command of ``sh -c`` is run by this machine's shell with an empty path, in the volume that is the container's
    working directory: so it can use the shell's built-in commands, such as writing a file. If it has a
    ``DATABASE_URL``, it can also use psql. Any other command is treated as successful. ``complete`` changes
    variables as it does for every container.
    """

    volumes: TaskVolumes
    complete: Callable[[Mapping[str, str]], dict[str, str]]
    _ended: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def run_before(self, task_arn: str, container: Definition, containers: Sequence[Definition]) -> None:
        """Run the containers that a container waits for. Raises DependencyError: one of them failed."""
        for dependency in container.get("dependsOn", []):
            name = dependency["containerName"]
            other = next((each for each in containers if each["name"] == name), None)
            if other is None or dependency["condition"] not in ("SUCCESS", "COMPLETE"):
                continue
            code, _ = self.run(task_arn, other)
            if code and dependency["condition"] == "SUCCESS":
                raise DependencyError(f"dependency graph: container [{name}] exited with non-zero code: [{code}]")

    def run(
        self, task_arn: str, container: Definition, environment: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Run a container's command, only once, and return its exit code and output.

        ``environment`` has all of its variables, secrets too; None stands for the plain ones in its definition.
        """
        key = (task_arn, str(container["name"]))
        if key not in self._ended:
            written = {one["name"]: one["value"] for one in container.get("environment", [])}
            self._ended[key] = self._run(task_arn, container, environment or self.complete(written))
        return self._ended[key]

    def _run(self, task_arn: str, container: Definition, environment: Mapping[str, str]) -> tuple[int, str]:
        command = list(container.get("command") or [])
        folder = self.volumes.path(task_arn, container, container.get("workingDirectory") or "/")
        path = ""
        if "DATABASE_URL" in environment:
            place = self.volumes.image_file(task_arn, "psql")
            path, folder = str(sample_psql.shim(place)), folder or place
        if command[:2] != ["sh", "-c"] or folder is None:
            return 0, ""
        result = subprocess.run(  # noqa: S603 - words of the task definition, with an empty path
            ["/bin/sh", "-c", *command[2:]],
            check=False,
            cwd=folder,
            env={**environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
        return result.returncode, result.stdout

    def end(self, task_arn: str) -> None:
        """Forget the containers of a task that has ended, and remove its volumes."""
        for key in [key for key in self._ended if key[0] == task_arn]:
            del self._ended[key]
        self.volumes.remove(task_arn)
