"""Watches stacks while CloudFormation works on them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from installation.names import Lifecycle
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.stacks.events import Event, last_operation, newest_event_id, read_events
from ops.stacks.state import Stack, is_in_progress, read_resources, read_stacks

# The name of the change set of the CDK's deploy (aws-cdk CLI, --change-set-name).
_CHANGE_SET = "cdk-deploy-change-set"


@dataclass(frozen=True, kw_only=True)
class StackProgress:
    """CloudFormation's progress with one stack."""

    name: str  # the stack
    lifecycle: Lifecycle  # how long it lives
    status: str | None  # None if it does not exist, ``DELETE_COMPLETE`` if it has just been deleted
    done: int = 0  # resources whose operation is complete
    total: int | None = None  # resources that this operation changes; None while unknown
    elapsed: timedelta | None = None  # since the operation began; None before
    working_on: tuple[str, ...] = ()  # resources whose operation is in progress
    failures: tuple[Event, ...] = ()  # resources that failed by themselves, oldest first

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is working on it."""
        return is_in_progress(self.status)


@dataclass(kw_only=True)
class _Track:
    """State of one stack since the watcher was made."""

    stack_id: str | None
    status: str | None
    seen: str | None  # id of the newest event that was read
    events: list[Event] = field(default_factory=list)
    total: int | None = None


class StackWatcher:
    """Watches some stacks from now on; earlier events count only for an operation that is still running."""

    def __init__(
        self, aws: Aws, stacks: Iterable[str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.aws, self._clock = aws, clock
        self._asked = False
        names = tuple(stacks)
        existing = read_stacks(aws, names)
        self._tracks = {name: self._begin_progress(existing.get(name)) for name in names}

    @property
    def events(self) -> tuple[Event, ...]:
        """All events of all stacks that were read, oldest first."""
        return tuple(sorted((e for track in self._tracks.values() for e in track.events), key=lambda e: e.time))

    def expect(self) -> None:
        """Read events in every state of a stack from now on: for some seconds it still shows the previous state."""
        self._asked = True

    def poll(self) -> tuple[StackProgress, ...]:
        """Ask CloudFormation once: one call per stack, and one or two more for each that is changing."""
        existing = read_stacks(self.aws, self._tracks)
        for name, track in self._tracks.items():
            self._follow(track, existing.get(name))
        return tuple(self._progress(name, track) for name, track in self._tracks.items())

    def _begin_progress(self, stack: Stack | None) -> _Track:
        if stack is None:
            return _Track(stack_id=None, status=None, seen=None)
        if stack.in_progress:  # begun by another caller or an earlier run: follow it
            events = read_events(self.aws, stack.stack_id)
            track = _Track(stack_id=stack.stack_id, status=None, seen=events[-1].event_id if events else None)
            track.events.extend(last_operation(events))
            return track
        seen = newest_event_id(self.aws, stack.stack_id)
        return _Track(stack_id=stack.stack_id, status=stack.status, seen=seen)

    def _follow(self, track: _Track, stack: Stack | None) -> None:
        if stack is not None and stack.stack_id != track.stack_id:  # created again
            track.stack_id, track.seen, track.total, track.status = stack.stack_id, None, None, None
        gone = None if track.stack_id is None else "DELETE_COMPLETE"  # a deleted stack is not found by name
        status = gone if stack is None else stack.status
        moving = stack is not None and stack.in_progress
        if track.stack_id is not None and (moving or status != track.status or self._asked):
            new = read_events(self.aws, track.stack_id, after=track.seen)
            track.events.extend(new)
            track.seen = new[-1].event_id if new else track.seen
            if status == "REVIEW_IN_PROGRESS":  # its creation may have begun since this state was read
                status = next((event.status for event in reversed(new) if event.about_stack), status)
            if track.total is None or any(event.begins for event in new):
                track.total = self._count(stack) if stack else track.total
        track.status = status

    def _count(self, stack: Stack) -> int | None:
        """How many resources the running operation changes; None where unknown."""
        if stack.status == "DELETE_IN_PROGRESS":
            return len(read_resources(self.aws, stack.stack_id))
        with ignoring("ChangeSetNotFound"):
            # An executed change set is found only by its ARN (guardian/riff-raff #672).
            pages = self.aws.cloudformation.get_paginator("describe_change_set").paginate(
                ChangeSetName=stack.change_set or _CHANGE_SET, StackName=stack.name
            )
            return sum(len(page["Changes"]) for page in pages)
        return None

    def _progress(self, name: str, track: _Track) -> StackProgress:
        operation = last_operation(track.events)
        latest = {event.logical_id: event for event in operation if not event.about_stack}
        done = sum(event.status.endswith("_COMPLETE") for event in latest.values())
        total = track.total
        if total is None and operation and not is_in_progress(track.status):  # it ended before it was counted
            total = len(latest)
        return StackProgress(
            name=name,
            lifecycle=self.aws.settings.lifecycles.of(name),
            status=track.status,
            done=done if total is None else min(done, total),
            total=total,
            elapsed=self._elapsed(track, operation),
            working_on=tuple(e.logical_id for e in latest.values() if e.status.endswith("_IN_PROGRESS")),
            failures=tuple(event for event in operation if event.is_failure and not event.about_stack),
        )

    def _elapsed(self, track: _Track, operation: Sequence[Event]) -> timedelta | None:
        if not operation:
            return None
        end = self._clock() if is_in_progress(track.status) else operation[-1].time
        return max(end - operation[0].time, timedelta())  # AWS's clock and this one may differ
