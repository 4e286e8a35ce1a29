"""Alarm episodes from CloudWatch's history."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ops.aws.clients import Aws
from ops.report.period import Period
from ops.service.alarms import REMEMBERED, Alarm, Change, read_alarms, read_changes
from ops.service.alert_subscriptions import Audience


@dataclass(frozen=True, kw_only=True)
class AlarmEpisode:
    """One period in which an alarm was in ALARM."""

    alarm: str  # its name
    since: datetime  # when it began
    until: datetime | None  # when it ended; None while it goes on, and where the alarm was deleted with its stack
    reason: str  # the reason in CloudWatch's words
    deleted: bool = False  # whether it was deleted with its stack, at an unknown time


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """The alarms of a month."""

    ringing: tuple[AlarmEpisode, ...]  # all episodes, the newest first
    watching: tuple[Alarm, ...]  # the alarms that exist now
    # Before this time CloudWatch's history may be incomplete; None if that is not in the month.
    known_since: datetime | None
    audiences: tuple[Audience, ...] = ()  # the subscribers of their topics


def read_alarm_history(aws: Aws, period: Period, audiences: tuple[Audience, ...] = ()) -> Alarms:
    """The episodes of the platform's alarms in a month, also of alarms that were deleted with their stack."""
    remembered = period.now - REMEMBERED
    watching = read_alarms(aws)
    sounding = {alarm.name for alarm in watching if alarm.state == "ALARM"}
    # Later changes too: an episode of the month may have ended after it.
    episodes = _episodes(reversed(read_changes(aws, period.begin)), sounding)
    found = [episode for episode in episodes if episode.since < period.end]
    return Alarms(
        ringing=tuple(sorted(found, key=lambda one: one.since, reverse=True)),
        watching=watching,
        audiences=audiences,
        known_since=remembered if remembered > period.begin else None,
    )


def _episodes(changes: Iterable[Change], sounding: Collection[str]) -> Iterator[AlarmEpisode]:
    """Episodes by their beginnings and ends, in order of time. An end without a beginning began before the month."""
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
