"""The shares of the week in which tasks and the database run, read from the templates' schedules."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ops.templates.template import Resource
from ops.templates.values import Json

_TYPE: Final = "AWS::Scheduler::Schedule"
_CRON: Final = re.compile(r"cron\((?P<minute>\d+) (?P<hour>\d+) [?*] \* (?P<days>[A-Z,*?]+) \*\)")
_UPDATE, _START, _STOP = "ecs:updateService", "rds:startDBInstance", "rds:stopDBInstance"
_HOURS_A_WEEK: Final = 168


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares of the time in which the ephemeral stacks exist."""

    tasks: float = 1.0  # in which tasks run
    database: float = 1.0  # in which the database runs


ALL_THE_TIME: Final = Shares()


def shares(resources: Iterable[Resource]) -> Shares:
    """The shares by the schedules of the templates; without schedules everything runs all the time."""
    begins: dict[str, tuple[float, int]] = {}
    ends: dict[str, tuple[float, int]] = {}
    for resource in resources:
        if resource.resource_type != _TYPE:
            continue
        target = resource.section("Target")
        call = str(target.get("Arn", "")).rpartition("aws-sdk:")[2]
        time = _moment(resource.text("ScheduleExpression"))
        if time is None:
            continue
        if call == _UPDATE:
            tasks = _number_of_tasks(target.get("Input"))
            if tasks is not None:
                (begins if tasks else ends)["tasks"] = time
        elif call in (_START, _STOP):
            (begins if call == _START else ends)["database"] = time
    found = {
        resource: max(days * (ends[resource][0] - hour) / _HOURS_A_WEEK, 0.0)
        for resource, (hour, days) in begins.items()
        if resource in ends
    }
    return Shares(**found)


def _number_of_tasks(request: Json) -> float | None:
    """The number of tasks that a call sets; None where it sets none, or it is known only at deployment."""
    try:
        wanted = json.loads(request).get("DesiredCount", 0) if isinstance(request, str) else None
    except (ValueError, AttributeError, RecursionError):
        return None
    return wanted if isinstance(wanted, int | float) else None


def _moment(expression: str) -> tuple[float, int] | None:
    """The hour of the day, and the number of days of the week; None for an expression that does not repeat weekly."""
    match = _CRON.fullmatch(expression)
    if match is None:
        return None
    days = 7 if match["days"] in ("*", "?") else len(match["days"].split(","))
    return int(match["hour"]) + int(match["minute"]) / 60, days
