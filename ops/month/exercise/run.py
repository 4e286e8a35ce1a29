"""Runs an exercise: causes the fault, observes its effects, and ends the fault in any case."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ops.aws.clients import Aws
from ops.aws.polling import Polling
from ops.errors import FailedError, RefusedError
from ops.month.exercise.exercise import BAD_RELEASE, Exercise
from ops.month.exercise.faults import FaultMethod, fault_in_effect, run_experiment
from ops.month.exercise.plan import ExercisePlan, Observation, observe
from ops.month.restore.trial import run_trial
from ops.release.deployment import stop_deployment
from ops.release.plan import ReleaseRequest, begin_release, plan_release
from ops.release.rollback import running_release
from ops.release.timing import Mode
from ops.release.watch import watch as watch_release
from ops.service.alarms import Change, read_changes

_MINUTE: Final = 60.0
# After this time a fault's effect is visible; a fault without a visible effect did no harm.
_EFFECT_SECONDS: Final = 60.0
# The clocks of this machine and of AWS may differ.
_BEFORE: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A change, with the seconds since the fault."""

    seconds: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of an exercise. Seconds are AWS's: a faster clock's factor is applied."""

    began: datetime  # when the fault began
    detected_by: str  # the expected alarm, or the first in ALARM; empty where there was none
    detected_seconds: float | None  # from the fault to that alarm
    recovered_seconds: float | None  # from the fault until all was healthy; None where that was too late
    sounded: tuple[str, ...]  # every alarm that went into ALARM
    experiment: str  # FIS's id; empty without FIS
    moments: tuple[Moment, ...]  # the observed changes
    objections: tuple[str, ...] = ()  # unmet expectations

    @property
    def met(self) -> bool:
        """Whether the expectation was met."""
        return not self.objections


@dataclass(kw_only=True)
class Watch:
    """The observations so far. Seconds are AWS's, since the fault."""

    expected: tuple[str, ...]  # alarms, or beginnings of their names, of which one must go into ALARM; empty: none
    before: Observation  # the system's state before the fault
    polling: Polling  # has this machine's clock
    factor: float  # AWS's seconds per second of this machine
    zero: float  # the fault's time, by this machine's clock
    show: Callable[[Moment], None]  # gets each change
    moments: list[Moment] = field(default_factory=list)
    sounded: dict[str, float] = field(default_factory=dict)
    harmed: bool = False
    recovered: float | None = None
    changes: set[Change] = field(default_factory=set)  # changes of alarms that were read
    _last: Observation | None = None
    _unlisted: Counter[str] = field(default_factory=Counter)  # alarms that were seen to go into ALARM, not yet recorded

    @property
    def seconds(self) -> float:
        """The time since the fault."""
        return (self.polling.clock() - self.zero) * self.factor

    @property
    def detected(self) -> tuple[str, float] | None:
        """The expected alarm, or the first where none is expected, with the seconds until its ALARM."""
        return next(((name, at) for name, at in self.sounded.items() if name.startswith(self.expected or ("",))), None)

    def note(self, text: str) -> None:
        """Record and show a change."""
        self.moments.append(Moment(seconds=round(self.seconds, 1), text=text))
        self.show(self.moments[-1])

    def add(self, observation: Observation, ended_alarms: Iterable[str] = ()) -> None:
        """Record an observation.

        `ended_alarms` are those whose ALARM has begun and ended by newly read records, once for each record.
        """
        seconds, previous = self.seconds, self._last or self.before
        self._unlisted.update(observation.in_alarm - previous.in_alarm)
        missed = Counter(ended_alarms) - self._unlisted
        self._unlisted -= Counter(ended_alarms)
        for name in sorted(observation.in_alarm - previous.in_alarm):
            self.sounded.setdefault(name, seconds)
            self.note(f"the alarm {name} is in ALARM")
        for name in sorted({*missed} - observation.in_alarm - previous.in_alarm):
            self.sounded.setdefault(name, seconds)
            self.note(f"the alarm {name} was in ALARM, and is OK again")
            self.harmed, self.recovered = True, None
        for name in sorted(previous.in_alarm - observation.in_alarm):
            self.note(f"the alarm {name} is over")
        if observation.troubles != previous.troubles:
            self.note("; ".join(observation.troubles) or "tasks, targets and database are well")
        gone = self.before.tasks - observation.tasks
        if gone and not self.harmed:
            self.note(f"ended: {', '.join(sorted(task[:8] for task in gone))}")
        self.harmed = self.harmed or bool(gone) or not observation.healthy
        self._last = observation
        if not observation.healthy:
            self.recovered = None
        elif self.recovered is None and (self.harmed or seconds > _EFFECT_SECONDS):
            self.recovered = seconds if self.harmed else 0.0


def run(
    aws: Aws, plan: ExercisePlan, *, factor: float, now: Callable[[], datetime], show: Callable[[Moment], None]
) -> Result:
    """Cause the fault, and watch until all is healthy again or the exercise's time is over.

    `factor` is AWS's seconds per second of this machine. RefusedError where the plan is refused,
    FailedError where the fault cannot be caused.
    """
    exercise, method, before = plan.exercise, plan.method, plan.before
    if method is None or before is None:
        raise RefusedError(*plan.refusals)
    began = now()
    changes = set(read_changes(aws, began - _BEFORE))
    watch = Watch(
        expected=exercise.expect.alarms,
        before=before,
        polling=aws.polling,
        factor=factor,
        zero=aws.polling.clock(),
        show=show,
        changes=changes,
    )

    def observe_now() -> None:
        ended_alarms = _new_changes(aws, began, watch)
        watch.add(observe(aws), ended_alarms)

    with ExitStack() as stack:
        stack.enter_context(fault_in_effect(method))
        if method.snapshot:
            _try_restore(aws, watch)
        elif method.way == "command":
            stack.enter_context(_bad_release(aws, method, watch, observe_now))
        # A fault of the embedded AWS is in effect already.
        experiment = run_experiment(aws, method.template) if method.way == "FIS" else ""
        watch.note(f"the fault is injected {method.text}")
        _observe_until(lambda: _may_end_fault(aws, exercise, watch), observe_now, watch, exercise)
        stack.pop_all().close()
        if method.kind:
            watch.note("the fault is ended")
        _observe_until(lambda: watch.recovered is not None, observe_now, watch, exercise)
    quiet = watch.seconds + exercise.watch_minutes * _MINUTE
    _observe_until(lambda: watch.seconds >= quiet, observe_now, watch, exercise)
    detected = watch.detected
    result = Result(
        began=began,
        detected_by=detected[0] if detected else "",
        detected_seconds=round(detected[1], 1) if detected else None,
        recovered_seconds=None if watch.recovered is None else round(watch.recovered, 1),
        sounded=tuple(watch.sounded),
        experiment=experiment,
        moments=tuple(watch.moments),
    )
    return evaluate(exercise, result)


def _may_end_fault(aws: Aws, exercise: Exercise, watch: Watch) -> bool:
    """Whether the fault may be ended, or a bad release has ended by itself."""
    if exercise.end == "recovered":
        return watch.recovered is not None
    return watch.detected is not None or (exercise.fault == BAD_RELEASE and running_release(aws) is None)


def _new_changes(aws: Aws, began: datetime, watch: Watch) -> list[str]:
    """Alarms that were in ALARM according to new records: an ALARM may end before states are read again.

    Alarms whose newest record is ALARM are not included: their states show it.
    """
    prefix, changes = f"{aws.settings.project}-", read_changes(aws, began - _BEFORE)
    newest_states = {it.name: it.state for it in reversed(changes)}  # the newest come first
    new = {it for it in changes if it.state == "ALARM" and newest_states[it.name] != "ALARM"} - watch.changes
    watch.changes |= new
    return [it.name.removeprefix(prefix) for it in new]


def _observe_until(
    reached: Callable[[], bool], observe_now: Callable[[], None], watch: Watch, exercise: Exercise
) -> None:
    while watch.seconds < exercise.at_most_minutes * _MINUTE:
        observe_now()
        if reached():
            return
        watch.polling.sleep(watch.polling.seconds)


def _try_restore(aws: Aws, watch: Watch) -> None:
    """Restore the newest snapshot beside the database; this must not affect the system's health."""
    tried = run_trial(aws, watch.note)
    if tried.succeeded is False:
        raise FailedError("the command of database.restore_check failed on the restored data", "\n".join(tried.printed))
    read = "read by database.restore_check" if tried.succeeded else "not read: database.restore_check is not set"
    watch.note(f"{tried.snapshot} is restored, and {read}")
    watch.harmed = True  # so that the time until recovery includes the restore


@contextmanager
def _bad_release(aws: Aws, method: FaultMethod, watch: Watch, observe_now: Callable[[], None]) -> Iterator[None]:
    """Release an image that never becomes healthy; it is rolled back in any case."""
    planned = plan_release(aws, ReleaseRequest(image=method.image, mode=Mode.BLUEGREEN))
    # Migrations of such an image must not change the database.
    deployment = begin_release(aws, replace(planned, migrate=()), show=lambda _: None)
    watch.note(f"the release {deployment} is begun")
    try:
        yield
    finally:
        if stop_deployment(aws, deployment):  # otherwise an alarm ended it, and CodeDeploy already rolls it back
            watch.note("the release is stopped, as `hannibal rollback` does")
        ended = watch_release(aws, deployment, show=lambda _: observe_now())
        watch.note(f"the release is {ended.outcome} {f'({ended.code})' if ended.code else ''}".rstrip())


def evaluate(exercise: Exercise, result: Result) -> Result:
    """Compare the result with the expectation."""
    expect, objections = exercise.expect, []
    if expect.alarms and result.detected_seconds is None:
        objections.append(f"the alarm {' or '.join(expect.alarms)} did not go into ALARM")
    if not expect.alarms and result.sounded:
        objections.append(f"no alarm should go into ALARM, and {', '.join(result.sounded)} did")
    if expect.alarms and _exceeds(result.detected_seconds, expect.detected_within_minutes):
        objections.append(
            f"its alarm came after {result.detected_seconds:g} s, not within {expect.detected_within_minutes:g} min"
        )
    if result.recovered_seconds is None:
        objections.append(f"it was not healthy within {exercise.at_most_minutes:g} min")
    elif _exceeds(result.recovered_seconds, expect.recovered_within_minutes):
        objections.append(
            f"it was healthy after {result.recovered_seconds:g} s, not within {expect.recovered_within_minutes:g} min"
        )
    return replace(result, objections=tuple(objections))


def _exceeds(seconds: float | None, minutes: float | None) -> bool:
    return seconds is not None and minutes is not None and seconds > minutes * _MINUTE
