"""How the caller's shell finds this command, so that users can copy advice."""

import os
import shlex
import shutil
import sysconfig
from pathlib import Path


def shells_path() -> str:
    """The shell's PATH, without the folder that this process has put before it (`ops.cli.app`)."""
    return os.environ.get("PATH", "").removeprefix(f"{sysconfig.get_path('scripts')}{os.pathsep}")


def own_command() -> str:
    """``hannibal`` where the shell finds this one by name, else its path from the current folder."""
    program = Path(sysconfig.get_path("scripts"), "hannibal")
    found = shutil.which("hannibal", path=shells_path())
    if found is not None and Path(found).resolve() == program.resolve():
        return "hannibal"
    return shlex.quote(str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program))
