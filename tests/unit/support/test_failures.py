"""A test run that cannot come to its end says what failed, and does not take all the time there is."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support import waiting

PLUGIN = """
from tests.support.failures import Failures

def pytest_configure(config): config.pluginmanager.register(Failures(config))
"""
ENDED_FROM_OUTSIDE = """
import os, pytest, signal

@pytest.fixture
def server(): assert 1 + 1 == 3, "no server"

def test_in_vain(): assert [] == ["task"]
def test_without_a_server(server): pass
def test_that_passes(): pass
def test_during_which_it_ends(): os.kill({process}, signal.SIGKILL)
"""
HANGING = """
import threading

def test_that_hangs(): threading.Event().wait()
def test_after_it(): pass
"""


def run_pytest(folder: Path, tests: str, *options: str) -> "subprocess.CompletedProcess[str]":
    (folder / "conftest.py").write_text(PLUGIN)
    (folder / "test_some.py").write_text(tests)
    given = ("-q", "-p", "no:cacheprovider", "--rootdir", str(folder), *options)
    return subprocess.run(
        [sys.executable, "-m", "pytest", *given, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=waiting.LIMIT_SECONDS,
    )


@pytest.mark.parametrize(("processes", "controller"), [("0", "os.getpid()"), ("1", "os.getppid()")])
def test_a_run_that_is_killed_has_said_what_failed(tmp_path: Path, processes: str, controller: str) -> None:
    tests = ENDED_FROM_OUTSIDE.format(process=controller)
    said = run_pytest(tmp_path, tests, "--numprocesses", processes).stdout
    assert "call of test_some.py::test_in_vain failed at " in said
    assert "assert [] == ['task']" in said
    assert "setup of test_some.py::test_without_a_server failed at " in said
    assert "no server" in said
    assert "test_that_passes" not in said


def test_a_test_that_hangs_is_named_with_its_place_and_the_others_run(tmp_path: Path) -> None:
    limits = ("-o", "faulthandler_timeout=5", "-o", "faulthandler_exit_on_timeout=true")
    ran = run_pytest(tmp_path, HANGING, "--numprocesses", "1", *limits)
    assert ran.returncode == 1
    assert "test_some.py::test_that_hangs" in ran.stdout
    assert "1 failed, 1 passed" in ran.stdout
    assert "in test_that_hangs" in ran.stderr


def test_the_limits_of_this_repository_are_those(pytestconfig: pytest.Config) -> None:
    assert float(pytestconfig.getini("faulthandler_timeout")) > waiting.LIMIT_SECONDS
    assert pytestconfig.getini("faulthandler_exit_on_timeout") is True


def test_after_a_wait_in_vain_the_next_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(waiting, "_in_vain", [])
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    for limit in (waiting.LIMIT_SECONDS, waiting.LATER_SECONDS, waiting.LATER_SECONDS):
        begun = now[0]
        with pytest.raises(AssertionError, match=f"the task runs did not come true within {limit:g} seconds"):
            waiting.wait_for(lambda: False, "the task runs")
        assert limit <= now[0] - begun < limit + 1
