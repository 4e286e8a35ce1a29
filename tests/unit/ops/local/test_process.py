import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.local import process
from ops.local.process import ServerNote
from tests.support.waiting import LIMIT_SECONDS, wait_for

# Ends by SIGTERM or not; it says that its child runs, which ignores SIGTERM.
PARENT = """
import signal, subprocess, sys, time
if sys.argv[1] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"])
print(child.pid, flush=True)
time.sleep(60)
"""


def start(kind: str) -> tuple[ServerNote, int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, kind], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.stdout.close()
    parent.returncode = 0  # the code under test collects it
    began = process.process_began(parent.pid)
    assert began is not None
    return ServerNote(pid=parent.pid, port=1, began=began, started_at=time.time()), child


@pytest.fixture
def gentle() -> Iterator[tuple[ServerNote, int]]:
    started = start("gentle")
    yield started
    if started[0].is_running:
        os.killpg(started[0].pid, signal.SIGKILL)


def gone(pid: int) -> bool:
    return wait_for(lambda: process.process_began(pid) is None)


def test_ending_takes_what_the_server_left_behind(gentle: tuple[ServerNote, int]) -> None:
    note, child = gentle

    assert process.end(note, grace_seconds=LIMIT_SECONDS)

    assert not note.is_running
    assert gone(child)


def test_a_server_that_does_not_end_is_killed() -> None:
    note, child = start("stubborn")

    assert not process.end(note, grace_seconds=0.2)

    assert not note.is_running
    assert gone(child)


def test_a_server_that_has_ended_meanwhile_is_ended(gentle: tuple[ServerNote, int]) -> None:
    """Such as by a full disk, after the command has read its note."""
    note, child = gentle
    os.killpg(note.pid, signal.SIGKILL)
    assert gone(child)
    os.waitpid(note.pid, 0)

    assert process.end(note, grace_seconds=LIMIT_SECONDS)


def test_a_server_that_cannot_be_noted_is_ended(tmp_path: Path) -> None:
    """Such as on a full disk: it would hold its port, and neither a status nor a `down` would know of it."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with pytest.raises(OSError, match="missing"):
        process.note_started(tmp_path / "missing" / "server.json", child, port=1, options=())
    assert child.returncode == -signal.SIGKILL


def test_a_note_about_another_process_with_the_same_id_is_not_ours() -> None:
    began = process.process_began(os.getpid())
    assert began is not None

    assert ServerNote(pid=os.getpid(), port=1, began=began, started_at=0).is_running
    assert not ServerNote(pid=os.getpid(), port=1, began="another moment", started_at=0).is_running


def test_a_note_that_names_no_process_names_none_that_runs(tmp_path: Path) -> None:
    """kill(2) takes -1 for all processes of the user."""
    (tmp_path / "note").write_text('{"pid": -1, "port": 1, "began": null, "started_at": 0}')
    note = process.read_note(tmp_path / "note")
    assert note is None or not note.is_running


def test_a_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    note = ServerNote(pid=1, port=2, began="3", started_at=4.5, options=("--auth",))
    process.write_note(tmp_path / "note.json", note)

    assert process.read_note(tmp_path / "note.json") == note
    assert process.read_note(tmp_path / "none.json") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_half_a_note_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "note.json").write_text(text)

    assert process.read_note(tmp_path / "note.json") is None
