"""What holding the number of tasks still takes, while a release shifts traffic."""

from installation.permissions.grants import Arns, Grant
from installation.permissions.tasks import ID_BY_AWS


def hold_scaling(arns: Arns) -> tuple[Grant, ...]:
    """Suspend and resume scaling of ECS services; there is one call for that and for the limits."""
    return (
        Grant(
            sid="HoldScaling",
            actions=("application-autoscaling:RegisterScalableTarget",),
            resources=arns.regional("application-autoscaling", "scalable-target/*"),
            reason=ID_BY_AWS,
            conditions={
                "StringEquals": {
                    "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
                    "application-autoscaling:service-namespace": "ecs",
                }
            },
        ),
    )
