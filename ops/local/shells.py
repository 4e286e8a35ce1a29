"""The environment by which any AWS tool uses the embedded AWS, in the syntax of common shells."""

import os
import shlex
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.local.credentials import Credentials

# Either would redirect a tool: a profile has its own region and credentials, a session token its own account.
_UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")


class Shell(StrEnum):
    """A shell whose syntax `export_lines` writes."""

    BASH = "bash"
    POWERSHELL = "powershell"


def environment(*, port: int, region: str, credentials: "Credentials") -> dict[str, str]:
    """The variables for a server."""
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": region,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
    }


def export_lines(variables: Mapping[str, str], shell: Shell, *, programs: str, path: str) -> list[str]:
    """Lines for the shell to evaluate, which set the variables and put the folder of programs first in ``PATH``."""
    needs_programs = programs not in path.split(os.pathsep)[:1]
    if shell is Shell.POWERSHELL:
        lines = [f"$Env:{name} = {_powershell_quote(value)}" for name, value in variables.items()]
        lines += [f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in _UNSET]
        separator = "[IO.Path]::PathSeparator"
        first = f"$Env:PATH = {_powershell_quote(programs)} + {separator} + $Env:PATH"
        return lines + ([first] if needs_programs else [])
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    lines += [f"unset {name}" for name in _UNSET]
    return lines + ([f'export PATH={shlex.quote(programs)}:"$PATH"'] if needs_programs else [])


def _powershell_quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
