"""A PostgreSQL server's use of the machine: processor time, memory and disk."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Fields of /proc/<pid>/stat after the program's name (proc_pid_stat(5)): utime, stime, cutime, cstime.
_TIMES = slice(11, 15)
_RESIDENT, _SHARED = 1, 2  # fields of /proc/<pid>/statm


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A measurement of a server."""

    cpu_seconds: float
    """Processor time since the server started, of all its processes."""
    memory_bytes: int
    """Private memory, without the memory that its processes share."""
    disk_bytes: int
    """Size of its data."""


def measure(process: int, *, disk_bytes: int) -> Usage:
    """Measure a server by the id of its first process; the caller gives the size of its data."""
    seconds, memory = 0.0, 0
    for number in (process, *_children(process)):
        with suppress(FileNotFoundError, ProcessLookupError):  # the parent's times include an ended process
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            seconds += sum(int(ticks) for ticks in fields[_TIMES]) / _TICKS_A_SECOND
            pages = Path(f"/proc/{number}/statm").read_text().split()
            memory += (int(pages[_RESIDENT]) - int(pages[_SHARED])) * _PAGE_BYTES
    return Usage(cpu_seconds=seconds, memory_bytes=memory, disk_bytes=disk_bytes)


def _children(process: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def size(folder: Path) -> int:
    """The bytes of all files, without files that the server removes meanwhile. A new server has a thousand files."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(f"{parent}/{name}").st_size
    return total
