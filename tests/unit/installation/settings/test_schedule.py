"""Days and hours of a month."""

from contextlib import nullcontext

import pytest
from pydantic import ValidationError

from installation.settings import Settings
from installation.settings.schedule import ScheduleSettings


def test_cron_expressions_before_and_after_the_hours() -> None:
    schedule = ScheduleSettings()
    assert schedule.cron("08:00", -30) == "cron(30 7 ? * MON,TUE,WED,THU,FRI *)"
    assert schedule.cron("18:00", 10, daily=True) == "cron(10 18 ? * * *)"


@pytest.mark.parametrize(
    ("values", "backups", "maintenance"),
    [
        ({}, "23:00-23:30", "sun:23:30-mon:00:00"),  # 08:00 on Monday in Tokyo
        ({"days": ("SUN",), "begin": "13:15"}, "04:15-04:45", "sun:04:45-sun:05:15"),
        # In summer it is 09:00 there: within the hours all year.
        ({"time_zone": "Europe/Berlin"}, "07:00-07:30", "mon:07:30-mon:08:00"),
        # During Ramadan it is 08:00 there, and 09:00 else.
        ({"time_zone": "Africa/Casablanca"}, "08:00-08:30", "mon:08:30-mon:09:00"),
        ({"time_zone": "America/New_York", "begin": "18:45", "end": "21:00"}, "23:45-00:15", "tue:00:15-tue:00:45"),
    ],
)
def test_rds_backs_up_while_the_database_runs(values: dict[str, object], backups: str, maintenance: str) -> None:
    """It makes no automatic backup of a stopped one."""
    assert ScheduleSettings.model_validate(values).windows == (backups, maintenance)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"time_zone": "Asia/Kyoto"}, "not in the IANA database"),
        ({"time_zone": "localtime"}, "not in the IANA database"),
        ({"time_zone": "Factory"}, "not in the IANA database"),
        ({"begin": "18:00", "end": "08:00"}, "within one day"),
        ({"begin": "00:30"}, "within one day"),
        ({"begin": "08:00", "end": "09:59"}, "at least two hours"),
        ({"days": ("MON", "MON")}, "twice"),
        ({"begin": "8:00"}, "should match pattern"),
    ],
)
def test_invalid_schedules_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ScheduleSettings.model_validate(values)


def test_autoscaling_would_start_tasks_at_night(settings: Settings) -> None:
    content = settings.model_dump() | {"schedule": {}}
    content["service"] |= {"autoscaling": {"least": 1, "most": 2, "cpu_percent": 60}}
    with pytest.raises(ValidationError, match="not together with"):
        Settings.model_validate(content)


@pytest.mark.parametrize(("schedule", "seconds", "refused"), [({}, 480, False), ({}, 481, True), (None, 481, False)])
def test_open_requests_would_lose_the_database(
    settings: Settings, schedule: dict[str, object] | None, seconds: int, refused: bool
) -> None:
    """ECS drains for that long before it asks a task to end, and the schedule stops the database after ten minutes."""
    content = settings.model_dump() | {"schedule": schedule}
    content["service"] |= {"deregistration_delay_seconds": seconds}
    with pytest.raises(ValidationError, match="at most 480 with schedule") if refused else nullcontext():
        Settings.model_validate(content)
