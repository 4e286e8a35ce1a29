import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ops.errors import FailedError
from ops.local.credentials import Credentials, read_credentials
from ops.local.shells import Shell, environment, export_lines
from tests.support.waiting import LIMIT_SECONDS

PROGRAMS = "/work tree/.venv/bin"
WANTED = environment(port=4567, region="ap-northeast-1", credentials=Credentials())
QUESTION = 'printf "%s|%s|%s|%s" "$AWS_ENDPOINT_URL" "$AWS_REGION" "${AWS_PROFILE-unset}" "$PATH"'


def test_bash_evaluates_to_the_environment() -> None:
    script = "\n".join([*export_lines(WANTED, Shell.BASH, programs=PROGRAMS, path="/usr/bin"), QUESTION])
    before = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "old", "PATH": "/usr/bin:/bin"}

    answer = subprocess.run(["/bin/bash", "-c", script], env=before, capture_output=True, text=True, check=True).stdout

    assert answer == f"http://127.0.0.1:4567|ap-northeast-1|unset|{PROGRAMS}:/usr/bin:/bin"


@pytest.mark.parametrize("shell", Shell)
def test_every_shell_sets_the_same_variables_and_removes_the_same(shell: Shell) -> None:
    text = "\n".join(export_lines(WANTED, shell, programs=PROGRAMS, path="/usr/bin"))

    for name, value in WANTED.items():
        assert name in text
        assert value in text
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        assert name in text
    assert PROGRAMS in text


@pytest.mark.parametrize("shell", Shell)
def test_path_does_not_grow_with_every_evaluation(shell: Shell) -> None:
    path = os.pathsep.join([PROGRAMS, "/usr/bin"])

    assert "PATH" not in "\n".join(export_lines(WANTED, shell, programs=PROGRAMS, path=path))


def test_powershell_quotes_a_quote() -> None:
    assert "'/it''s here'" in "\n".join(export_lines(WANTED, Shell.POWERSHELL, programs="/it's here", path=""))


def test_keys_are_read_from_the_state_folder(tmp_path: Path) -> None:
    assert read_credentials(tmp_path) == Credentials(access_key_id="test", secret_access_key="test")

    file = tmp_path / "root-credentials.json"
    file.write_text('{"access_key_id": "AKIA", "secret_access_key": "it\'s"}')
    assert read_credentials(tmp_path).access_key_id == "AKIA"

    file.write_text('{"access_key_id": "AKI')
    with pytest.raises(FailedError, match="root-credentials"):
        read_credentials(tmp_path)


@pytest.mark.parametrize("in_front", [False, True])
def test_the_command_looks_at_the_shells_own_path(tmp_path: Path, in_front: bool) -> None:
    programs = Path(sys.executable).parent
    path = f"{programs}:/usr/bin:/bin" if in_front else "/usr/bin:/bin"
    printed = subprocess.run(
        [programs / "hannibal", "local", "env"],
        env={"PATH": path, "HANNIBAL_STATE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT_SECONDS,
    ).stdout
    assert (f"export PATH={shlex.quote(str(programs))}:" in printed) is not in_front


def test_keys_of_another_user_are_not_to_be_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not read them is another user of the machine, or root's server was asked by a person."""

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(FailedError, match="Permission denied") as error:
        read_credentials(tmp_path)
    assert "Delete" not in str(error.value.advice)
    assert "--state" in error.value.advice[0]
