"""The environment by which any AWS tool uses the embedded AWS, in the syntax of common shells."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.local.credentials import Credentials

# Either would redirect a tool: a profile has its own region and credentials, a session token its own account.
_UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")


class Shell(StrEnum):
    """A shell whose syntax `export_lines` writes."""

    BASH = "bash"
    POWERSHELL = "powershell"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Variables to set, and the first folder of ``PATH``."""

    variables: Mapping[str, str]
    programs: Path


def environment(*, port: int, region: str, programs: Path, credentials: "Credentials") -> Environment:
    """The environment for a server."""
    return Environment(
        variables={
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_REGION": region,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        },
        programs=programs,
    )


def export_lines(exported: Environment, shell: Shell, *, path: str) -> list[str]:
    """The environment as lines for the shell to evaluate; the folder of programs is in ``PATH`` once."""
    programs = str(exported.programs)
    needs_programs = programs not in path.split(os.pathsep)[:1]
    if shell is Shell.POWERSHELL:
        lines = [f"$Env:{name} = {_powershell_quote(value)}" for name, value in exported.variables.items()]
        lines += [f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in _UNSET]
        separator = "[IO.Path]::PathSeparator"
        first = f"$Env:PATH = {_powershell_quote(programs)} + {separator} + $Env:PATH"
        return lines + ([first] if needs_programs else [])
    lines = [f"export {name}={shlex.quote(value)}" for name, value in exported.variables.items()]
    lines += [f"unset {name}" for name in _UNSET]
    return lines + ([f'export PATH={shlex.quote(programs)}:"$PATH"'] if needs_programs else [])


def _powershell_quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
