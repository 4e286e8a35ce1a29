"""CloudWatch alarms of the platform."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm.

    Attributes:
        name: its name.
        state: ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``.
        since: when it came into this state.
        reason: why, in CloudWatch's words.
    """

    name: str
    state: str
    since: datetime | None
    reason: str


def read_alarms(cloudwatch: "CloudWatchClient", prefix: str) -> tuple[Alarm, ...]:
    """All metric alarms whose name begins so, those that ring first."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm"])
    alarms = [
        Alarm(
            name=alarm.get("AlarmName", ""),
            state=alarm.get("StateValue", ""),
            since=alarm.get("StateUpdatedTimestamp"),
            reason=alarm.get("StateReason", ""),
        )
        for page in pages
        for alarm in page["MetricAlarms"]
    ]
    return tuple(sorted(alarms, key=lambda alarm: (alarm.state != "ALARM", alarm.name)))
