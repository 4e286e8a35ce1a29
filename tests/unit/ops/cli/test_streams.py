"""The command and the shell: output that cannot be written, no streams at all, completion."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ops.cli import app
from ops.errors import ExitCode

FULL = Path("/dev/full")
PYTHON = shlex.quote(sys.executable)
COMMAND = f"{PYTHON} -m ops"


def shell(line: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/bash", "-c", line], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not FULL.exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", ["--help", "exercise list --json"])
def test_a_full_disk_is_one_error(arguments: str) -> None:
    ended = shell(f"{COMMAND} {arguments} > {FULL}")
    assert ended.returncode == ExitCode.FAILED
    first, second = ended.stderr.splitlines()
    assert first == "error: this machine refuses to write or read: No space left on device"
    assert "run the same command again" in second


@pytest.mark.skipif(not FULL.exists(), reason="a device of Linux")
def test_a_full_disk_is_no_verdict_of_a_review() -> None:
    """Of `hannibal review` 1 says that there is a risk."""
    assert shell(f"{COMMAND} review --explain all > {FULL}").returncode == ExitCode.BROKEN


def test_a_name_that_is_too_long_is_input_that_cannot_be_used() -> None:
    ended = shell(f"{COMMAND} exercise show {'x' * 300}")
    assert (ended.returncode, "Give a shorter name" in ended.stderr) == (ExitCode.UNUSABLE_INPUT, True)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_end_nothing(closed: str) -> None:
    ended = shell(f"{COMMAND} exercise list {closed}")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_question_to_a_closed_stream_is_refused(tmp_path: Path) -> None:
    ended = shell(f"{COMMAND} local down --purge --state {shlex.quote(str(tmp_path))} <&-")
    assert (ended.returncode, "there is no terminal to ask" in ended.stderr) == (ExitCode.REFUSED, True)


# Whoever would read has ended before the command begins.
LEFT = "exec 3> >(true); wait $!"


@pytest.mark.parametrize("arguments", ["--help", "exercise list", "settings", "settings --json", "release --help"])
def test_a_reader_that_leaves_ends_the_command_as_sigpipe_does(arguments: str) -> None:
    ended = shell(f"{LEFT}; {COMMAND} {arguments} >&3")
    assert (ended.returncode, ended.stderr) == (ExitCode.READER_LEFT, "")


def test_a_reader_of_errors_that_leaves_ends_it_so_too() -> None:
    ended = shell(f"{LEFT}; {COMMAND} settings --env nowhere 2>&3")
    assert (ended.returncode, ended.stdout, ended.stderr) == (ExitCode.READER_LEFT, "", "")


def test_a_pause_ends_where_the_reader_has(tmp_path: Path) -> None:
    """What is followed may have no next line for hours."""
    pausing = f"{PYTHON} -c 'from ops.cli.console.screen import pause; pause(0)'"
    assert "BrokenPipeError" in shell(f"{LEFT}; {pausing} >&3").stderr
    assert [shell(f"{pausing} {to}").returncode for to in ("| cat", f"> {tmp_path}/file", "> /dev/null")] == [0, 0, 0]


def test_a_reader_that_reads_all_changes_no_exit_code() -> None:
    assert shell(f"{COMMAND} exercise list | cat > /dev/null; exit ${{PIPESTATUS[0]}}").returncode == ExitCode.DONE


@pytest.mark.parametrize("width", ["0", "²", "99999999", "9" * 5000])
def test_a_width_that_is_none_ends_nothing(width: str) -> None:
    """Help fills each column of it."""
    assert "task-dies" in shell(f"{COMMAND} --help > /dev/null && {COMMAND} exercise list", COLUMNS=width).stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("hannibal re", {"release", "releases", "report", "restore", "resume", "review"}),
        ("hannibal status --env ", {"dev", "prod"}),
        ("hannibal exercise run task-", {"task-dies"}),
    ],
)
def test_the_shell_completes_commands_environments_and_exercises(typed: str, offered: set[str]) -> None:
    word = str(len(typed.split()) - (not typed.endswith(" ")))
    asked = {"_HANNIBAL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": word}
    program = "import sys; sys.argv = ['hannibal']; from ops.cli.app import run; run()"
    assert set(shell(f'{PYTHON} -c "{program}"', **asked).stdout.split()) == offered


def test_a_file_in_the_place_of_a_folder_is_to_be_moved_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither space nor permissions are what is wanting."""
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(SystemExit):
        app._end_unwritable(NotADirectoryError(20, "Not a directory", "/checkout/.hannibal/logs"))
    assert "Move the file away that is in the place of a folder" in capsys.readouterr().err
