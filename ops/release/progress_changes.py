"""The changes of a release since the last reading, one line each, for logs and scripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from ops.release.progress import ReleaseView
from ops.service.traffic import TargetGroup

Kind = Literal["status", "step", "traffic", "targets", "alarm"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change."""

    event: Kind  # its kind
    text: str  # the change for people
    data: dict[str, JsonValue]  # the change for scripts


def changes(before: ReleaseView | None, now: ReleaseView) -> tuple[Change, ...]:
    """The changes between two readings; at a deployment's first reading everything except pending steps."""
    if before and before.deployment.deployment_id != now.deployment.deployment_id:  # this one rolls that one back
        before = None
    return (*_status(before, now), *_steps(before, now), *_target_groups(before, now), *_alarms(before, now))


def _status(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    deployment = now.deployment
    if before is None or before.deployment.status != deployment.status:
        reason = f": {deployment.error}" if deployment.error else ""
        yield Change(
            event="status",
            text=f"{deployment.deployment_id} is {deployment.status}{reason}",
            data={
                "deployment": deployment.deployment_id,
                "status": deployment.status,
                "code": deployment.error_code,
                "reason": deployment.error,
            },
        )


def _steps(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    known = {step.name: step.status for step in before.events} if before else {}
    for step in now.events:
        if step.status != "Pending" and known.get(step.name) != step.status:
            reason = f": {step.message}" if step.message else ""
            yield Change(
                event="step",
                text=f"  {step.name:<22} {step.status}{reason}",
                data={"step": step.name, "status": step.status, "reason": step.message},
            )


def _target_groups(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    known = {group.colour: group for group in before.target_groups} if before else {}
    shares = {group.colour: group.production_percent for group in now.target_groups}
    if {colour: group.production_percent for colour, group in known.items()} != shares and shares:
        listed = ", ".join(f"{colour} {percent:.0f} %" for colour, percent in shares.items())
        yield Change(event="traffic", text=f"  traffic: {listed}", data={**shares})
    for group in now.target_groups:
        last = known.get(group.colour)
        if (last is None or last.health != group.health) and (last or group.health):
            yield Change(
                event="targets",
                text=f"  targets of {group.colour}: {words_of_health(group)}",
                data={"colour": group.colour, "health": dict(group.health), "reasons": list(group.reasons)},
            )


def _alarms(before: ReleaseView | None, now: ReleaseView) -> Iterator[Change]:
    known = {alarm.name: alarm.state for alarm in before.alarms} if before else {}
    for alarm in now.alarms:
        last = known.get(alarm.name, "OK")
        if "ALARM" in (alarm.state, last) and alarm.state != last:
            yield Change(
                event="alarm",
                text=f"  alarm {alarm.name} is {alarm.state}: {alarm.reason}",
                data={"alarm": alarm.name, "state": alarm.state, "reason": alarm.reason},
            )


def words_of_health(group: TargetGroup) -> str:
    """Targets by state, with reasons for unhealthy ones; draining and initial are states themselves."""
    counted = ", ".join(f"{count} {state}" for state, count in sorted(group.health.items())) or "none"
    return f"{counted} ({'; '.join(group.reasons)})" if group.health.get("unhealthy") else counted
