"""Whether the number of tasks follows the load, and whether scaling is suspended."""

from dataclasses import dataclass

from ops.aws.clients import Aws
from ops.service.deployments import running_deployments


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """The scalable target of the service."""

    least: int  # fewest tasks
    most: int  # most tasks
    held: bool  # whether scaling out or in is suspended
    last: str  # AWS's description of its last activity; empty for none yet
    failure: str  # why its last activity failed; empty if it did not


def read_scaling(aws: Aws) -> Scaling | None:
    """The scalable target; None where the settings fix the number of tasks, or between two months."""
    if aws.settings.service.autoscaling is None:
        return None
    scaling, resource = aws.application_autoscaling, aws.names.scalable_target
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource])["ScalableTargets"]
    target = next(iter(targets), None)
    if target is None:
        return None
    suspended = target.get("SuspendedState", {})
    activities = scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=resource)["ScalingActivities"]
    # AWS returns six weeks of activities by the service's name: those before the target's creation are another month's.
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
    """Resume scaling unless a release runs; returns whether it did. May be repeated."""
    if aws.settings.service.autoscaling is None or running_deployments(aws):
        return False
    return _suspend(aws, suspended=False)


def _suspend(aws: Aws, *, suspended: bool) -> bool:
    found = read_scaling(aws)
    if found is None or not (suspended or found.held):  # one direction may be suspended alone, by hand
        return False
    # Parameters that are not given keep their values, such as the limits (API reference, RegisterScalableTarget).
    aws.application_autoscaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=aws.names.scalable_target,
        ScalableDimension="ecs:service:DesiredCount",
        SuspendedState={"DynamicScalingInSuspended": suspended, "DynamicScalingOutSuspended": suspended},
    )
    return True
