"""Reads all chapters in parallel. A chapter that cannot be read shows the reason; the others are not affected."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

from ops.account.caller import Caller, own_caller
from ops.aws.clients import Aws
from ops.aws.errors import translated_errors
from ops.cost.actual import Actual, compare, days_up, read_days
from ops.cost.estimation import Estimate
from ops.errors import OpsError
from ops.month.snapshots import SnapshotDecision, decide_retention, read_snapshots
from ops.report.parts import (
    Alarms,
    PastExercise,
    Releases,
    RoleUse,
    Update,
    read_alarm_history,
    read_exercises,
    read_permissions,
    read_releases,
    read_updates,
)
from ops.report.period import Period
from ops.report.traffic import Traffic, read_traffic
from ops.service.alert_subscriptions import read_audiences
from ops.stacks.drift import Drift, read_drift

Content_co = TypeVar("Content_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Chapter(Generic[Content_co]):
    """The content of a chapter, or why it could not be read."""

    content: Content_co | None  # None where it could not be read
    missing: str = ""  # the reason; empty if it could be read


@dataclass(frozen=True, kw_only=True)
class Report:
    """The content of the monthly report."""

    caller: Caller
    project: str
    environment: str
    period: Period
    cost: Chapter[Actual]
    releases: Chapter[Releases]
    alarms: Chapter[Alarms]
    traffic: Chapter[Traffic]
    exercises: Chapter[tuple[PastExercise, ...]]
    p95_limit: float
    permissions: Chapter[tuple[RoleUse, ...]]
    snapshots: Chapter[tuple[SnapshotDecision, ...]]
    updates: Chapter[tuple[Update, ...]]
    drift: Chapter[Drift]

    @property
    def missing(self) -> tuple[str, ...]:
        """The chapters that could not be read."""
        values = {it.name: getattr(self, it.name) for it in fields(self)}
        return tuple(name for name, it in values.items() if isinstance(it, Chapter) and it.missing)


def read_report(aws: Aws, period: Period, *, estimate: Callable[[float], Estimate], records: Path) -> Report:
    """Read all services in parallel.

    Raises:
        RefusedError: the account has another installation.
    """
    settings = aws.settings
    caller = own_caller(aws)  # first and alone, so that an AWS that cannot be reached is one error, not ten
    chapters: dict[str, Callable[[], Any]] = {
        "cost": lambda: _cost(aws, period, estimate),
        "releases": lambda: read_releases(aws, period),
        "alarms": lambda: read_alarm_history(aws, period, read_audiences(aws, caller.account)),
        "traffic": lambda: read_traffic(aws, period),
        "exercises": lambda: read_exercises(records, settings.environment, caller.account, period),
        "permissions": lambda: read_permissions(aws, period),
        "snapshots": lambda: decide_retention(read_snapshots(aws), settings.database.snapshots_kept),
        "updates": lambda: read_updates(settings),
        "drift": lambda: read_drift(aws, expected=settings.expected_drift),
    }
    with ThreadPoolExecutor(max_workers=8) as pool:
        read = dict(zip(chapters, pool.map(_chapter, chapters.values()), strict=True))
    return Report(
        caller=caller,
        project=settings.project,
        environment=settings.environment,
        period=period,
        p95_limit=settings.alarms.release_p95_seconds,
        **read,
    )


def _cost(aws: Aws, period: Period, estimate: Callable[[float], Estimate]) -> Actual:
    """The bill so far, against the budget and the estimate for as many days up."""
    days = read_days(aws.cost_explorer, period.first, period.after)
    budget, computed = aws.settings.guardrail.monthly_budget_usd, estimate(float(days_up(days)))
    return compare(days, month=period.month, budget=budget, estimate=computed)


def _chapter(read: Callable[[], Any]) -> Chapter[Any]:
    try:
        with translated_errors():
            return Chapter(content=read())
    except OpsError as error:
        return Chapter(content=None, missing=" ".join([error.problem, *error.advice]))
