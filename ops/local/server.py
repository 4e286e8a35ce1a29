"""Starts, describes and ends the embedded AWS."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from embedded_aws.containers.cleanup import forget_engine, noted_engine, remove_leftovers, server_label
from embedded_aws.containers.engine import NAMES, EngineError, find_engine
from ops.aws.polling import Polling, wait_at_most
from ops.errors import FailedError, RefusedError
from ops.local import process
from ops.local.process import ServerNote
from ops.local.server_options import ServerOptions, state_option

DEFAULT_PORT = 4566

_HOST = "127.0.0.1"
_SECONDS_TO_START = 600.0  # a server that ends is noticed at once
_SECONDS_TO_SAVE = 120.0
_POLLING = Polling(seconds=0.05)
_LOG_BYTES_KEPT = 5_000_000
_LINES_OF_A_DEATH = 12
# The server creates this file in its state folder; a folder without it is not the server's, and is not purged.
_MARK = "server.lock"
_KEPT_BY_PURGE = "logs"  # the commands' logs, not the server's
# Files of commands in the folder, and the operator's file about snapshots (docs/embedded-aws.md).
_BEFORE_THE_MARK = (_KEPT_BY_PURGE, "cdk-*.lock", "outputs-*.json", "server.*", "database")

Observer = Callable[[float], None]  # gets the seconds waited so far, repeatedly


@dataclass(frozen=True, kw_only=True)
class ServerStatus:
    """The state of the embedded AWS."""

    running: bool  # whether it runs
    folder: Path  # its state folder
    state_bytes: int  # the size of that folder
    log_file: Path  # its log
    pid: int | None = None  # its process, while it runs
    port: int | None = None  # its port, while it runs
    uptime_seconds: float | None = None  # how long it has been running, while it runs
    options: tuple[str, ...] = ()  # its options in the form of `up`, while it runs
    stopped: bool = False  # whether its process is stopped and does not answer

    @property
    def endpoint(self) -> str | None:
        """The URL for clients, while it runs."""
        return None if self.port is None else f"http://{_HOST}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Started:
    """The answer of ``up``: the server, and whether it ran before."""

    status: ServerStatus
    was_running: bool


def up(folder: Path, options: ServerOptions, observe: Observer = lambda _seconds: None) -> Started:
    """Start the embedded AWS in the background and wait until it answers. If it runs already, do nothing.

    Raises:
        RefusedError: it runs on another port, the port is taken, the named engine cannot be used, the folder is
            another's, or this is not Linux.
        FailedError: it ended while it started (the message has the end of its log), is stopped, or does not answer.
    """
    if sys.platform != "linux":
        raise RefusedError(
            f"the embedded AWS needs Linux, and this is {sys.platform}",
            "Run it in a Linux virtual machine or container. Commands for a real account work here as well.",
        )
    note, named = _running(folder), state_option(folder)
    if note is not None and options.port not in {None, note.port}:
        raise RefusedError(
            f"the embedded AWS of {folder} is running already, on port {note.port}",
            f"Use it there (HANNIBAL_PORT={note.port}), or end it first: hannibal local down{named}",
        )
    if note is not None:
        if note.is_stopped:
            problem = f"the embedded AWS is stopped (pid {note.pid}), as by SIGSTOP or a debugger"
            raise FailedError(problem, f"Continue it: kill -CONT {note.pid}. Or end it: hannibal local down{named}")
        if not _wait_until_ready(note.pid, note.port, observe, while_it_runs=lambda: note.is_running):
            problem = f"the embedded AWS that another command has started does not answer on port {note.port}"
            raise FailedError(problem, f"See what it does: hannibal local logs{named}")
        return Started(status=status(folder), was_running=True)
    port = options.port or DEFAULT_PORT
    _require_state_folder(folder)
    _require_free_port(port, named)
    _require_engine(options.containers, named)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _launch(folder, port, options, observe):
        return up(folder, options, observe)  # another command was faster
    return Started(status=status(folder), was_running=False)


def _require_state_folder(folder: Path) -> None:
    """Refuse a folder of others: the server restricts its folder, empties ``tmp`` in it, and a purge deletes all."""
    names = [entry.name for entry in folder.iterdir()] if folder.exists() else []
    others = [name for name in names if not any(fnmatch(name, pattern) for pattern in _BEFORE_THE_MARK)]
    if others and _MARK not in names:
        raise RefusedError(
            f"{folder} contains other files, such as {min(others)}", "Name an empty folder, or a new one, by --state."
        )


def _require_engine(containers: str, named: str) -> None:
    name = next((name for name in NAMES if name == containers), None)
    if name is None:
        return
    try:
        find_engine(name, os.environ)
    except EngineError as error:
        raise RefusedError(
            str(error), f"Or start without it: hannibal local up{named}; then a sample service replaces each container."
        ) from error


def _require_free_port(port: int, named: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise RefusedError(
                f"port {port} of {_HOST} cannot be used: {error.strerror}",
                f"See which program has it: ss -ltnp 'sport = :{port}'",
                f"Or use another port: hannibal local up --port {port + 10}{named}  (or HANNIBAL_PORT={port + 10})",
            ) from None


def _launch(folder: Path, port: int, options: ServerOptions, observe: Observer) -> bool:
    """Start the server and wait until it answers; False where one runs already."""
    log_file = _log_file(folder)
    with process.lock_state_folder(folder):
        if _running(folder) is not None:
            return False
        if log_file.exists() and log_file.stat().st_size > _LOG_BYTES_KEPT:
            log_file.replace(log_file.with_suffix(".log.old"))
        with log_file.open("ab") as log:
            beginning = log.tell()
            child = subprocess.Popen(  # noqa: S603 - this project's module
                # A session of its own: neither Ctrl-C here nor the end of the terminal reaches it.
                [sys.executable, "-P", "-m", "embedded_aws", *options.arguments(folder, port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=folder,
            )
        process.note_started(_note_file(folder), child, port=port, options=options.kept)
    if not _wait_until_ready(child.pid, port, observe, while_it_runs=lambda: child.poll() is None):
        if child.returncode is None:
            raise FailedError(
                f"the embedded AWS did not answer on port {port} within {_SECONDS_TO_START:.0f} seconds",
                f"See what it does: hannibal local logs{state_option(folder)}",
            )
        raise FailedError(
            f"the embedded AWS ended while it started, with exit code {child.returncode}",
            *log_file.read_bytes()[beginning:].decode("utf-8", errors="replace").splitlines()[-_LINES_OF_A_DEATH:],
            f"The whole log: {log_file}",
        )
    child.returncode = 0  # it outlives this process; otherwise Popen would warn of a running child
    return True


def _wait_until_ready(pid: int, port: int, observe: Observer, *, while_it_runs: Callable[[], bool]) -> bool:
    """Wait for a starting server; returns whether it answers."""
    began = time.monotonic()

    def answers() -> bool | None:
        if _answers(pid, port):
            return True
        observe(time.monotonic() - began)
        return None if while_it_runs() else False

    return bool(wait_at_most(_SECONDS_TO_START, answers, _POLLING))


def _answers(pid: int, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((_HOST, port)) == 0 and process.listens(pid, port)


def down(*, folder: Path) -> ServerStatus | None:
    """End the embedded AWS and all that it started; returns its state until now. Its data stays.

    Containers of a server that was killed are ended too; FailedError where their engine does not answer.
    """
    if not folder.exists():
        return None
    with process.lock_state_folder(folder):
        note = _running(folder)
        before = status(folder)
        if note is not None:
            process.end(note, grace_seconds=_SECONDS_TO_SAVE)
        _note_file(folder).unlink(missing_ok=True)
        _remove_containers(folder)
    return None if note is None else before


def _remove_containers(folder: Path) -> None:
    name = noted_engine(folder)
    if name is None:
        return
    try:
        remove_leftovers(find_engine(name, os.environ), server_label(folder))
    except EngineError as error:
        raise FailedError(
            f"containers of the embedded AWS may still run in {name}: {error}",
            f"Then try again: hannibal local down{state_option(folder)}",
        ) from error
    forget_engine(folder)


def purge(*, folder: Path) -> None:
    """Delete all data of the embedded AWS; RefusedError while it runs, and for a folder that is not its own."""
    if _running(folder) is not None:
        advice = f"End it first: hannibal local down{state_option(folder)}"
        raise RefusedError(f"the embedded AWS of {folder} is running", advice)
    entries = [entry for entry in folder.iterdir() if entry.name != _KEPT_BY_PURGE] if folder.exists() else []
    if entries and not (folder / _MARK).exists():
        raise RefusedError(f"{folder} is no folder of the embedded AWS: it has no {_MARK}", "Look at --state.")
    for entry in sorted(entries, key=lambda it: it.name == _MARK):  # the mark last, so that the purge can be repeated
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def status(folder: Path) -> ServerStatus:
    """Describe the embedded AWS, whether it runs or not."""
    note = _running(folder)
    ended = ServerStatus(running=False, folder=folder, state_bytes=_size(folder), log_file=_log_file(folder))
    if note is None:
        return ended
    return replace(
        ended,
        running=True,
        pid=note.pid,
        port=note.port,
        uptime_seconds=max(0.0, time.time() - note.started_at),
        options=note.options,
        stopped=note.is_stopped,
    )


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a running database and server replace files
            total += file.lstat().st_size
    return total


def logs(
    folder: Path, *, lines: int, follow: bool = False, sleep: Callable[[float], None] = time.sleep
) -> Iterator[str]:
    """Read the end of the server's log, and with ``follow`` new lines until it ends; RefusedError if it never ran."""
    log_file = _log_file(folder)
    if not log_file.exists():
        raise RefusedError(
            f"there is no log in {folder}", f"Start the embedded AWS: hannibal local up{state_option(folder)}"
        )
    with log_file.open(encoding="utf-8", errors="replace") as file:
        before = file.read().splitlines()
        yield from before[max(0, len(before) - lines) :]
        while follow:
            # Checked before reading, so that the last lines of an ending server are not lost.
            follow = _running(folder) is not None
            yield from (line.rstrip("\n") for line in file)
            sleep(_POLLING.seconds * 4 if follow else 0)


def _running(folder: Path) -> ServerNote | None:
    note = process.read_note(_note_file(folder))
    return note if note is not None and note.is_running else None


def _note_file(folder: Path) -> Path:
    return folder / "server.json"


def _log_file(folder: Path) -> Path:
    return folder / "server.log"
