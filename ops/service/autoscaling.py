"""Whether the number of tasks follows the load, and whether it is held still."""

from dataclasses import dataclass

from ops.aws.clients import Aws
from ops.service.deployments import running_deployments


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """The scalable target of the service."""

    least: int  # fewest tasks
    most: int  # most tasks
    held: bool  # whether it is suspended, out or in
    last: str  # what it did last, in AWS's words; empty for nothing yet
    failure: str  # why its last activity failed; empty if it did not


def read_scaling(aws: Aws) -> Scaling | None:
    """The target; None where the settings fix the number of tasks, or between two months."""
    if aws.settings.service.autoscaling is None:
        return None
    scaling, resource = aws.application_autoscaling, aws.names.scalable_target
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource])["ScalableTargets"]
    target = next(iter(targets), None)
    if target is None:
        return None
    suspended = target.get("SuspendedState", {})
    activities = scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=resource)["ScalingActivities"]
    # Of six weeks, by the service's name: those of a target of before are another month's.
    newest = next((one for one in activities if one["StartTime"] >= target["CreationTime"]), None)
    failed = newest is not None and newest["StatusCode"] in ("Failed", "Unfulfilled")
    return Scaling(
        least=target["MinCapacity"],
        most=target["MaxCapacity"],
        held=bool(suspended.get("DynamicScalingInSuspended") or suspended.get("DynamicScalingOutSuspended")),
        last=newest["Description"] if newest else "",
        failure=newest.get("StatusMessage", "no reason given") if newest and failed else "",
    )


def suspend_scaling(aws: Aws) -> None:
    """Suspend scaling, so that the number of tasks stays while traffic shifts."""
    _suspend(aws, suspended=True)


def resume_scaling(aws: Aws) -> bool:
    """Let the tasks scale again once no release runs; returns whether they were held. May be repeated."""
    if aws.settings.service.autoscaling is None or running_deployments(aws):
        return False
    return _suspend(aws, suspended=False)


def _suspend(aws: Aws, *, suspended: bool) -> bool:
    found = read_scaling(aws)
    if found is None or not (suspended or found.held):  # one direction may be held alone, by hand
        return False
    # What is not given stays as it is, the limits among it (API reference, RegisterScalableTarget).
    aws.application_autoscaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=aws.names.scalable_target,
        ScalableDimension="ecs:service:DesiredCount",
        SuspendedState={"DynamicScalingInSuspended": suspended, "DynamicScalingOutSuspended": suspended},
    )
    return True
