"""Drift: resources that differ from their template, as CloudFormation detects them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from installation.names import ALL_STACKS, RESUME_CALLS
from installation.settings.expected_drift import ExpectedDrift
from ops.aws.clients import Aws
from ops.aws.errors import message_of
from ops.aws.polling import wait_at_most
from ops.errors import FailedError, UnusableInputError
from ops.stacks.state import Resource, read_resources, read_stacks

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceDriftTypeDef

_SERVICE: Final = "AWS::ECS::Service"
# Properties that a release changes by design, and no deployment may change back: traffic, and the running version.
# Of an action that is only its target, not its type: no release makes a rule forward that refuses requests.
_MOVED_BY_RELEASES: Final = {
    "AWS::ElasticLoadBalancingV2::Listener": re.compile(r"/DefaultActions/\d+/(ForwardConfig|TargetGroupArn)\b"),
    "AWS::ElasticLoadBalancingV2::ListenerRule": re.compile(r"/Actions/\d+/(ForwardConfig|TargetGroupArn)\b"),
    _SERVICE: re.compile(r"/(TaskDefinition|LoadBalancers)\b"),
}
# What a pause changes until it ends; `hannibal status` reports the pause. An alarm that it silences is no drift,
# because its template does not set whether its actions are enabled. A spent budget disables the morning schedules,
# and no others.
_MOVED_BY_PAUSES: Final = frozenset({(_SERVICE, "/DesiredCount", "0")})
_MOVED_BY_BUDGETS: Final = ("AWS::Scheduler::Schedule", "/State", "DISABLED")
_NEVER: Final = re.compile(r"(?!)")
# The same with what Application Auto Scaling changes, where the stack has a scalable target.
_MOVED_BY_RELEASES_AND_SCALING: Final = _MOVED_BY_RELEASES | {
    _SERVICE: re.compile(r"/(DesiredCount|TaskDefinition|LoadBalancers)\b")
}
_SCALABLE_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
_UNKNOWN: Final = "UNKNOWN"
_MOST_SECONDS: Final = 900.0


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One property that differs."""

    path: str  # its path, as CloudFormation writes it
    expected: str  # the template's value
    actual: str  # the resource's value
    reason: str = ""  # why the configuration expects it to differ; empty if it does not


@dataclass(frozen=True, kw_only=True)
class DriftedResource:
    """A resource that differs from its template."""

    stack: str  # name of its stack
    logical_id: str  # its name in the template
    physical_id: str  # its name in AWS
    resource_type: str  # such as ``AWS::EC2::SecurityGroup``
    status: str  # ``MODIFIED`` or ``DELETED``
    differences: tuple[Difference, ...]  # what differs; empty where it was deleted
    by_release: bool  # whether all differences are from releases, scaling or pauses
    # Whether the configuration expects all differences, or they are from releases, scaling or pauses.
    by_configuration: bool = False


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Drift of all stacks that exist."""

    stacks: tuple[str, ...]  # the stacks that were compared
    resources: tuple[DriftedResource, ...]  # the resources that differ
    expired: tuple[str, ...] = ()  # places of the configuration's entries that have ended
    obsolete: tuple[str, ...] = ()  # places of its entries without a difference now
    # Stacks that CloudFormation could not compare fully, each with its message or the stack's state.
    unread: tuple[str, ...] = ()

    @property
    def unexpected(self) -> tuple[DriftedResource, ...]:
        """Resources that were changed by hand: neither by releases nor as the configuration expects."""
        return tuple(one for one in self.resources if not (one.by_release or one.by_configuration))

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be compared, and what to do about the configuration's entries, one line each."""
        return (
            *(f"not all of it could be compared: {stack}" for stack in self.unread),
            *(f"expired, so that it counts as drift again: {place}" for place in self.expired),
            *(f"no longer differs, take it out of `expected_drift`: {place}" for place in self.obsolete),
        )


def read_drift(
    aws: Aws, names: Iterable[str] = ALL_STACKS, *, expected: Sequence[ExpectedDrift] = (), today: date | None = None
) -> Drift:
    """Let CloudFormation compare all existing stacks in parallel.

    `expected` are the configuration's entries, of which those that ended before today count no longer.

    Raises:
        UnusableInputError: the configuration expects drift of a resource that does not exist.
        FailedError: CloudFormation takes more than a quarter of an hour.
    """
    existing = read_stacks(aws, names)
    # In other states CloudFormation refuses to compare (user guide, "Stack states for drift detection").
    stacks = tuple(name for name, it in existing.items() if it.healthy or it.status == "UPDATE_ROLLBACK_FAILED")
    day = today or datetime.now(UTC).date()
    current = [entry for entry in expected if entry.until >= day]

    @cache
    def stack_resources(stack: str) -> tuple[Resource, ...]:
        return read_resources(aws, stack)

    def moved_by_releases(stack: str) -> Mapping[str, re.Pattern[str]]:
        scales = any(each.resource_type == _SCALABLE_TARGET for each in stack_resources(stack))
        return _MOVED_BY_RELEASES_AND_SCALING if scales else _MOVED_BY_RELEASES

    _require_known_resources([entry for entry in expected if entry.stack in stacks], stack_resources)
    detections = {stack: _begin_detection(aws, stack) for stack in stacks}
    failures = {stack: _wait_for_comparison(aws, stack, detection) for stack, detection in detections.items()}
    results = {stack: _read_results(aws, stack) for stack in stacks}
    unread = {stack: reason for stack in stacks if (reason := failures[stack] or _not_compared(results[stack]))}
    resources = [
        _drifted_resource(stack, result, moved_by_releases(stack), current)
        for stack in stacks
        for result in results[stack]
        if result["StackResourceDriftStatus"] != _UNKNOWN
    ]
    return Drift(
        stacks=stacks,
        resources=tuple(resources),
        expired=tuple(entry.place for entry in expected if entry not in current),
        obsolete=tuple(
            entry.place
            for entry in current
            if entry.stack in stacks and entry.stack not in unread
            if not any(entry.covers(it.stack, it.logical_id, one.path) for it in resources for one in it.differences)
        ),
        unread=(
            *(f"{stack}: {reason}" for stack, reason in unread.items()),
            *(f"{name} is {it.status}" for name, it in existing.items() if name not in stacks),
        ),
    )


def _require_known_resources(
    entries: Iterable[ExpectedDrift], resources_of: Callable[[str], tuple[Resource, ...]]
) -> None:
    """Refuse entries about resources that their existing stacks do not have, by UnusableInputError."""
    unknown_places = [
        f"{entry.stack} has no resource {entry.resource}"
        for entry in entries
        if entry.resource not in {each.logical_id for each in resources_of(entry.stack)}
    ]
    if unknown_places:
        raise UnusableInputError(
            f"`expected_drift` names what is not there: {'; '.join(unknown_places)}",
            "Write the resource's name in the template, as `hannibal drift` prints it, or take the entry out.",
        )


def _begin_detection(aws: Aws, stack: str) -> str:
    """The drift detection's id; CloudFormation runs one detection of a stack at a time."""

    def begun() -> str | None:
        try:
            return aws.cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
        except ClientError as error:
            if "already in progress" in message_of(error):
                return None
            raise

    return _wait_for_detection(aws, stack, begun)


def _wait_for_comparison(aws: Aws, stack: str, detection: str) -> str:
    """Why CloudFormation could not compare all of a stack, such as a denied read of a resource; else empty."""

    def ended() -> str | None:
        answer = aws.cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if answer["DetectionStatus"] == "DETECTION_FAILED":
            return answer.get("DetectionStatusReason", "no reason given")
        return "" if answer["DetectionStatus"] == "DETECTION_COMPLETE" else None

    return _wait_for_detection(aws, stack, ended)


def _wait_for_detection(aws: Aws, stack: str, read: Callable[[], str | None]) -> str:
    if (answer := wait_at_most(_MOST_SECONDS, read, aws.polling)) is None:
        raise FailedError(f"CloudFormation still compares {stack} after {_MOST_SECONDS / 60:g} minutes")
    return answer


def _not_compared(results: "list[StackResourceDriftTypeDef]") -> str:
    """Which resources CloudFormation could not compare, and why; else empty."""
    return ", ".join(
        f"{one['LogicalResourceId']}: {one.get('DriftStatusReason', 'no reason given')}"
        for one in results
        if one["StackResourceDriftStatus"] == _UNKNOWN
    )


def _read_results(aws: Aws, stack: str) -> "list[StackResourceDriftTypeDef]":
    drifts: list[StackResourceDriftTypeDef] = []
    token = ""
    while True:  # boto3 has no paginator for this operation
        page = aws.cloudformation.describe_stack_resource_drifts(
            StackName=stack,
            StackResourceDriftStatusFilters=["MODIFIED", "DELETED", _UNKNOWN],
            **({"NextToken": token} if token else {}),  # type: ignore[arg-type]  # a plain dict
        )
        drifts += page["StackResourceDrifts"]
        token = page.get("NextToken", "")
        if not token:
            return drifts


def _drifted_resource(
    stack: str,
    drift: "StackResourceDriftTypeDef",
    moved_by_releases: Mapping[str, re.Pattern[str]],
    expected: Iterable[ExpectedDrift],
) -> DriftedResource:
    logical_id, kind = drift["LogicalResourceId"], drift["ResourceType"]

    def reason(path: str) -> str:
        return next((entry.reason for entry in expected if entry.covers(stack, logical_id, path)), "")

    differences = tuple(
        Difference(
            path=one["PropertyPath"],
            expected=one["ExpectedValue"],
            actual=one["ActualValue"],
            reason=reason(one["PropertyPath"]),
        )
        for one in drift.get("PropertyDifferences", [])
    )
    releases = moved_by_releases.get(kind, _NEVER)
    of_the_morning = drift.get("PhysicalResourceId", "").endswith(RESUME_CALLS)
    paused = _MOVED_BY_PAUSES | ({_MOVED_BY_BUDGETS} if of_the_morning else set())

    def moved(one: Difference) -> bool:
        return bool(releases.match(one.path)) or (kind, one.path, one.actual) in paused

    return DriftedResource(
        stack=stack,
        logical_id=logical_id,
        physical_id=drift.get("PhysicalResourceId", ""),
        resource_type=kind,
        status=drift["StackResourceDriftStatus"],
        differences=differences,
        by_release=bool(differences) and all(moved(one) for one in differences),
        by_configuration=bool(differences) and all(one.reason or moved(one) for one in differences),
    )
