"""CloudWatch alarms of the platform."""

import json
from collections.abc import Iterable
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
    since: datetime | None  # when it entered this state
    reason: str  # CloudWatch's reason
    tells: bool = True  # whether its actions are enabled, so that the operator is notified

    @property
    def in_alarm(self) -> bool:
        """Whether it is in ALARM and the operator was notified."""
        return self.state == "ALARM" and self.tells


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of an alarm's state."""

    name: str  # the alarm's name
    time: datetime  # when it changed
    state: str  # the new state
    before: str  # the previous state; empty where CloudWatch does not report it
    reason: str  # CloudWatch's reason; empty where it reports none


def read_alarms(aws: Aws) -> tuple[Alarm, ...]:
    """All alarms of the project that notify the operator, first those in ALARM."""
    prefix = f"{aws.settings.project}-"
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix, AlarmTypes=list(_TYPES))
    alarms = [
        Alarm(
            name=alarm.get("AlarmName", ""),
            state=alarm.get("StateValue", ""),
            # The latter changes with each update, "even if StateValue doesn't change" (API reference, CompositeAlarm).
            since=alarm.get("StateTransitionedTimestamp", alarm.get("StateUpdatedTimestamp")),
            reason=alarm.get("StateReason", ""),
            tells=alarm.get("ActionsEnabled", True),
        )
        for page in pages
        for alarm in (*page["MetricAlarms"], *page.get("CompositeAlarms", []))
        if not _is_window(alarm.get("AlarmName", ""), prefix)
    ]
    return tuple(sorted(alarms, key=lambda alarm: (alarm.state != "ALARM", alarm.name)))


def existing_alarms(aws: Aws, names: Iterable[str]) -> frozenset[str]:
    """Those of the names under which CloudWatch has an alarm."""
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNames=list(names), AlarmTypes=list(_TYPES))
    found = (it for page in pages for it in (*page["MetricAlarms"], *page.get("CompositeAlarms", [])))
    return frozenset(it.get("AlarmName", "") for it in found)


def read_changes(aws: Aws, since: datetime) -> tuple[Change, ...]:
    """State changes of all alarms of the project that notify the operator, newest first; at most of 30 days."""
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
    """Whether an alarm is one of the windows that a composite alarm combines."""
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
