"""Ctrl-C while the CDK's command works."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops.errors import ExitCode
from tests.support.waiting import LIMIT_SECONDS, wait_for
from tests.unit.ops.cli.conftest import Make


@pytest.mark.parametrize("command", ["start", "stop"])
def test_ctrl_c_ends_the_cdk_and_says_what_goes_on(project: Make, tmp_path: Path, command: str) -> None:
    project("echo $$ > child; exec sleep 60")
    script = (
        "import ops.aws.clients, ops.month.preflight, ops.stacks.checkout, signal, sys\n"
        # A shell starts what runs in its background with the signal ignored, the test's own process too.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from tests.unit.ops.cli.conftest import NOTHING_IN_THE_WAY\n"
        "from contextlib import nullcontext\n"
        "from pathlib import Path\n"
        "from tests.support.fakes import FakeAccount\n"
        "from tests.support.given_configuration import use_given_configuration\n"
        "use_given_configuration()\n"
        "account = FakeAccount(); account.add_month()\n"
        "ops.aws.clients.Aws = account.aws\n"
        f"ops.stacks.checkout._ROOT = Path({str(tmp_path)!r})\n"
        "ops.month.preflight.preflighted = lambda *_, **__: nullcontext((NOTHING_IN_THE_WAY, None))\n"
        "from ops.cli.app import run\n"
        f"sys.argv = ['hannibal', '{command}', '--yes']\n"
        "run()\n"
    )
    root = Path(__file__).parents[4]
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        child = tmp_path / "child"

        def begun() -> bool:
            assert process.poll() is None
            return child.exists() and bool(child.read_text())

        wait_for(begun, "the CDK was started")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == ExitCode.CANCELLED
    assert "goes on by itself" in errors
    assert f"hannibal {command} --env dev" in errors
    assert "Traceback" not in errors
    wait_for(lambda: not _runs(int(child.read_text())), "the CDK has ended")


def _runs(pid: int) -> bool:
    """Whether a process is there; one that has ended stays for a moment, until it is reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
