"""Files that a person asks a command to write."""

import errno
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli.app import build
from ops.cli.console.files import check_writable, make_folder, write
from ops.errors import ExitCode, UnusableInputError
from tests.support.aws import aws_of
from tests.support.fakes import FakeAccount

# Each would work for seconds or minutes first, and some of that costs money.
COMMANDS = (
    ["drift", "--output"],
    ["report", "--output"],
    ["review", "--base-ref", "main", "--output"],
    ["cost", "actual", "--svg"],
    ["cost", "document", "--output"],
    ["iam", "review", "--role", "R", "--logs", ".", "--html"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_that_cannot_be_written_is_refused_before_the_work(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str]
) -> None:
    monkeypatch.setattr("ops.aws.clients.Aws", lambda settings: aws_of(settings=settings))  # which has no clients
    result = CliRunner().invoke(build(), [*command, str(tmp_path / "missing" / "file")])
    assert result.exit_code == ExitCode.UNUSABLE_INPUT, result.output
    assert f"there is no folder {tmp_path / 'missing'}" in result.output


@pytest.mark.parametrize("written", [["--folder", ""], ["--folder="]])
def test_a_path_without_a_name_is_not_the_present_folder(written: list[str]) -> None:
    """As of a variable that is not set: its sources would be published, or its node_modules emptied by `npm ci`."""
    refused = CliRunner().invoke(build(), ["frontend", "publish", "--yes", *written])
    assert (refused.exit_code, "the name is empty" in refused.stderr) == (ExitCode.UNUSABLE_INPUT, True)


def test_a_report_without_the_templates_that_it_was_given_is_no_report(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(build(), ["report", "--assembly", "nowhere"])
    assert (result.exit_code, list(tmp_path.iterdir())) == (ExitCode.UNUSABLE_INPUT, [])
    assert f"no templates in {tmp_path / 'nowhere'}" in result.output


def test_a_report_without_the_exercises_that_it_was_given_is_no_report(account: FakeAccount, tmp_path: Path) -> None:
    result = CliRunner().invoke(build(), ["report", "--exercises", str(tmp_path / "nowhere")])
    assert result.exit_code == ExitCode.UNUSABLE_INPUT, result.output
    assert f"there is no folder {tmp_path / 'nowhere'}" in result.output


def test_a_folder_that_cannot_be_made_is_refused_before_the_work(tmp_path: Path) -> None:
    make_folder(tmp_path / "new" / "records")
    make_folder(tmp_path / "new" / "records")
    (tmp_path / "file").touch()
    with pytest.raises(UnusableInputError, match="cannot be made: "):
        make_folder(tmp_path / "file" / "records")


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_may_not_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    """Who runs the tests may write all."""
    file = tmp_path / "file"
    if there:
        file.touch()
    monkeypatch.setattr(os, "access", lambda asked, _: asked != (file if there else tmp_path))
    with pytest.raises(UnusableInputError, match="cannot be written by this user"):
        check_writable(file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    check_writable(None, tmp_path / "file")
    with pytest.raises(UnusableInputError, match="is a folder"):
        check_writable(tmp_path)
    with pytest.raises(UnusableInputError, match="cannot be written: Is a directory"):
        write(tmp_path, "")


def test_a_full_disk_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, link = tmp_path / "report.html", tmp_path / "link.html"
    file.write_text("former")
    file.chmod(0o640)
    link.symlink_to(file)
    write(link, "new")
    assert (file.read_text(), file.stat().st_mode & 0o777, link.is_symlink()) == ("new", 0o640, True)

    def half(written: Path, text: str, **_: object) -> None:
        written.write_bytes(text[:1].encode())
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(UnusableInputError, match="No space left on device"):
        write(link, "newest")
    assert (file.read_text(), {*tmp_path.iterdir()}) == ("new", {file, link})


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write(pipe, "report")
    assert (os.read(reader, 10), pipe.is_fifo()) == (b"report", True)
    os.close(reader)


def test_a_pipe_without_a_name_is_written_to() -> None:
    reader, writer = os.pipe()
    write(Path(f"/dev/fd/{writer}"), "report")
    assert os.read(reader, 10) == b"report"
    os.close(reader)
    os.close(writer)


def test_a_file_that_the_shell_appends_to_keeps_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("before\n")
    opened = os.open(file, os.O_WRONLY | os.O_APPEND)
    write(Path(f"/dev/fd/{opened}"), "report")
    os.close(opened)
    assert file.read_text() == "before\nreport"


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "report.html"
    link.symlink_to(link)
    with pytest.raises(UnusableInputError, match="cannot be written"):
        write(link, "report")


def test_a_file_in_a_folder_that_takes_no_other_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.html"
    file.touch()
    monkeypatch.setattr(os, "access", lambda asked, _: asked != tmp_path)
    write(file, "report")
    assert file.read_text() == "report"
