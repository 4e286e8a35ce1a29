"""When alarms sounded, from CloudWatch's history."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ops.aws.clients import Aws
from ops.report.period import Period
from ops.service.alarms import REMEMBERED, Alarm, Change, read_alarms, read_changes
from ops.service.alert_subscriptions import Audience


@dataclass(frozen=True, kw_only=True)
class AlarmEpisode:
    """One time that an alarm sounded."""

    alarm: str  # its name
    since: datetime  # when it began
    until: datetime | None  # when it ended; None while it sounds, and where it went with its stack
    reason: str  # why, in CloudWatch's words
    deleted: bool = False  # whether it went with its stack, nobody knows when


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """What the alarms did in a month."""

    ringing: tuple[AlarmEpisode, ...]  # every time that one sounded, the newest first
    watching: tuple[Alarm, ...]  # the alarms that exist now
    # From before, CloudWatch may have forgotten something; None if that is not in the month.
    known_since: datetime | None
    audiences: tuple[Audience, ...] = ()  # who receives them


def read_alarm_history(aws: Aws, period: Period, audiences: tuple[Audience, ...] = ()) -> Alarms:
    """What the platform's alarms did in a month, those included that are gone with their stack."""
    remembered = period.now - REMEMBERED
    watching = read_alarms(aws)
    sounding = {alarm.name for alarm in watching if alarm.state == "ALARM"}
    # Those of later too: what began in the month may have ended after it.
    episodes = _episodes(reversed(read_changes(aws, period.begin)), sounding)
    found = [episode for episode in episodes if episode.since < period.end]
    return Alarms(
        ringing=tuple(sorted(found, key=lambda one: one.since, reverse=True)),
        watching=watching,
        audiences=audiences,
        known_since=remembered if remembered > period.begin else None,
    )


def _episodes(changes: Iterable[Change], sounding: Collection[str]) -> Iterator[AlarmEpisode]:
    """Beginnings and ends put together, in the order of time. An end without a beginning began before the month."""
    begun: dict[str, AlarmEpisode] = {}
    for change in changes:
        before = begun.pop(change.name, None)
        if before is not None and change.before not in ("ALARM", ""):  # the next month's alarm of this name
            yield replace(before, deleted=True)
            before = None
        if change.state == "ALARM":
            begun[change.name] = before or AlarmEpisode(
                alarm=change.name, since=change.time, until=None, reason=change.reason
            )
        elif before is not None:
            yield AlarmEpisode(alarm=change.name, since=before.since, until=change.time, reason=before.reason)
    for episode in begun.values():
        yield replace(episode, deleted=episode.alarm not in sounding)
