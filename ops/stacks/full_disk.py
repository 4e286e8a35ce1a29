"""Reports a full disk plainly where a child process ends with a traceback because of it."""

import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from ops.errors import FailedError

# The system's error as Python and Node print it.
_SAID: Final = re.compile(r"no space left on device|ENOSPC|disk quota exceeded|EDQUOT", re.IGNORECASE)
_FILE: Final = re.compile(r"(?:No space left on device|Disk quota exceeded): '([^'\n]+)'")
# Less than one template: the child's output may be cut off too, where its log is on that disk.
_LEAST_BYTES: Final = 512 * 1024


def require_space(output: str, *folders: Path) -> None:
    """Raise FailedError where a child process failed by a full disk, by its output and the folders it wrote to."""
    full = [folder for folder in folders if _free_bytes(folder) < _LEAST_BYTES]
    if not (_SAID.search(output) or full):
        return
    file = _FILE.search(output)
    where = file[1] if file else ", ".join(map(str, full))
    raise FailedError(
        f"this machine has no space left{f' ({where})' if where else ''}",
        "Look for space (`df -h`; the CDK writes to TMPDIR, to its cache in the home folder, and here), then run the "
        "same command again: it goes on.",
    )


def _free_bytes(folder: Path) -> int:
    """Free space of a folder, or of its nearest existing parent."""
    for existing in (folder, *folder.parents):
        with suppress(OSError):
            return shutil.disk_usage(existing).free
    return _LEAST_BYTES
