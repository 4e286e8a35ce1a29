"""Starting the embedded AWS where another command is about to do the same."""

import os
import shlex
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ops.aws.polling import Polling
from ops.errors import FailedError, RefusedError
from ops.local import process, server, server_options
from ops.local.process import ServerNote
from ops.local.server_options import ServerOptions
from tests.support.waiting import LATER_SECONDS, LIMIT_SECONDS, wait_for


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., server.Started]:
    """Finds the note of a server, which is this process, that answers when it was asked so often."""

    def invoke(*answers: bool, began: str | None = None) -> server.Started:
        note = ServerNote(
            pid=os.getpid(), port=1, began=began or process.process_began(os.getpid()) or "", started_at=0.0
        )
        monkeypatch.setattr(server, "_running", lambda _: note)
        left = iter(answers)
        monkeypatch.setattr(server, "_answers", lambda *_: next(left))
        monkeypatch.setattr(server, "_POLLING", Polling(seconds=0.0))
        return server.up(tmp_path, ServerOptions(region="ap-northeast-1"))

    return invoke


def test_a_server_that_another_command_starts_is_waited_for(up: Callable[..., server.Started]) -> None:
    assert up(False, False, True).was_running


def test_a_server_that_ends_meanwhile_is_reported(up: Callable[..., server.Started]) -> None:
    with pytest.raises(FailedError, match="does not answer on port 1"):
        up(False, began="before")


def test_a_server_that_is_stopping_is_not_waited_for_and_ends(tmp_path: Path) -> None:
    """It takes connections, by the kernel, and answers none; nor does it see that it shall end."""
    with subprocess.Popen(["/bin/sleep", "600"], start_new_session=True) as program:
        process.note_started(tmp_path / "server.json", program, port=1, options=())
        assert not server.status(tmp_path).stopped
        program.send_signal(signal.SIGSTOP)
        wait_for(lambda: server.status(tmp_path).stopped, "it is stopped")
        with pytest.raises(FailedError, match="is stopped") as refused:
            server.up(tmp_path, ServerOptions(region="ap-northeast-1"))
        assert f"kill -CONT {program.pid}" in refused.value.advice[0]
        note = process.read_note(tmp_path / "server.json")
        assert note is not None
        assert process.end(note, grace_seconds=LATER_SECONDS), "it is killed, and saves nothing"
    assert refused.value.advice[0].endswith(f"hannibal local down --state {shlex.quote(str(tmp_path))}")


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    """The server would empty its folder ``tmp``."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "thesis.txt").touch()
    (tmp_path / "server.log").touch()
    with pytest.raises(RefusedError, match="contains other files, such as tmp"):
        server.up(tmp_path, ServerOptions(region="ap-northeast-1"))
    assert (tmp_path / "tmp" / "thesis.txt").exists()


@pytest.mark.parametrize("mark", [(), ("server.lock", "services")])
def test_files_of_commands_and_servers_may_be_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: tuple[str, ...]
) -> None:
    for name in ("logs", "cdk-1-ap-northeast-1.lock", "outputs-dev.json", "server.json", "database", *mark):
        (tmp_path / name).touch()
    monkeypatch.setattr(server, "_require_free_port", lambda *_: None)
    monkeypatch.setattr(server, "_launch", lambda *_: True)
    assert not server.up(tmp_path, ServerOptions(region="ap-northeast-1")).was_running


def test_a_new_folder_is_nobody_elses_from_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server closes it, but some seconds later."""
    modes: list[int] = []
    monkeypatch.setattr(server, "_require_free_port", lambda *_: None)

    def launch(folder: Path, *_: object) -> bool:
        modes.append(folder.stat().st_mode & 0o777)
        return True

    monkeypatch.setattr(server, "_launch", launch)
    before = os.umask(0)
    try:
        server.up(tmp_path / "state", ServerOptions(region="ap-northeast-1"))
    finally:
        os.umask(before)
    assert modes == [0o700]


def test_nothing_in_its_folder_is_taken_for_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--state` may name a folder that a foreign repository brings along."""
    monkeypatch.setattr(server, "_require_free_port", lambda *_: None)
    (tmp_path / server._MARK).touch()
    (tmp_path / "embedded_aws.py").write_text("raise SystemExit('run from the folder')")
    options = ServerOptions(region="ap-northeast-1", containers="nothing of that name")  # so that it ends at once
    with pytest.raises(FailedError) as caught:
        server.up(tmp_path, options)

    assert "invalid choice" in "".join(caught.value.advice)


def test_two_commands_at_once_start_one_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note would name the second one's, which ends at once, and nobody could end the first one's."""
    programs: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen
    both_saw_none = threading.Barrier(2, timeout=LIMIT_SECONDS)

    def popen(_command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        programs.append(start(["/bin/sleep", "600"], **options))
        return programs[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(server, "_require_free_port", lambda *_: both_saw_none.wait())
    monkeypatch.setattr(server, "_answers", lambda *_: True)
    try:
        with ThreadPoolExecutor() as pool:
            asked = [pool.submit(server.up, tmp_path, ServerOptions(region="ap-northeast-1")) for _ in range(2)]
        assert sorted(one.result().was_running for one in asked) == [False, True]
        assert [program.pid for program in programs] == [server.status(tmp_path).pid]
    finally:
        for program in programs:
            os.kill(program.pid, signal.SIGKILL)
            os.waitpid(program.pid, 0)


def test_a_port_that_another_one_was_quicker_to_take_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two checkouts that start at once: the second one's server ends, and what answers is the first one's."""
    start = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda _, **options: start(["/bin/sh", "-c", "sleep 0.3; exit 1"], **options)
    )
    monkeypatch.setattr(server, "_require_free_port", lambda *_: None)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(FailedError, match="ended while it started, with exit code 1"):
            server.up(tmp_path, ServerOptions(region="ap-northeast-1", port=port))
        assert [process.listens(pid, port) for pid in (os.getpid(), os.getppid())] == [True, False]


def test_a_machine_without_linux_is_told_so_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(server, "_launch", lambda *_: pytest.fail("a server is started"))
    with pytest.raises(RefusedError, match="needs Linux, and this is darwin"):
        server.up(tmp_path / "state", ServerOptions(region="ap-northeast-1"))
    assert not (tmp_path / "state").exists()


def test_a_purge_that_was_ended_in_the_middle_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A purge and a start refuse a folder that is not empty and lacks the mark."""
    for name in ("a", "server.lock", "z"):
        (tmp_path / name).touch()
    unlink = Path.unlink

    def ended(file: Path, *_: object, **__: object) -> None:
        if len(list(tmp_path.iterdir())) == 2:
            raise KeyboardInterrupt
        unlink(file)

    order = [tmp_path / name for name in ("server.lock", "a", "z")]  # that of a folder is any
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([it for it in order if it.exists()]))
    monkeypatch.setattr(Path, "unlink", ended)
    with pytest.raises(KeyboardInterrupt):
        server.purge(folder=tmp_path)
    monkeypatch.setattr(Path, "unlink", unlink)
    server.purge(folder=tmp_path)
    assert not any(it.exists() for it in order)


def test_advice_names_a_folder_that_is_not_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the command would start or end another server."""
    with pytest.raises(RefusedError, match="there is no log") as refused:
        list(server.logs(tmp_path / "my state", lines=1))
    assert refused.value.advice == (f"Start the embedded AWS: hannibal local up --state '{tmp_path}/my state'",)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(RefusedError, match="cannot be used") as refused:
            server.up(tmp_path, ServerOptions(region="ap-northeast-1", port=port))
    assert f"hannibal local up --port {port + 10} --state {shlex.quote(str(tmp_path))}  (or" in refused.value.advice[1]
    monkeypatch.setattr(server_options, "USUAL_FOLDER", tmp_path / ".hannibal")
    with pytest.raises(RefusedError) as refused:
        list(server.logs(tmp_path / ".hannibal", lines=1))
    assert refused.value.advice == ("Start the embedded AWS: hannibal local up",)
