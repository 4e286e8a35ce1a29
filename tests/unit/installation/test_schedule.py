"""Days and hours of a month."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from installation.schedule_settings import ScheduleSettings
from installation.settings import Settings


def test_fifty_hours_a_week_and_what_comes_before_and_after() -> None:
    schedule = ScheduleSettings()
    assert schedule.hours_a_week == pytest.approx(5 * (10 + 40 / 60))
    assert schedule.cron("08:00", -30) == "cron(30 7 ? * MON,TUE,WED,THU,FRI *)"
    assert schedule.cron("18:00", 10, daily=True) == "cron(10 18 ? * * *)"


@pytest.mark.parametrize(
    ("moment", "on"),
    [
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), True),  # Wednesday, 8:00 in Tokyo
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 25, 9, 0, tzinfo=UTC), False),  # 18:00
        (datetime(2026, 11, 28, 3, 0, tzinfo=UTC), False),  # Saturday
    ],
)
def test_whether_the_service_shall_be_there(moment: datetime, on: bool) -> None:
    assert ScheduleSettings().is_on(moment) is on


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"time_zone": "Asia/Kyoto"}, "not in the IANA database"),
        ({"begin": "18:00", "end": "08:00"}, "within one day"),
        ({"begin": "00:30"}, "within one day"),
        ({"days": ("MON", "MON")}, "twice"),
        ({"begin": "8:00"}, "should match pattern"),
    ],
)
def test_what_cannot_be_a_schedule(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ScheduleSettings.model_validate(values)


def test_autoscaling_would_start_tasks_at_night(settings: Settings) -> None:
    content = settings.model_dump() | {"schedule": {}}
    content["service"] |= {"autoscaling": {"least": 1, "most": 2, "cpu_percent": 60}}
    with pytest.raises(ValidationError, match="not together with"):
        Settings.model_validate(content)
