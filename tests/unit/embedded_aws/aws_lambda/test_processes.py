"""A forked function is as one that was started by itself: tried with a runtime whose ``boto3`` is a list."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.aws_lambda.processes import ForkedProcess, Runtime

PROGRAM = """
import boto3, json, os, sys
sys.stdout.write(json.dumps({
    "before": boto3.SEEN, "argv": sys.argv, "folder": os.getcwd(), "variables": dict(os.environ), "path": sys.path,
    "modules": sorted(sys.modules), "input": sys.stdin.readline(),
}) + "\\n")
sys.stdout.flush()
boto3.SEEN.append("something")
sys.stdin.readline()
sys.stderr.write("ends\\n")
"""


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    modules = tmp_path / "runtime"
    modules.mkdir()
    (modules / "boto3.py").write_text("SEEN = []\n")
    (tmp_path / "program.py").write_text(PROGRAM)
    runtime = Runtime(modules, {"LANG": "C.UTF-8", "PYTHONPATH": str(modules), "TZ": ":UTC"})
    yield runtime
    runtime.stop()


@contextmanager
def started(runtime: Runtime, folder: Path, **variables: str) -> Iterator[ForkedProcess]:
    process = runtime.start(str(folder / "program.py"), str(folder), variables)
    with process.stdin, process.stdout, process.stderr:
        yield process


def said_by(runtime: Runtime, folder: Path, **variables: str) -> Any:
    with started(runtime, folder, **variables) as process:
        process.stdin.write("asked\n")
        process.stdin.flush()
        said = json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.stderr.read() == "ends\n"
        assert process.wait() == 0
    return said


def test_it_has_its_own_arguments_folder_variables_and_files(runtime: Runtime, tmp_path: Path) -> None:
    said = said_by(runtime, tmp_path, OWN="1")
    assert said["argv"] == [str(tmp_path / "program.py")]
    assert (said["folder"], said["variables"], said["input"]) == (str(tmp_path), {"OWN": "1"}, "asked\n")


def test_it_imports_what_one_does_that_is_started_by_itself(runtime: Runtime, tmp_path: Path) -> None:
    forked = said_by(runtime, tmp_path)
    by_itself = subprocess.run(
        [sys.executable, "-S", str(tmp_path / "program.py")],
        env={"PYTHONPATH": str(tmp_path / "runtime")},
        input="asked\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert forked["path"] == json.loads(by_itself.stdout)["path"]
    assert not [name for name in forked["modules"] if name.startswith(("embedded_aws", "ministack"))]


def test_nothing_of_one_is_seen_by_the_next(runtime: Runtime, tmp_path: Path) -> None:
    assert [said_by(runtime, tmp_path)["before"] for _ in range(2)] == [[], []]


def test_a_process_can_be_killed(runtime: Runtime, tmp_path: Path) -> None:
    with started(runtime, tmp_path) as process:
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0)
        process.kill()
        assert process.wait() == 0
        process.terminate()  # of what has ended: nothing


def test_the_next_one_starts_though_the_forking_process_was_killed(runtime: Runtime, tmp_path: Path) -> None:
    said_by(runtime, tmp_path)
    assert runtime._process is not None
    os.kill(runtime._process.pid, signal.SIGKILL)
    runtime._process.wait()
    assert said_by(runtime, tmp_path)["before"] == []


@pytest.mark.parametrize(
    ("variables", "file", "forked"),
    [
        ({"OWN": "1", "LANG": "C.UTF-8"}, "index.py", True),
        ({"LANG": "ja_JP.UTF-8"}, "index.py", False),
        ({"PYTHONPATH": "/opt/own"}, "index.py", False),
        ({"PYTHONWARNINGS": "error"}, "index.py", False),
        ({"LD_PRELOAD": "/opt/own.so"}, "index.py", False),
        ({}, "boto3.py", False),
    ],
)
def test_what_would_start_differently_is_started_by_itself(
    runtime: Runtime, tmp_path: Path, variables: dict[str, str], file: str, *, forked: bool
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / file).touch()
    assert runtime.suits(variables, code) is forked
