"""Times at which an alarm was in ALARM, put together from changes of state."""

from datetime import UTC, datetime, timedelta

import pytest

from installation.settings import Settings
from ops.report import parts
from ops.report.period import period_of
from ops.service.alarms import Alarm, Change
from tests.support.aws import aws_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


NAME = "nestjs-hannibal-3-5xx"


def change(hours_ago: float, state: str, name: str = NAME, reason: str = "", before: str = "") -> Change:
    return Change(name=name, time=NOW - timedelta(hours=hours_ago), state=state, before=before, reason=reason)


def read(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, *changes: Change, now: datetime = NOW, state: str = ""
) -> parts.Alarms:
    """The history of some changes, which CloudWatch lists with the newest first."""
    newest_first = sorted(changes, key=lambda one: one.time, reverse=True)
    monkeypatch.setattr(parts, "read_changes", lambda *_: tuple(newest_first))
    there = (Alarm(name=NAME, state=state, since=None, reason=""),) if state else ()
    monkeypatch.setattr(parts, "read_alarms", lambda *_: there)
    return parts.read_alarm_history(aws_of(cloudwatch=None, settings=settings), period_of("2026-11", now))


def test_an_alarm_episode_has_a_beginning_an_end_and_a_reason(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    found = read(monkeypatch, settings, change(3, "ALARM", reason="12 errors"), change(2, "OK", reason="fine"))
    (one,) = found.ringing
    assert one.until is not None
    assert (one.until - one.since, one.reason) == (timedelta(hours=1), "12 errors")


def test_an_alarm_in_alarm_has_no_end_yet(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    (one,) = read(monkeypatch, settings, change(1, "ALARM"), state="ALARM").ringing
    assert (one.until, one.deleted) == (None, False)


def test_an_alarm_that_was_deleted_with_its_stack_has_ended(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    (one,) = read(monkeypatch, settings, change(1, "ALARM")).ringing
    assert (one.until, one.deleted) == (None, True)


def test_the_next_months_alarm_of_the_same_name_ends_no_episode(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    made = change(1, "OK", before="INSUFFICIENT_DATA")
    (one,) = read(monkeypatch, settings, change(30, "ALARM", before="OK"), made, state="OK").ringing
    assert (one.until, one.deleted) == (None, True)


def test_what_began_in_the_month_has_its_end_after_it(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    later = datetime(2026, 12, 2, tzinfo=UTC)
    over = datetime(2026, 12, 1, 1, tzinfo=UTC)
    ended = Change(name=NAME, time=over, state="OK", before="ALARM", reason="")
    (one,) = read(monkeypatch, settings, change(1, "ALARM"), ended, now=later, state="OK").ringing
    assert (one.until, one.deleted) == (over, False)


def test_alarms_are_kept_apart_and_the_newest_comes_first(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    found = read(
        monkeypatch,
        settings,
        change(5, "ALARM", "a"),
        change(4, "ALARM", "b"),
        change(3, "OK", "a"),
        change(2, "INSUFFICIENT_DATA", "b"),
        change(1, "OK", "b"),
    )
    assert [(one.alarm, one.until) for one in found.ringing] == [
        ("b", NOW - timedelta(hours=2)),
        ("a", NOW - timedelta(hours=3)),
    ]


def test_an_end_without_a_beginning_is_of_another_month(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert read(monkeypatch, settings, change(1, "OK")).ringing == ()


def test_what_came_after_the_month_is_left_out(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    later = datetime(2026, 12, 2, tzinfo=UTC)
    late = Change(name="a", time=datetime(2026, 12, 1, tzinfo=UTC), state="ALARM", before="OK", reason="")
    assert read(monkeypatch, settings, late, now=later).ringing == ()


def test_the_report_says_from_when_cloudwatch_may_have_forgotten(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    late = datetime(2026, 12, 10, tzinfo=UTC)
    assert read(monkeypatch, settings, now=late).known_since == late - timedelta(days=30)
    assert read(monkeypatch, settings).known_since is None
