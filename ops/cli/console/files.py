"""Files that the command line names: one that cannot be used ends the command with a message."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from ops.errors import UnusableInputError


def check_writable(*files: Path | None) -> None:
    """Check before minutes of work that files can be written afterwards; UnusableInputError where one cannot."""
    for file in filter(None, files):
        if file.is_dir():
            raise UnusableInputError(f"{file} is a folder, not a file")
        if not file.parent.is_dir():
            raise UnusableInputError(f"{file} cannot be written: there is no folder {file.parent}")
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise UnusableInputError(f"{file} cannot be written by this user, or at all")


def make_folder(folder: Path) -> None:
    """Create a folder before minutes of work whose results go there; UnusableInputError where it is not writable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableInputError(f"{folder} cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnusableInputError(f"{folder} cannot be written by this user")


def write(file: Path, text: str) -> None:
    """Write a text in one step, so that a full disk or a kill leaves the former one.

    A pipe, a device such as ``/dev/stdout``, and a file in a folder that takes no other, are written in place.

    Raises:
        UnusableInputError: it cannot be written there.
    """
    target = Path(os.path.realpath(file))  # a link stays one
    # Links in /dev lead to pipes without a name, and to files that the shell has open.
    device = file.is_relative_to("/dev") and not file.is_relative_to("/dev/shm")  # noqa: S108 - no file of ours
    replaced = not device and (target.is_file() or not file.exists()) and os.access(target.parent, os.W_OK)
    written = target.with_name(f"{target.name}.partial") if replaced else file
    try:
        if device:
            with file.open("a", encoding="utf-8") as opened:  # the shell's file may hold more
                opened.write(text)
            return
        written.write_text(text, encoding="utf-8")
        if replaced:
            with suppress(FileNotFoundError):  # a new file
                shutil.copymode(target, written)
            written.replace(target)
    except OSError as error:
        if replaced:
            written.unlink(missing_ok=True)
        raise UnusableInputError(f"{file} cannot be written: {error.strerror}") from error


def read(file: Path) -> str:
    """Read a text; UnusableInputError where it cannot be read, or is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UnusableInputError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnusableInputError(f"{file} is no text in UTF-8") from error
