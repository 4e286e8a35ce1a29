"""Accepts the templates that a pull request's code has synthesized as data: flat JSON files and nothing else."""

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ops.errors import UnusableInputError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.json")
_MOST_FILES: Final = 200
_MOST_BYTES: Final = 20_000_000  # of one file; CloudFormation takes templates of 1 MB
# Keys of a manifest that name other files (AWS CDK, cloud assembly schema, "artifact-schema").
_FILE_KEYS: Final = frozenset(
    {"additionalMetadataFile", "directoryName", "file", "templateFile", "validationReportFile"}
)


def copy_artifact(artifact: Path, folder: Path) -> int:
    """Copy the files of an unpacked artifact into a new folder, if all are valid; returns their number.

    Nothing in them is executed or followed: links, folders, other names and files that name files elsewhere are
    refused, all together and before anything is copied. The artifact lies outside of every checkout.

    Raises:
        UnusableInputError: something in it is not a plain file of JSON; the message names it.
    """
    entries = sorted(artifact.iterdir()) if artifact.is_dir() and not artifact.is_symlink() else []
    if not entries or len(entries) > _MOST_FILES:
        raise _artifact_error(f"it has {len(entries)} files; 1 to {_MOST_FILES} are taken")
    contents = {entry.name: _content(entry) for entry in entries}
    for name, content in contents.items():
        for named in _files_named(content) if name == "manifest.json" else ():
            if named not in contents:
                raise _artifact_error(f"manifest.json names the file {named!r}, which is not in it")
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return len(contents)


def _content(entry: Path) -> object:
    status = entry.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        raise _artifact_error(f"{entry.name!r} is not a plain file")
    if not _NAME.fullmatch(entry.name):
        raise _artifact_error(f"{entry.name!r} is no name of a file of JSON")
    if status.st_size > _MOST_BYTES:
        raise _artifact_error(f"{entry.name!r} has {status.st_size:,} bytes; {_MOST_BYTES:,} are taken")
    try:
        content: object = json.loads(entry.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise _artifact_error(f"{entry.name!r} is not JSON") from None
    return content


def _files_named(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key in _FILE_KEYS and isinstance(value, str):
                yield value
            yield from _files_named(value)
    elif isinstance(content, list):
        for value in content:
            yield from _files_named(value)


def _artifact_error(reason: str) -> UnusableInputError:
    return UnusableInputError(f"the artifact is refused: {reason}", "It must hold the files *.json of cdk.out, flat.")
