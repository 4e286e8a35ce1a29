"""Says that a disk is full where a child process ends with the traceback of whoever noticed it first."""

import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from ops.errors import FailedError

# As Python and Node write the error of the system.
_SAID: Final = re.compile(r"no space left on device|ENOSPC|disk quota exceeded|EDQUOT", re.IGNORECASE)
_FILE: Final = re.compile(r"(?:No space left on device|Disk quota exceeded): '([^'\n]+)'")
# Less than one template: what the child said may be cut off as well, where its log lies on that disk.
_LEAST_BYTES: Final = 512 * 1024


def require_space(said: str, *folders: Path) -> None:
    """See that a child did not fail for want of space.

    Args:
        said: all that it printed.
        folders: where it wrote.

    Raises:
        FailedError: it did.
    """
    full = [folder for folder in folders if _free_bytes(folder) < _LEAST_BYTES]
    if not (_SAID.search(said) or full):
        return
    file = _FILE.search(said)
    where = file[1] if file else ", ".join(map(str, full))
    raise FailedError(
        f"this machine has no space left{f' ({where})' if where else ''}",
        "Look for space (`df -h`; the CDK writes to TMPDIR, to its cache in the home folder, and here), then run the "
        "same command again: it goes on.",
    )


def _free_bytes(folder: Path) -> int:
    """Of the folder, or of the one that it is to be made in."""
    for existing in (folder, *folder.parents):
        with suppress(OSError):
            return shutil.disk_usage(existing).free
    return _LEAST_BYTES
