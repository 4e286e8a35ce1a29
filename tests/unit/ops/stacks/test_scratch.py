"""Folders that killed commands leave behind are removed by the next command, and no others."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ops.stacks.scratch import descriptors, scratch_folder
from tests.support.waiting import wait_for

# Makes a folder, prints it, and starts a child that holds its lock when it is told to.
COMMAND = """
import subprocess, sys, time
from ops.stacks.scratch import descriptors, scratch_folder
with scratch_folder() as folder:
    (folder / "cdk.out").mkdir()
    if "child" in sys.argv:
        child = subprocess.Popen(["sleep", "600"], pass_fds=descriptors(), stdout=subprocess.DEVNULL)
        print(child.pid, flush=True)
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def begun(*arguments: str) -> tuple[subprocess.Popen[str], list[str]]:
    """The command, and the lines that it prints: the child's number where it has one, and the folder."""
    process = subprocess.Popen([sys.executable, "-c", COMMAND, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, [process.stdout.readline().strip() for _ in range(1 + len(arguments))]


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_the_folder_is_gone_when_the_block_ends(temporary: Path) -> None:
    with scratch_folder() as folder:
        assert folder.parent == temporary
        assert len(descriptors()) == 1
    assert list(temporary.iterdir()) == []
    assert descriptors() == ()


def test_the_folder_of_a_killed_command_goes_with_the_next_one(temporary: Path) -> None:
    process, (folder,) = begun()
    with scratch_folder():
        assert Path(folder).exists(), "its command is at work"
    kill(process)
    assert Path(folder).exists()

    with scratch_folder():
        assert not Path(folder).exists()
    assert list(temporary.iterdir()) == []


def test_it_stays_while_a_child_of_the_killed_command_reads_in_it(temporary: Path) -> None:
    process, (child, folder) = begun("child")
    kill(process)
    try:
        with scratch_folder():
            assert Path(folder).exists()
    finally:
        subprocess.run(["kill", child], check=True)

    def removed() -> bool:
        with scratch_folder():
            return not Path(folder).exists()

    wait_for(removed, "the child has ended, and its folder is gone")
    assert list(temporary.iterdir()) == []


def test_other_folders_are_left_alone(temporary: Path) -> None:
    (temporary / "hannibal-scratch-without-a-lock").mkdir()
    (temporary / "hannibal-other").mkdir()
    (temporary / "elsewhere").mkdir()
    (temporary / "elsewhere" / ".lock").touch()
    (temporary / "hannibal-scratch-link").symlink_to(temporary / "elsewhere")

    with scratch_folder():
        pass

    assert {it.name for it in temporary.iterdir()} == {
        "hannibal-scratch-without-a-lock",
        "hannibal-other",
        "elsewhere",
        "hannibal-scratch-link",
    }
    assert (temporary / "elsewhere" / ".lock").exists()
