"""CloudWatch alarms of the platform."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from installation.names import WINDOW
from ops.aws.clients import Aws

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.literals import AlarmTypeType
    from mypy_boto3_cloudwatch.type_defs import AlarmHistoryItemTypeDef

# CloudWatch user guide, "Using Amazon CloudWatch alarms": alarm history is preserved for 30 days. Older pages say two
# weeks.
REMEMBERED: Final = timedelta(days=30)
_TYPES: "Final[tuple[AlarmTypeType, ...]]" = ("MetricAlarm", "CompositeAlarm")


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm."""

    name: str
    state: str  # ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``
    since: datetime | None  # when it came into this state
    reason: str  # why, in CloudWatch's words
    tells: bool = True  # whether its actions are on, so that the operator is told

    @property
    def sounds(self) -> bool:
        """Whether the operator was told, and it is not over."""
        return self.state == "ALARM" and self.tells


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of an alarm's state."""

    name: str  # of the alarm
    time: datetime  # when it changed
    state: str  # the state since then
    before: str  # the state until then; empty where CloudWatch does not say it
    reason: str  # why, in CloudWatch's words; empty where it does not say it


def read_alarms(aws: Aws) -> tuple[Alarm, ...]:
    """All alarms of the project that tell the operator, those that sound first."""
    prefix = f"{aws.settings.project}-"
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix, AlarmTypes=list(_TYPES))
    alarms = [
        Alarm(
            name=alarm.get("AlarmName", ""),
            state=alarm.get("StateValue", ""),
            # The latter moves with each update, "even if StateValue doesn't change" (API reference, CompositeAlarm).
            since=alarm.get("StateTransitionedTimestamp", alarm.get("StateUpdatedTimestamp")),
            reason=alarm.get("StateReason", ""),
            tells=alarm.get("ActionsEnabled", True),
        )
        for page in pages
        for alarm in (*page["MetricAlarms"], *page.get("CompositeAlarms", []))
        if not _is_window(alarm.get("AlarmName", ""), prefix)
    ]
    return tuple(sorted(alarms, key=lambda alarm: (alarm.state != "ALARM", alarm.name)))


def read_changes(aws: Aws, since: datetime) -> tuple[Change, ...]:
    """Changes of state of all alarms of the project that tell the operator, the newest first; of 30 days."""
    prefix = f"{aws.settings.project}-"
    pages = aws.cloudwatch.get_paginator("describe_alarm_history").paginate(
        AlarmTypes=list(_TYPES), HistoryItemType="StateUpdate", StartDate=since, ScanBy="TimestampDescending"
    )
    return tuple(
        _change(item)
        for page in pages
        for item in page["AlarmHistoryItems"]
        if item.get("AlarmName", "").startswith(prefix) and not _is_window(item.get("AlarmName", ""), prefix)
    )


def _is_window(name: str, prefix: str) -> bool:
    """Whether it is one of the windows that a composite alarm puts together."""
    return name.startswith(f"{prefix}{WINDOW}")


def _change(item: "AlarmHistoryItemTypeDef") -> Change:
    try:
        data = json.loads(item.get("HistoryData", ""))
    except ValueError:
        data = {}
    summary = item.get("HistorySummary", "")
    after = data.get("newState", {})
    return Change(
        name=item.get("AlarmName", ""),
        time=item.get("Timestamp", datetime.fromtimestamp(0, UTC)),
        # The summary reads "Alarm updated from OK to ALARM".
        state=str(after.get("stateValue") or summary.rpartition(" ")[2]),
        before=str(data.get("oldState", {}).get("stateValue", "")),
        reason=str(after.get("stateReason", "")),
    )
