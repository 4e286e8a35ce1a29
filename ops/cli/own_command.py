"""How the shell of whoever called this command finds it: advice is to be copied as it stands."""

import os
import shlex
import shutil
import sysconfig
from pathlib import Path


def shells_path() -> str:
    """The shell's own PATH: the command has put its folder in front of its own, once (`ops.cli.app`)."""
    return os.environ.get("PATH", "").removeprefix(f"{sysconfig.get_path('scripts')}{os.pathsep}")


def own_command() -> str:
    """``hannibal`` where that is this one, else its file as seen from the present folder."""
    here = Path(sysconfig.get_path("scripts"), "hannibal")
    found = shutil.which("hannibal", path=shells_path())
    if found is not None and Path(found).resolve() == here.resolve():
        return "hannibal"
    return shlex.quote(str(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else str(here))
