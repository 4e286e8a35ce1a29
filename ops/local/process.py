"""Processes, and the note that says which one is ours.

A process id alone proves nothing: after a reboot it belongs to another program. So the note carries the moment at which
the process began as well, and nothing is ended unless both agree.
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
    """What is written down about a server that was started."""

    pid: int  # its process, which is also the id of its process group
    port: int  # where it listens on 127.0.0.1
    began: str  # when the process began, as the operating system words it; only good for comparing
    started_at: float  # the same moment in seconds since 1970
    options: tuple[str, ...] = ()  # what it was started with besides port and folder, as `up` takes it

    @property
    def is_running(self) -> bool:
        """Whether the very process that this note is about still runs."""
        return (began := process_began(self.pid)) is not None and began == self.began

    @property
    def is_stopped(self) -> bool:
        """Whether it stands still until it gets SIGCONT: after SIGSTOP, or in a debugger."""
        return _stat(self.pid)[:1] in (["T"], ["t"])


def read_note(file: Path) -> ServerNote | None:
    """Read the note; None if there is none, or if it was only half written."""
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        return ServerNote(**fields | {"options": tuple(fields.get("options", ()))})
    except (AttributeError, FileNotFoundError, ValueError, TypeError):
        return None


def write_note(file: Path, note: ServerNote) -> None:
    """Write the note in one step, so that nobody reads half of it."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(note)), encoding="utf-8")
    partial.replace(file)


def note_started(file: Path, child: "subprocess.Popen[bytes]", *, port: int, options: tuple[str, ...]) -> None:
    """Note a server that has just been started; without a note nobody would find it again, so that it is ended."""
    try:
        began = process_began(child.pid)
        if began is not None:
            write_note(file, ServerNote(pid=child.pid, port=port, began=began, started_at=time.time(), options=options))
    except BaseException:  # a full disk, Ctrl-C
        child.kill()
        child.wait()
        raise


def process_began(pid: int) -> str | None:
    """When a process began, as the operating system words it; None if there is no such process, or only its corpse."""
    fields = _stat(pid)
    return fields[_BEGAN_FIELD] if fields[:1] not in ([], ["Z"]) else None


def _stat(pid: int) -> list[str]:
    """What the kernel says of a process, its state first; nothing of one that is not there."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return []


def listens(pid: int, port: int) -> bool:
    """Whether a port is this process's; another one may have taken it meanwhile (proc(5), net/tcp and fd)."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines())
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}") and row[3] == _LISTENS}
    with suppress(OSError):  # it has ended, or has closed a file while this is read
        return any(str(file.readlink()) in sockets for file in Path(f"/proc/{pid}/fd").iterdir())
    return False


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let no other command start or end a server of the folder meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # NFS locks no folder
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def end(note: ServerNote, *, grace_seconds: float) -> bool:
    """End the server and whatever it left behind in its process group; returns whether it ended by itself.

    Args:
        note: the server; it must be running.
        grace_seconds: how long it may take to save its state before it is killed.
    """
    os.kill(note.pid, signal.SIGCONT)  # one that is stopped would take no notice of the other signal
    os.kill(note.pid, signal.SIGTERM)

    def ended() -> bool:
        # The exit code is taken if it is a child of this process, as when one command starts and ends it.
        with suppress(ChildProcessError):
            os.waitpid(note.pid, os.WNOHANG)
        return not note.is_running

    in_good_order = wait_until(ended, _POLLING, grace_seconds)
    # The group outlives its leader while one member runs, so its id cannot have gone to anybody else.
    with suppress(ProcessLookupError):
        os.killpg(note.pid, signal.SIGKILL)
    wait_until(ended, _POLLING)
    return in_good_order
