"""When alarms sounded, from CloudWatch's history."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ops.aws.clients import Aws
from ops.report.period import Period
from ops.service.alarms import Alarm, Change, read_alarms, read_changes
from ops.service.alert_subscriptions import Audience

# CloudWatch user guide, "Using Amazon CloudWatch alarms": alarm history is preserved for 30 days. Older pages say two
# weeks; what is there beyond is shown.
_REMEMBERED: Final = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class AlarmEpisode:
    """One time that an alarm sounded."""

    alarm: str  # its name
    since: datetime  # when it began
    until: datetime | None  # when it ended; None while it sounds
    reason: str  # why, in CloudWatch's words


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """What the alarms did in a month."""

    ringing: tuple[AlarmEpisode, ...]  # every time that one sounded, the newest first
    watching: tuple[Alarm, ...]  # the alarms that exist now
    # From before, CloudWatch may have forgotten something; None if that is not in the month.
    known_since: datetime | None
    audiences: tuple[Audience, ...] = ()  # who hears them


def read_alarm_history(aws: Aws, period: Period, audiences: tuple[Audience, ...] = ()) -> Alarms:
    """What the platform's alarms did in a month, those included that are gone with their stack."""
    remembered = period.now - _REMEMBERED
    changes = [change for change in read_changes(aws, period.begin) if change.time < period.end]
    return Alarms(
        ringing=tuple(sorted(_episodes(reversed(changes)), key=lambda one: one.since, reverse=True)),
        watching=read_alarms(aws),
        audiences=audiences,
        known_since=remembered if remembered > period.begin else None,
    )


def _episodes(changes: Iterable[Change]) -> Iterator[AlarmEpisode]:
    """Beginnings and ends put together, in the order of time. An end without a beginning began before the month."""
    begun: dict[str, AlarmEpisode] = {}
    for change in changes:
        before = begun.pop(change.name, None)
        if change.state == "ALARM":
            begun[change.name] = before or AlarmEpisode(
                alarm=change.name, since=change.time, until=None, reason=change.reason
            )
        elif before is not None:
            yield AlarmEpisode(alarm=change.name, since=before.since, until=change.time, reason=before.reason)
    yield from begun.values()
