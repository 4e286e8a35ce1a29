"""A machine that stood still is no outage: a laptop was closed, or the machine of the tests did something else."""

import pytest

from embedded_aws.cloudwatch.alarms import Standstills


def test_what_is_before_a_standstill_is_looked_for_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    standstills = Standstills(1.0)

    def before_now_after(passed: float) -> list[float]:
        now[0] += passed
        standstills.look()
        return [now[0] - standstills.before_now(seconds) for seconds in (0, 1, 2)]

    assert before_now_after(2) == [0, 1, 2]
    assert before_now_after(30) == [0, 29, 30]
    assert before_now_after(1.5) == [0, 1, 30]
    assert before_now_after(10) == [0, 9, 10]
    for _ in range(3):
        assert before_now_after(1)[:2] == [0, 1]
    assert before_now_after(1) == [0, 1, 2]


def test_on_a_slow_clock_a_look_may_be_many_seconds_late(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    standstills = Standstills(60.0)
    for passed, before in ((85, 60), (95, 65)):
        now[0] += passed
        standstills.look()
        assert now[0] - standstills.before_now(60) == before


def test_on_a_machine_that_is_always_late_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    standstills = Standstills(1.0)
    for _ in range(50):
        now[0] += 6.0
        standstills.look()
    assert now[0] - standstills.before_now(10) == 30
