"""The parts of a month's report: alarms, exercises, releases, permissions and updates."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.errors import UnusableInputError
from ops.github.api import GitHub, validate_answer
from ops.iam.review.groups import Group
from ops.iam.review.running import ReviewOptions, run
from ops.release.history import PastRelease, Record, read_history
from ops.report.period import Period
from ops.service.alarms import REMEMBERED, Alarm, Change, read_alarms, read_changes
from ops.service.alert_subscriptions import Audience

_MOST_RELEASES: Final = 200
_DEPENDABOT: Final = "dependabot[bot]"


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
    in_alarm = {alarm.name for alarm in watching if alarm.state == "ALARM"}
    # Later changes too: an episode of the month may have ended after it.
    episodes = _episodes(reversed(read_changes(aws, period.begin)), in_alarm)
    found = [episode for episode in episodes if episode.since < period.end]
    return Alarms(
        ringing=tuple(sorted(found, key=lambda one: one.since, reverse=True)),
        watching=watching,
        audiences=audiences,
        known_since=remembered if remembered > period.begin else None,
    )


def _episodes(changes: Iterable[Change], in_alarm: Collection[str]) -> Iterator[AlarmEpisode]:
    """Episodes by their beginnings and ends, in order of time. An end without a beginning began before the month."""
    open_episodes: dict[str, AlarmEpisode] = {}
    for change in changes:
        before = open_episodes.pop(change.name, None)
        if before is not None and change.before not in ("ALARM", ""):  # the next month's alarm of this name
            yield replace(before, deleted=True)
            before = None
        if change.state == "ALARM":
            open_episodes[change.name] = before or AlarmEpisode(
                alarm=change.name, since=change.time, until=None, reason=change.reason
            )
        elif before is not None:
            yield AlarmEpisode(alarm=change.name, since=before.since, until=change.time, reason=before.reason)
    for episode in open_episodes.values():
        yield replace(episode, deleted=episode.alarm not in in_alarm)


class PastExercise(BaseModel):
    """The part of a record that the page shows; `ops.report.exercise_record` writes more."""

    model_config = ConfigDict(frozen=True)

    exercise: str  # its name, such as ``task-dies``
    environment: str
    account: str
    began: AwareDatetime  # when the fault was caused
    met: bool  # whether everything happened as expected
    detected_by: str  # the first alarm; empty if there was none
    detected_seconds: float | None
    recovered_seconds: float | None  # None where it did not recover in time
    objections: tuple[str, ...]  # expectations that were not met


def read_exercises(folder: Path, environment: str, account: str, period: Period) -> tuple[PastExercise, ...]:
    """The exercises of a month, in the order of time; none if the folder does not exist.

    Raises:
        UnusableInputError: a file in the folder is no record.
    """
    records = (it for it in _records(folder) if (it.environment, it.account) == (environment, account))
    return tuple(sorted((it for it in records if it.began in period), key=lambda it: it.began))


def _records(folder: Path) -> Iterator[PastExercise]:
    for file in sorted(folder.glob("*.json")):
        try:
            yield PastExercise.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise UnusableInputError(f"{file} is no record of an exercise: {str(error).splitlines()[0]}") from error


@dataclass(frozen=True, kw_only=True)
class Releases:
    """Releases of one month, the newest first."""

    deployments: tuple[PastRelease, ...]  # by CodeDeploy, which loses them when the month's stacks are destroyed
    records: tuple[Record, ...]  # by the release record

    @property
    def started(self) -> tuple[PastRelease, ...]:
        """Releases that a person or a workflow started, without CodeDeploy's own rollbacks."""
        return tuple(one for one in self.deployments if not one.rolls_back)

    @property
    def succeeded(self) -> int:
        """The number of successful releases."""
        return sum(one.result == "Succeeded" for one in self.started)

    @property
    def failed(self) -> int:
        """The number of failed releases; a running release is neither."""
        return sum(one.duration is not None and one.result != "Succeeded" for one in self.started)

    @property
    def typical(self) -> timedelta | None:
        """The median duration of successful releases."""
        durations = [one.duration for one in self.started if one.duration is not None and one.result == "Succeeded"]
        return timedelta(seconds=median(one.total_seconds() for one in durations)) if durations else None


def read_releases(aws: Aws, period: Period) -> Releases:
    """The releases that were started in a month."""
    history = read_history(aws, _MOST_RELEASES)
    return Releases(
        deployments=tuple(one for one in history.deployments if one.created in period),
        records=tuple(one for one in history.records if one.since in period),
    )


@dataclass(frozen=True, kw_only=True)
class RoleUse:
    """The permission review of one role in numbers."""

    role: str  # its name
    groups: Mapping[Group, int]  # granted actions in each of the review's groups
    events: int  # the role's events in the month

    @property
    def granted(self) -> int:
        """All granted actions."""
        return sum(self.groups.values())


def read_permissions(aws: Aws, period: Period) -> tuple[RoleUse, ...]:
    """Review the roles over the month's trail by Athena, which charges for the data that it reads."""
    names = aws.names
    roles = (names.cicd_role, names.plan_role, names.developer_role)
    return tuple(_review(aws, period, role) for role in roles)


def _review(aws: Aws, period: Period, role: str) -> RoleUse:
    last = period.after - timedelta(days=1)
    options = ReviewOptions(role=role, days=(period.after - period.first).days, last=last)
    # Three queries take seconds, so there is no progress.
    found = run(options, aws, progress=lambda *_: None)
    return RoleUse(role=role, groups=found.groups, events=found.coverage.role_events)


class _User(BaseModel):
    login: str


class Update(BaseModel):
    """One pull request of Dependabot."""

    model_config = ConfigDict(frozen=True)

    number: int
    title: str
    url: str = Field(validation_alias="html_url")
    created: datetime = Field(validation_alias="created_at")
    user: _User | None = Field(default=None, exclude=True)  # none: the account is gone


def read_updates(settings: Settings) -> tuple[Update, ...]:
    """The open updates, the oldest first.

    Raises:
        UnusableInputError: there is no token to ask GitHub with.
        FailedError: GitHub cannot be reached, refuses, or answers something else.
    """
    github = GitHub.of_user(f"{settings.github.owner}/{settings.github.repository}")
    found = validate_answer(list[Update], list(github.open_pull_requests()))
    updates = (it for it in found if it.user and it.user.login == _DEPENDABOT)
    return tuple(sorted(updates, key=lambda update: update.created))
