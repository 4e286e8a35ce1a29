"""Advice names the command as the shell of whoever reads it finds it."""

import os
import shlex
import sysconfig
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli.advice import own_command, shells_path
from ops.cli.app import build

PROGRAMS = sysconfig.get_path("scripts")


def test_a_fresh_shell_is_told_where_the_command_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command has put its folder in front of its own PATH, which the shell has not."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{tmp_path}")
    monkeypatch.chdir(tmp_path)
    assert shells_path() == str(tmp_path)
    assert own_command() == shlex.quote(f"{PROGRAMS}/hannibal")
    monkeypatch.chdir(Path(PROGRAMS).parent)
    assert own_command() == f"{Path(PROGRAMS).name}/hannibal"


def test_a_shell_that_has_it_is_told_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{PROGRAMS}:{tmp_path}")
    assert own_command() == "hannibal"
    (tmp_path / "hannibal").write_text("another one's")
    (tmp_path / "hannibal").chmod(0o755)
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{tmp_path}{os.pathsep}{PROGRAMS}")
    assert own_command().endswith("bin/hannibal")


def test_an_environment_of_a_server_that_does_not_run_is_said(tmp_path: Path) -> None:
    """Its port may be that of another checkout's, which commands would change without a word."""
    printed = CliRunner().invoke(build(), ["local", "env", "--state", str(tmp_path)])
    assert printed.exit_code == 0
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:4566" in printed.stdout
    assert "does not run" not in printed.stdout
    assert "does not run. First: " in printed.stderr
