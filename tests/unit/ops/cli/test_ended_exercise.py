"""An exercise that is ended by a signal takes its fault back, as at Ctrl-C."""

import errno
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.errors import ExitCode
from ops.service.signals import ended_with_terminal
from tests.unit.ops.cli.conftest import Run


@pytest.mark.usefixtures("account", "with_terminal")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGINT, ExitCode.CANCELLED)]
)
def test_the_fault_is_ended(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int, code: int) -> None:
    taken_back: list[bool] = []

    def carry_out(*_: Any, **__: Any) -> None:
        try:
            signal.raise_signal(number)
        finally:
            taken_back.append(True)

    monkeypatch.setattr("ops.month.exercise.plan.plan", lambda *_: SimpleNamespace(method=None, refusals=()))
    monkeypatch.setattr("ops.month.exercise.faults.clock_factor", lambda _: 1.0)
    monkeypatch.setattr("ops.month.exercise.run.run", carry_out)
    ended = run("exercise", "run", "task-dies", "--yes", "--folder", str(tmp_path))
    assert (ended.exit_code, taken_back) == (code, [True])
    assert "it continues" not in ended.output


@pytest.mark.usefixtures("account")
def test_a_full_disk_loses_the_record_and_not_what_was_measured(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def write(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    measured = SimpleNamespace(
        detected_by="no-target", detected_seconds=60.0, recovered_seconds=120.0, objections=(), met=True
    )
    title = SimpleNamespace(title="A task dies")
    plan = SimpleNamespace(method=None, refusals=(), exercise=title)
    monkeypatch.setattr("ops.month.exercise.plan.plan", lambda *_: plan)
    monkeypatch.setattr("ops.month.exercise.faults.clock_factor", lambda _: 1.0)
    monkeypatch.setattr("ops.month.exercise.run.run", lambda *_, **__: measured)
    monkeypatch.setattr("ops.report.exercise_record.write", write)
    ended = run("exercise", "run", "task-dies", "--yes", "--folder", str(tmp_path))
    assert ended.exit_code == ExitCode.FAILED
    assert f"the record cannot be written to {tmp_path}: No space left on device" in " ".join(ended.output.split())
    assert "Detected   after 60 s by no-target" in ended.output


def test_an_exercise_under_nohup_survives_its_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_with_terminal():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
