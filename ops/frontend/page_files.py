"""The folder of a built frontend: which files are published, and which must not be."""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.errors import UnusableInputError

INDEX: Final = "index.html"
BUILD_FOLDERS: Final = ("dist", "build", "out")  # where builds write
_WELL_KNOWN: Final = ".well-known"
_LARGEST_KEY_BYTES: Final = 1024  # S3 user guide, "Naming Amazon S3 objects"
# Files that a project has and its build does not.
_PROJECT_FILES: Final = ("package.json", "node_modules", "Dockerfile")


@dataclass(frozen=True, kw_only=True)
class PageFile:
    """One file to publish."""

    path: Path  # its path on this machine
    key: str  # its name in the bucket, and its path in the address without the first slash
    size: int  # in bytes
    sha256: str  # of its content, as hexadecimal digits


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The files of a folder."""

    files: tuple[PageFile, ...]  # files to publish, in the order of their names
    left_out: tuple[str, ...]  # names of files that are not published: hidden files and source maps


def read_folder(folder: Path) -> Folder:
    """Read all files of a built frontend.

    Hidden files are left out, except ``.well-known``; so are source maps, which show the source to everybody. A link to
    a file inside the folder counts as that file.

    Raises:
        UnusableInputError: it is no folder, or no built frontend; a file cannot be read, or is a link out of it.
    """
    _check(folder)
    root = folder.resolve()
    published: list[PageFile] = []
    left_out: list[str] = []
    for path in _walk(root, root):
        key = unicodedata.normalize("NFC", path.relative_to(root).as_posix())
        if _is_hidden(key) or key.endswith(".map"):
            left_out.append(key)
            continue
        _check_key(key)
        published.append(_read_file(path, key))
    _check_names(published)
    return Folder(files=tuple(sorted(published, key=lambda file: file.key)), left_out=tuple(sorted(left_out)))


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise UnusableInputError(
            f"{folder} is no folder",
            "Build the frontend first, and name the folder that the build writes, such as dist.",
        )
    index = folder / INDEX
    if not index.is_file():
        built = next((name for name in BUILD_FOLDERS if (folder / name / INDEX).is_file()), None)
        advice = f"The build is below it: --folder {folder / built}" if built else "Every page begins with that file."
        raise UnusableInputError(f"{folder} has no {INDEX}", advice)
    found = next((name for name in _PROJECT_FILES if (folder / name).exists()), None)
    if found:
        raise UnusableInputError(
            f"{folder} has {found}: it is a project, and not what its build writes",
            "Everybody could read its sources. Build it, and name the folder that the build writes, such as dist.",
        )
    if index.stat().st_size == 0:
        raise UnusableInputError(f"{index} is empty", "Build the frontend again.")


def _walk(folder: Path, root: Path) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UnusableInputError(f"{folder} cannot be read: {error.strerror}") from error
    for entry in entries:
        path = Path(entry.path)
        if entry.is_symlink():
            _check_link(path, root)
        if entry.is_dir(follow_symlinks=False):
            if entry.name.startswith(".") and entry.name != _WELL_KNOWN:
                yield path / "…"
            else:
                yield from _walk(path, root)
        elif stat.S_ISFIFO(path.stat().st_mode):  # reading it would wait for a writer
            raise UnusableInputError(f"{path} is no file", "Remove it, and publish again.")
        else:
            yield path


def _check_link(path: Path, root: Path) -> None:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # the latter for a loop of links
        raise UnusableInputError(f"{path} is a link that leads nowhere", "Remove it, and publish again.") from None
    if target.is_dir():
        raise UnusableInputError(f"{path} is a link to a folder", "Copy the folder in its place.")
    if not target.is_relative_to(root) or _is_hidden(target.relative_to(root).as_posix()):
        raise UnusableInputError(
            f"{path} is a link to {target}, outside of what is published",
            "Copy the file there if it is to be published.",
        )


def _is_hidden(key: str) -> bool:
    return any(part.startswith(".") and part != _WELL_KNOWN for part in key.split("/"))


def _check_key(key: str) -> None:
    if "\\" in key or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in key):
        raise UnusableInputError(f"the name {key!r} has a letter that no address can carry", "Rename the file.")
    if len(key.encode()) > _LARGEST_KEY_BYTES:
        raise UnusableInputError(f"the name {key[:60]}… is longer than S3's {_LARGEST_KEY_BYTES} bytes")


def _check_names(files: list[PageFile]) -> None:
    seen: dict[str, Path] = {}
    for file in files:
        other = seen.setdefault(file.key, file.path)
        if other != file.path:
            raise UnusableInputError(f"{other} and {file.path} have one name, written in two ways", "Rename one.")


def _read_file(path: Path, key: str) -> PageFile:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            size = file.tell()
    except OSError as error:
        raise UnusableInputError(f"{path} cannot be read: {error.strerror}", "Nothing was published.") from error
    return PageFile(path=path, key=key, size=size, sha256=digest.hexdigest())
