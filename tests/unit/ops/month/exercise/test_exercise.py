"""The files of exercises, and what an exercise concludes from what it sees."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from installation.settings import Settings
from ops.account.caller import Caller
from ops.aws.polling import Polling
from ops.errors import UnusableInputError
from ops.month.exercise import run
from ops.month.exercise.exercise import Exercise, load, names
from ops.month.exercise.faults import FaultMethod
from ops.month.exercise.plan import ExercisePlan, Observation
from ops.month.exercise.run import Moment, Result, Watch, evaluate
from ops.report.exercise_record import write
from ops.service.alarms import Change
from tests.support.fakes import FakeAccount

BEGAN = datetime(2026, 11, 26, 3, 5, tzinfo=UTC)
WELL = Observation(troubles=(), in_alarm=frozenset(), tasks=frozenset({"old"}))


def seen(*troubles: str, in_alarm: str = "", tasks: str = "old") -> Observation:
    return Observation(troubles=troubles, in_alarm=frozenset(in_alarm.split()), tasks=frozenset(tasks.split()))


def watch(looks: Sequence[tuple[float, Observation]], expected: str = "", factor: float = 1.0) -> Watch:
    """Watch a system that is seen so at these seconds of the machine."""
    now = [0.0]
    made = Watch(
        expected=(expected,) if expected else (),
        before=WELL,
        polling=Polling(clock=lambda: now[0]),
        factor=factor,
        zero=0.0,
        show=lambda _: None,
    )
    for moment, observation in looks:
        now[0] = moment
        made.add(observation)
    return made


def test_six_exercises_come_with_the_command() -> None:
    faults = ("bad-release", "database-fills", "database-restarts", "snapshot-restores", "task-dies", "zone-is-lost")
    assert names() == faults
    assert len({load(name).fault for name in names()}) == 6
    assert all(load(name).expect.recovered_within_minutes < load(name).at_most_minutes for name in names())


def test_what_does_not_fit_is_refused_with_the_field(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("title: Mine\nwhy: to see what happens\nfault: fire\n")
    with pytest.raises(UnusableInputError, match="fault"):
        load(str(file))
    with pytest.raises(UnusableInputError, match="no exercise 'fire'"):
        load("fire")


def test_what_is_no_file_of_an_exercise_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(UnusableInputError, match=r"folder\.yaml cannot be read: Is a directory"):
        load(str(tmp_path / "folder.yaml"))
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(UnusableInputError, match=r"pipe\.yaml cannot be read: it is no file"):
        load(str(tmp_path / "pipe.yaml"))


def test_the_duration_is_from_the_fault_to_the_end_of_the_harm() -> None:
    made = watch(
        [
            (1, WELL),
            (3, seen("0 of 1 tasks run", tasks="")),
            (9, seen("0 of 1 tasks run", tasks="", in_alarm="5xx no-healthy-target")),
            (20, seen(tasks="new", in_alarm="no-healthy-target")),
            (30, seen(tasks="new")),
            (40, seen(tasks="new")),
        ],
        expected="no-healthy",
        factor=2.0,
    )
    assert made.recovered == 60.0
    assert made.detected == ("no-healthy-target", 18.0)
    assert made.sounded == {"5xx": 18.0, "no-healthy-target": 18.0}
    assert [moment.text for moment in made.moments[-2:]] == [
        "tasks, targets and database are well",
        "the alarm no-healthy-target is over",
    ]


def test_a_trouble_that_returns_is_not_over() -> None:
    looks = [(3, seen("the database is rebooting")), (6, WELL), (9, seen("no target is healthy"))]
    assert watch(looks).recovered is None
    assert watch([*looks, (12, WELL)]).recovered == 12.0


def test_a_task_that_was_replaced_between_two_looks_was_harm_all_the_same() -> None:
    assert watch([(5, seen(tasks="new"))]).recovered == 5.0


def test_an_alarm_that_ends_before_the_next_poll_is_recorded() -> None:
    made = watch([(1, WELL), (61, WELL)], expected="unhealthy-")
    assert made.recovered == 0.0
    made.add(WELL, ["unhealthy-green"])
    assert made.detected == ("unhealthy-green", 61.0)
    assert made.recovered == 61.0
    assert [moment.text for moment in made.moments] == ["the alarm unhealthy-green was in ALARM, and is OK again"]


def test_an_alarm_from_before_the_fault_is_not_recorded(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the records and not by the time: the clocks of this machine and of AWS may differ."""
    history = [change("5xx", "OK", minutes=10), change("5xx", "ALARM", minutes=9)]
    monkeypatch.setattr(run, "read_changes", lambda *_: tuple(history))
    made, aws = watch([]), account.aws(settings)
    assert run._new_changes(aws, BEGAN, made) == ["5xx"]
    assert run._new_changes(aws, BEGAN, made) == []
    history.insert(0, change("unhealthy-green", "ALARM", minutes=11))
    assert run._new_changes(aws, BEGAN, made) == []  # it sounds still, which the next reading of states tells
    history[:0] = [change("unhealthy-green", "OK", minutes=14), change("5xx", "OK", minutes=13)]
    history.insert(2, change("5xx", "ALARM", minutes=12))
    assert sorted(run._new_changes(aws, BEGAN, made)) == ["5xx", "unhealthy-green"]


def change(name: str, state: str, *, minutes: int) -> Change:
    when = BEGAN + timedelta(minutes=minutes)
    return Change(name=f"nestjs-hannibal-3-{name}", time=when, state=state, before="", reason="")


def test_an_alarm_that_goes_on_is_recorded_once() -> None:
    made = watch([(1, WELL)])
    made.add(seen(in_alarm="5xx"), ["5xx"])
    made.add(WELL, [])
    assert [moment.text for moment in made.moments] == ["the alarm 5xx is in ALARM", "the alarm 5xx is over"]


def test_an_alarm_whose_record_comes_after_its_end_is_recorded_once() -> None:
    """DescribeAlarmHistory may know of a change later than DescribeAlarms, and looks may be minutes apart."""
    made = watch([(1, WELL), (61, seen(in_alarm="5xx")), (121, WELL)])
    made.add(WELL, ["5xx"])
    assert [moment.text for moment in made.moments] == ["the alarm 5xx is in ALARM", "the alarm 5xx is over"]
    made.add(WELL, ["5xx"])
    assert made.moments[-1].text == "the alarm 5xx was in ALARM, and is OK again"


def test_a_fault_of_which_nothing_is_seen_for_a_minute_did_no_harm() -> None:
    assert watch([(59, WELL)]).recovered is None
    assert watch([(61, WELL)]).recovered == 0.0


def result(**more: object) -> Result:
    found: dict[str, object] = {"detected_by": "", "detected_seconds": None, "recovered_seconds": 30.0, "sounded": ()}
    return Result(began=BEGAN, experiment="", moments=(Moment(seconds=0.0, text="a | b"),), **found | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "more", "objection"),
    [
        ("task-dies", {}, ""),
        (
            "task-dies",
            {"sounded": ("5xx",), "detected_by": "5xx", "detected_seconds": 9.0},
            "no alarm should go into ALARM",
        ),
        ("task-dies", {"recovered_seconds": 301.0}, "after 301 s, not within 5 min"),
        ("task-dies", {"recovered_seconds": None}, "not healthy within 15 min"),
        ("database-fills", {"detected_by": "database-storage", "detected_seconds": 300.0}, ""),
        ("database-fills", {}, "the alarm database-storage did not go into ALARM"),
        (
            "database-fills",
            {"detected_by": "database-storage", "detected_seconds": 601.0},
            "came after 601 s",
        ),
    ],
)
def test_observations_are_compared_with_the_expectations(name: str, more: dict[str, object], objection: str) -> None:
    evaluated = evaluate(load(name), result(**more))
    assert evaluated.met is not bool(objection)
    assert objection in "; ".join(evaluated.objections)


def test_the_record_has_its_date_and_both_times(tmp_path: Path) -> None:
    exercise: Exercise = load("task-dies")
    plan = ExercisePlan(
        name="task-dies", exercise=exercise, method=FaultMethod(way="FIS", template="EXT1"), before=WELL, refusals=()
    )
    caller = Caller(account="123456789012", identity="somebody", region="ap-northeast-1", endpoint=None)
    files = write(tmp_path, plan, evaluate(exercise, result(recovered_seconds=None)), caller, "dev")
    assert [file.name for file in files] == [f"2026-11-26T030500Z-dev-task-dies.{end}" for end in ("json", "md")]
    text = files[1].read_text()
    assert "| expectation | **not met**: it was not healthy within 15 min |" in text
    assert "| recovered | not in time |" in text
    assert r"a \| b" in text
    assert '"way": "FIS"' in files[0].read_text()
