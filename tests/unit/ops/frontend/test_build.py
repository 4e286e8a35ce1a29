"""Building a frontend by npm, which is played by a small program here."""

import json
import os
from pathlib import Path

import pytest

from ops.errors import FailedError, UnusableInputError
from ops.frontend.build import build_frontend, without_secrets

_NPM = """#!/bin/sh
echo "$@" >> "$PWD/calls"
env > "$PWD/environment"
[ "$1" = run ] && [ -f fails ] && { echo "error in src/main.ts"; exit 2; }
[ "$1 $2" = "run build" ] && mkdir -p dist && echo "<p>" > dist/index.html
[ "$1 $2" = "run pages" ] && mkdir -p page/dist && echo "<p>" > page/dist/index.html
exit 0
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "npm").write_text(_NPM)
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join((str(programs), os.environ["PATH"])))
    source = tmp_path / "source"
    source.mkdir()
    for name in ("package.json", "package-lock.json"):
        (source / name).write_text(json.dumps({}))
    return source


def test_the_lock_file_decides_and_the_build_gets_no_credentials(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SESSION_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GITHUB_TOKEN", "VITE_TITLE"):
        monkeypatch.setenv(name, "x")
    assert build_frontend(source) == source / "dist"
    assert (source / "calls").read_text().splitlines() == ["ci --no-audit --no-fund", "run build"]
    given = (source / "environment").read_text()
    assert "VITE_TITLE=x" in given
    assert not any(name in given for name in ("AWS_", "ACTIONS_", "GITHUB_TOKEN"))
    assert without_secrets({"AWS_REGION": "x", "PATH": "y"}) == {"PATH": "y"}


def test_another_script_and_folder(source: Path) -> None:
    assert build_frontend(source, script="pages", output="page/dist") == source / "page/dist"
    with pytest.raises(UnusableInputError, match=r"the build wrote no index.html into site"):
        build_frontend(source, script="pages", output="site")


def test_a_build_that_fails_says_what_it_said(source: Path) -> None:
    (source / "fails").touch()
    with pytest.raises(FailedError, match=r"`npm run build` ended with exit code 2") as error:
        build_frontend(source)
    assert error.value.advice == ("error in src/main.ts",)


@pytest.mark.parametrize("name", ["package.json", "package-lock.json"])
def test_a_folder_without_a_lock_file_is_no_source(source: Path, name: str) -> None:
    (source / name).unlink()
    with pytest.raises(UnusableInputError, match=f"has no {name}"):
        build_frontend(source)
