"""Temporary folders of a command, and removal of folders that killed commands left behind.

A command that is killed cannot remove its folder, and its CDK may still read in it. So each folder has a lock file,
which the command locks and passes to its CDK: a folder whose lock is free is left over, and the next command removes
it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "hannibal-scratch-"
_LOCK: Final = ".lock"
_open_locks: Final[set[int]] = set()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder, removed when the block ends."""
    _remove_old_folders(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        folder = Path(name)
        descriptor = _locked(folder)
        _open_locks.add(descriptor)
        try:
            yield folder
        finally:
            _open_locks.discard(descriptor)
            os.close(descriptor)


def descriptors() -> tuple[int, ...]:
    """Descriptors of this process's folder locks, for child processes that read in the folders and may outlive it."""
    return tuple(_open_locks)


def _locked(folder: Path) -> int:
    """Lock the file before it gets its name, so that no other command finds the lock free."""
    made = folder / f"{_LOCK}.new"
    descriptor = os.open(made, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    made.rename(folder / _LOCK)
    return descriptor


def _remove_old_folders(root: Path) -> None:
    for folder in root.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
