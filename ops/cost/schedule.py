"""For which share of the week tasks and the database run, read from the schedules of the templates."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ops.templates.template import Resource

_TYPE: Final = "AWS::Scheduler::Schedule"
_CRON: Final = re.compile(r"cron\((?P<minute>\d+) (?P<hour>\d+) \? \* (?P<days>[A-Z,*]+) \*\)")
_UPDATE, _START, _STOP = "ecs:updateService", "rds:startDBInstance", "rds:stopDBInstance"
_HOURS_A_WEEK: Final = 168


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares of the time in which the month is up."""

    tasks: float = 1.0  # in which tasks run
    database: float = 1.0  # in which the database runs


ALL_THE_TIME: Final = Shares()


def shares(resources: Iterable[Resource]) -> Shares:
    """Read them; without schedules everything runs all the time."""
    begins: dict[str, tuple[float, int]] = {}
    ends: dict[str, tuple[float, int]] = {}
    for resource in resources:
        if resource.resource_type != _TYPE:
            continue
        target = resource.section("Target")
        call = str(target.get("Arn", "")).rpartition("aws-sdk:")[2]
        moment = _moment(resource.text("ScheduleExpression"))
        if call == _UPDATE:
            tasks = json.loads(str(target.get("Input"))).get("DesiredCount", 0)
            (begins if tasks else ends)["tasks"] = moment
        elif call in (_START, _STOP):
            (begins if call == _START else ends)["database"] = moment
    found = {
        what: days * (ends[what][0] - hour) / _HOURS_A_WEEK for what, (hour, days) in begins.items() if what in ends
    }
    return Shares(**found)


def _moment(expression: str) -> tuple[float, int]:
    """The hour of the day, and on how many days of the week.

    Raises:
        ValueError: it is none that this project writes.
    """
    match = _CRON.fullmatch(expression)
    if match is None:
        raise ValueError(f"{expression}: not an hour on days of the week")
    days = 7 if match["days"] == "*" else len(match["days"].split(","))
    return int(match["hour"]) + int(match["minute"]) / 60, days
