"""The volumes of tasks that run without a container engine: a folder for each, which ends with its task."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Definition = Mapping[str, Any]


class TaskVolumes:
    """Folders by task and by the name of the volume."""

    def __init__(self, folder: Path) -> None:
        """Take the folder to make them in; it need not exist yet."""
        self._folder = folder

    def path(self, task_arn: str, container: Definition, path: str) -> Path | None:
        """Where a path of a container is on this machine; None where it is in no volume."""
        for mount in container.get("mountPoints", []):
            inside = Path(path)
            root = Path(mount["containerPath"])
            if inside == root or root in inside.parents:
                folder: Path = self._task(task_arn) / "volumes" / mount["sourceVolume"]
                folder.mkdir(parents=True, exist_ok=True)
                return folder / inside.relative_to(root)
        return None

    def image_file(self, task_arn: str, name: str) -> Path:
        """A file that stands for one of a container's image."""
        folder = self._task(task_arn) / "image"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def remove(self, task_arn: str) -> None:
        """Remove the volumes of a task that has ended."""
        shutil.rmtree(self._task(task_arn), ignore_errors=True)

    def _task(self, task_arn: str) -> Path:
        return self._folder / task_arn.rpartition("/")[2]
