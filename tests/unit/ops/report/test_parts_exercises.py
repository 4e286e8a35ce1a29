"""The report finds the records that exercises have left: those of its month, environment and account."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.account.caller import Caller
from ops.errors import UnusableInputError
from ops.month.exercise.exercise import load
from ops.month.exercise.plan import ExercisePlan
from ops.month.exercise.run import Result, evaluate
from ops.report.exercise_record import write
from ops.report.parts import PastExercise, read_exercises
from ops.report.period import period_of

HERE = Caller(account="123456789012", identity="somebody", region="ap-northeast-1", endpoint=None)
NOVEMBER = period_of("2026-11", datetime(2026, 11, 26, tzinfo=UTC))


def hold(folder: Path, began: datetime, *, account: str = HERE.account, environment: str = "dev") -> None:
    """Leave a record as `hannibal exercise run` does."""
    exercise = load("task-dies")
    plan = ExercisePlan(name="task-dies", exercise=exercise, method=None, before=None, refusals=())
    result = Result(
        began=began,
        detected_by="",
        detected_seconds=None,
        recovered_seconds=95.5,
        sounded=(),
        experiment="",
        moments=(),
    )
    caller = Caller(account=account, identity=HERE.identity, region=HERE.region, endpoint=None)
    write(folder, plan, evaluate(exercise, result), caller, environment)


def read(folder: Path) -> tuple[PastExercise, ...]:
    return read_exercises(folder, "dev", HERE.account, NOVEMBER)


def test_records_of_the_month_come_in_their_order(tmp_path: Path) -> None:
    hold(tmp_path, datetime(2026, 11, 20, tzinfo=UTC))
    hold(tmp_path, datetime(2026, 11, 2, 3, 5, tzinfo=UTC))
    hold(tmp_path, datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    hold(tmp_path, datetime(2026, 11, 3, tzinfo=UTC), account="000000000000")
    hold(tmp_path, datetime(2026, 11, 4, tzinfo=UTC), environment="prod")
    first, second = read(tmp_path)
    assert (first.began.day, second.began.day) == (2, 20)
    assert (first.exercise, first.recovered_seconds, first.detected_by) == ("task-dies", 95.5, "")


def test_without_records_there_are_none(tmp_path: Path) -> None:
    assert read(tmp_path / "nowhere") == ()


def test_a_file_that_is_no_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(UnusableInputError, match=r"other\.json is no record of an exercise"):
        read(tmp_path)
