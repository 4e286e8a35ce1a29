"""When the service runs within a month, as a section of the configuration file."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from installation.settings.section import Section
from installation.settings.service import STOP_TIMEOUT_SECONDS

Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
_TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
# Minutes that the database and then the tasks take to be there, before the hours begin.
DATABASE_LEAD: Final = 30
TASKS_LEAD: Final = 10
DATABASE_DELAY: Final = 10  # The tasks have ended by then, so that the database has no connections
# Seconds of it that are left for open requests: without the stop timeouts of the API and then of a sidecar, and the
# minute of the schedule.
LONGEST_DRAINING: Final = DATABASE_DELAY * 60 - 2 * STOP_TIMEOUT_SECONDS - 60
_DAYS: Final = 7
# RDS's two windows take half an hour each, and summer time may move them by an hour.
_LEAST: Final = timedelta(hours=2)
_WINDOW: Final = timedelta(minutes=30)  # the least that RDS takes


class ScheduleSettings(Section):
    """Days and hours; at all other times there are no tasks and the database is stopped."""

    time_zone: str = "Asia/Tokyo"
    """Name of the time zone in the IANA database; daylight saving time is included."""
    days: tuple[Day, ...] = Field(default=("MON", "TUE", "WED", "THU", "FRI"), min_length=1, max_length=_DAYS)
    """Days on which the service runs."""
    begin: str = Field(default="08:00", pattern=_TIME)
    """Time from which the service runs; database and tasks are started half an hour before."""
    end: str = Field(default="18:00", pattern=_TIME)
    """Time at which it ends, on the same day."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        # The first two are in the machine's files, and mean that machine's time and none.
        if value in ("localtime", "Factory") or value not in available_timezones():
            raise PydanticCustomError(
                "zone", "is not in the IANA database; write one such as Asia/Tokyo or Europe/Berlin"
            )
        return value

    def _check_hours(self) -> Iterator[str]:
        if len(set(self.days)) < len(self.days):
            yield "days: one of them is there twice"
        if not "01:00" <= self.begin < self.end <= "23:00":
            yield "begin and end: within one day, 01:00 to 23:00: the database starts before and stops after"
        if self._parse_time(self.end) - self._parse_time(self.begin) < _LEAST:
            yield "begin and end: at least two hours, in which RDS makes its daily backup"

    def cron(self, moment: str, minutes: int = 0, *, daily: bool = False) -> str:
        """The expression of a schedule: some minutes after one of the hours, on the days or on all of them."""
        time = self._parse_time(moment) + timedelta(minutes=minutes)
        return f"cron({time.minute} {time.hour} ? * {'*' if daily else ','.join(self.days)} *)"

    @property
    def windows(self) -> tuple[str, str]:
        """RDS's window of each day for backups, and of each week for maintenance: in UTC, within the hours all year.

        RDS backs up no database that is stopped, and by itself takes a half-hour of the region's night (RDS user guide,
        "Backup retention period" and "Backup window").
        """
        zone, names = ZoneInfo(self.time_zone), get_args(Day)
        # Of each month, because Morocco has an hour less for the five weeks around Ramadan alone.
        offsets = [datetime(2026, month, 1, tzinfo=zone).utcoffset() or timedelta() for month in range(1, 13)]
        monday = self._parse_time(self.begin) + timedelta(days=2)  # the first of the year that it is in
        backup = monday + timedelta(days=names.index(self.days[0])) - min(offsets)
        ends = backup + _WINDOW, backup + 2 * _WINDOW
        begins, until = (f"{names[time.weekday()].lower()}:{time:%H:%M}" for time in ends)
        return f"{backup:%H:%M}-{ends[0]:%H:%M}", f"{begins}-{until}"

    @staticmethod
    def _parse_time(text: str) -> datetime:
        return datetime.combine(datetime(2000, 1, 1).date(), time.fromisoformat(text))  # noqa: DTZ001 - only its time
