"""Files that the command line names: one that cannot be used ends the command with a sentence."""

import os
from pathlib import Path

from ops.errors import UnusableInputError


def check_writable(*files: Path | None) -> None:
    """Look before minutes of work whether a text can be written afterwards.

    Raises:
        UnusableInputError: it is a folder, its folder is not there, or the one or the other may not be written.
    """
    for file in filter(None, files):
        if file.is_dir():
            raise UnusableInputError(f"{file} is a folder, not a file")
        if not file.parent.is_dir():
            raise UnusableInputError(f"{file} cannot be written: there is no folder {file.parent}")
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise UnusableInputError(f"{file} cannot be written by this user, or at all")


def make_folder(folder: Path) -> None:
    """Make the folder for what is written after minutes of work, if it is not there.

    Raises:
        UnusableInputError: it cannot be made, or not be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableInputError(f"{folder} cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnusableInputError(f"{folder} cannot be written by this user")


def write(file: Path, text: str) -> None:
    """Write a text.

    Raises:
        UnusableInputError: it cannot be written there.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnusableInputError(f"{file} cannot be written: {error.strerror}") from error


def read(file: Path) -> str:
    """Read a text.

    Raises:
        UnusableInputError: it cannot be read, or is no text.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UnusableInputError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnusableInputError(f"{file} is no text in UTF-8") from error
