"""Hands the variables of a container to the engine, secrets among them, without showing them to other processes."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


class Variables:
    """A file that only this user reads, for as long as the engine needs it.

    Arguments would be seen in the list of processes. The environment of the engine's own command line is used only for
    values of several lines, which the file cannot hold: a variable like ``HOME`` would change what the engine does.

    Attributes:
        options: of the engine's command ``run``.
        inherited: variables for the engine's command line.
    """

    def __init__(self, variables: Mapping[str, str], *, folder: Path) -> None:
        self.inherited = {name: value for name, value in variables.items() if "\n" in value or "\r" in value}
        self._lines = [f"{name}={value}" for name, value in variables.items() if name not in self.inherited]
        self._folder = folder
        self._file = ""
        self.options: tuple[str, ...] = ()

    def __enter__(self) -> "Variables":
        self._folder.mkdir(parents=True, exist_ok=True)
        number, self._file = tempfile.mkstemp(dir=self._folder)  # with mode 0600
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write("\n".join([*self._lines, ""]))
        self.options = ("--env-file", self._file, *(word for name in self.inherited for word in ("--env", name)))
        return self

    def __exit__(self, *_: object) -> None:
        Path(self._file).unlink(missing_ok=True)
