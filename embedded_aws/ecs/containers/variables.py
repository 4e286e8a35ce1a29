"""Hands the variables of a container to the engine, secrets among them, without showing them to other processes."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def handed_over(variables: Mapping[str, str], *, folder: Path) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Give options of the engine's command ``run``, and variables for its command line.

    The options name a file that only this user reads, for as long as the engine needs it. Arguments would be seen in
    the list of processes. The environment of the engine's own command line is used only for values of several lines,
    which the file cannot hold: a variable like ``HOME`` would change what the engine does.
    """
    inherited = {name: value for name, value in variables.items() if "\n" in value or "\r" in value}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8") as file:  # with mode 0600
        file.writelines(f"{name}={value}\n" for name, value in variables.items() if name not in inherited)
        file.flush()
        yield ("--env-file", file.name, *(word for name in inherited for word in ("--env", name))), inherited
