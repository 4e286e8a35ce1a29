"""Folders for templates and other files of one command, and those that killed commands left behind.

A command that is killed cannot remove its folder, and a CDK that it began may go on reading in it. So each folder has a
lock, which the command holds and hands on to its CDK: a folder whose lock nobody holds is left over, and the next
command removes it.
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
_held: Final[set[int]] = set()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder, until the block ends."""
    _remove_left_over(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        folder = Path(name)
        descriptor = _locked(folder)
        _held.add(descriptor)
        try:
            yield folder
        finally:
            _held.discard(descriptor)
            os.close(descriptor)


def descriptors() -> tuple[int, ...]:
    """The locks of this process's folders, for children that read in them and may outlive it."""
    return tuple(_held)


def _locked(folder: Path) -> int:
    """Take the lock under another name: whoever looks for left-over folders never sees it free."""
    made = folder / f"{_LOCK}.new"
    descriptor = os.open(made, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    made.rename(folder / _LOCK)
    return descriptor


def _remove_left_over(root: Path) -> None:
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
