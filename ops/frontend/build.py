"""Builds a frontend from its sources, in a process without credentials."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ops.errors import FailedError, UnusableInputError
from ops.frontend.page_files import BUILD_FOLDERS, INDEX, read_folder

# Dependencies run their own scripts during installation: they get no credentials by which AWS or GitHub would take
# them for this command.
_SECRET: Final = ("AWS_", "ACTIONS_", "GITHUB_TOKEN", "GH_TOKEN", "HANNIBAL_")
_LINES_SHOWN: Final = 15


def build_frontend(source: Path, *, script: str = "build", output: str | None = None) -> Path:
    """Install the dependencies of the lock file, run the build, and return the folder with the pages.

    The output is below the source; None for dist, build or out.

    Raises:
        UnusableInputError: the source is no project with a lock file, or the build wrote no pages.
        FailedError: a step failed; the message has the end of its output.
    """
    for name in ("package.json", "package-lock.json"):
        if not (source / name).is_file():
            raise UnusableInputError(
                f"{source} has no {name}",
                "Name the folder that has it; versions that no lock file holds are not built.",
            )
    npm = shutil.which("npm")
    if npm is None:
        raise UnusableInputError("npm is not there", "Install Node, or run `make setup`.")
    _run([npm, "ci", "--no-audit", "--no-fund"], source)
    _run([npm, "run", script], source)
    folder = _output_folder(source, output)
    read_folder(folder)
    return folder


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without credentials for AWS or GitHub."""
    return {name: value for name, value in environment.items() if not name.startswith(_SECRET)}


def _run(command: list[str], source: Path) -> None:
    process = subprocess.run(  # noqa: S603 - npm, with the project's own scripts, without a shell
        command,
        cwd=source,
        env=without_secrets(os.environ) | {"CI": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if process.returncode != 0:
        words = " ".join(["npm", *command[1:]])
        raise FailedError(
            f"`{words}` ended with exit code {process.returncode}", *process.stdout.strip().splitlines()[-_LINES_SHOWN:]
        )


def _output_folder(source: Path, output: str | None) -> Path:
    wanted = (output,) if output else BUILD_FOLDERS
    found = next((source / name for name in wanted if (source / name / INDEX).is_file()), None)
    if found is None:
        raise UnusableInputError(
            f"the build wrote no {INDEX} into {', '.join(wanted)}", "Name the folder that it writes: --output"
        )
    return found
