"""`make up` where a command of it fails."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

COMMAND = """#!/bin/sh
echo "$*" >> "{log}"
[ "$*" != "{fails}" ]
"""


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("fails", ["local up --containers", "local env"])
def test_no_month_begins_unless_the_shell_is_led_to_the_embedded_aws(tmp_path: Path, fails: str) -> None:
    """The variables are wanting then, and it would begin in the account of whoever called it."""
    command, log = tmp_path / "hannibal", tmp_path / "called"
    command.write_text(COMMAND.format(log=log, fails=fails))
    command.chmod(0o755)
    ended = subprocess.run(
        ["make", "--old-file=setup", "up", f"BIN={shlex.quote(str(tmp_path))}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert log.read_text().splitlines()[-1] == fails
