"""The server's process, and the note that identifies it.

A process id alone is not enough: after a reboot it belongs to another program. So the note also has the time at which
the process began, and a process is ended only if both agree.
"""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ops.aws.polling import Polling, wait_until

_POLLING = Polling(seconds=0.05)
_BEGAN_FIELD = 19  # of /proc/<pid>/stat behind the command's closing parenthesis: starttime, see proc(5)
_LISTENS = "0A"  # a state in /proc/net/tcp


@dataclass(frozen=True, kw_only=True)
class ServerNote:
    """The note about a started server."""

    pid: int  # its process, which is also the id of its process group
    port: int  # where it listens on 127.0.0.1
    began: str  # when the process began, in the operating system's form; only for comparison
    started_at: float  # the same time in seconds since 1970
    options: tuple[str, ...] = ()  # its options besides port and folder, in the form of `up`

    @property
    def is_running(self) -> bool:
        """Whether the process of this note still runs."""
        return (began := process_began(self.pid)) is not None and began == self.began

    @property
    def is_stopped(self) -> bool:
        """Whether it is stopped until SIGCONT: after SIGSTOP, or in a debugger."""
        return _stat(self.pid)[:1] in (["T"], ["t"])


def read_note(file: Path) -> ServerNote | None:
    """Read the note; None if there is none, or if it is incomplete."""
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        return ServerNote(**fields | {"options": tuple(fields.get("options", ()))})
    except (AttributeError, FileNotFoundError, ValueError, TypeError):
        return None


def write_note(file: Path, note: ServerNote) -> None:
    """Write the note atomically."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(note)), encoding="utf-8")
    partial.replace(file)


def note_started(file: Path, child: "subprocess.Popen[bytes]", *, port: int, options: tuple[str, ...]) -> None:
    """Write the note of a new server; if that fails the server is ended, because no command would find it."""
    try:
        began = process_began(child.pid)
        if began is not None:
            write_note(file, ServerNote(pid=child.pid, port=port, began=began, started_at=time.time(), options=options))
    except BaseException:  # a full disk, Ctrl-C
        child.kill()
        child.wait()
        raise


def process_began(pid: int) -> str | None:
    """When a process began, in the operating system's form; None if there is no such process, or a zombie."""
    fields = _stat(pid)
    return fields[_BEGAN_FIELD] if fields[:1] not in ([], ["Z"]) else None


def _stat(pid: int) -> list[str]:
    """The kernel's fields of a process, its state first; empty if there is no such process."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return []


def listens(pid: int, port: int) -> bool:
    """Whether this process listens at a port; another one may have taken it meanwhile (proc(5), net/tcp and fd)."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines())
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}") and row[3] == _LISTENS}
    with suppress(OSError):  # the process has ended, or has closed a file meanwhile
        return any(str(file.readlink()) in sockets for file in Path(f"/proc/{pid}/fd").iterdir())
    return False


@contextmanager
def lock_state_folder(folder: Path) -> Iterator[None]:
    """Lock the folder, so that no other command starts or ends its server meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # NFS cannot lock a folder
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def end(note: ServerNote, *, grace_seconds: float) -> bool:
    """End a running server and its process group; returns whether it ended by itself, within its time to save."""
    with suppress(ProcessLookupError):  # it has ended meanwhile
        os.kill(note.pid, signal.SIGCONT)  # a stopped process would not get the other signal
        os.kill(note.pid, signal.SIGTERM)

    def ended() -> bool:
        # The exit code is collected if it is a child of this process, as when one command starts and ends it.
        with suppress(ChildProcessError):
            os.waitpid(note.pid, os.WNOHANG)
        return not note.is_running

    in_good_order = wait_until(ended, _POLLING, grace_seconds)
    # The group exists while one member runs, so no other process can have its id.
    with suppress(ProcessLookupError):
        os.killpg(note.pid, signal.SIGKILL)
    wait_until(ended, _POLLING)
    return in_good_order
