"""Days and hours of a month."""

import pytest
from pydantic import ValidationError

from installation.settings import Settings
from installation.settings.schedule import ScheduleSettings


def test_what_comes_before_and_after_the_hours() -> None:
    schedule = ScheduleSettings()
    assert schedule.cron("08:00", -30) == "cron(30 7 ? * MON,TUE,WED,THU,FRI *)"
    assert schedule.cron("18:00", 10, daily=True) == "cron(10 18 ? * * *)"


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
