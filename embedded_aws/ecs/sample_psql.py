r"""Replaces psql in a container that no engine runs: the bundled psql has no TLS.

It takes the database's URL as its last argument and a script as its standard input: statements that end with ``;``,
``\gexec`` or the script, ``\getenv``, ``\q``, and variables as ``:'name'`` and ``:"name"``. Source: PostgreSQL
documentation, psql.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

_VARIABLE = re.compile(r":'(\w+)'|:\"(\w+)\"")
_GETENV = re.compile(r"\\getenv\s+(\w+)\s+(\w+)\s*$")
_GEXEC = "\\gexec"
_FAILED = 3  # psql's exit code for a script that ended by ON_ERROR_STOP


def shim(folder: Path) -> Path:
    """Create a folder that contains only a program ``psql``, which runs this file."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "psql"
    # As a file: an import of its package would load the whole emulator.
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P "{Path(__file__).resolve()}" "$@"\n')
    program.chmod(0o700)
    return folder


def statements(script: str) -> Iterator[tuple[str, bool]]:
    """The statements of a script, each with whether its results are statements to run."""
    text = ""
    for line in script.splitlines():
        if line.strip() == "\\q":
            break
        if line.startswith("\\getenv"):
            yield line, False
            continue
        text += line + "\n"
        stripped = text.strip()
        if stripped.endswith((";", _GEXEC)):
            yield stripped.removesuffix(_GEXEC).removesuffix(";"), stripped.endswith(_GEXEC)
            text = ""
    if text.strip():  # at the end of its input psql runs this too
        yield text.strip(), False


def run(script: str, url: str) -> None:
    """Run a script. Raises psycopg.Error: a statement failed, or there is no connection."""
    variables: dict[str, str] = {}
    with psycopg.connect(url, autocommit=True, connect_timeout=60) as connection:

        def filled(match: re.Match[str]) -> str:
            literal, identifier = match.groups()
            value = sql.Literal(variables[literal]) if literal else sql.Identifier(variables[identifier])
            return value.as_string(connection)

        for statement, is_generator in statements(script):
            if found := _GETENV.match(statement):
                variables[found[1]] = os.environ[found[2]]
                continue
            cursor = connection.execute(_VARIABLE.sub(filled, statement).encode())
            for (generated,) in cursor.fetchall() if is_generator else ():
                connection.execute(str(generated).encode())


if __name__ == "__main__":
    try:
        run(sys.stdin.read(), sys.argv[-1])
    except psycopg.Error as error:
        print(f"psql: {str(error).strip()}", file=sys.stderr)
        sys.exit(_FAILED)
