"""The number of tasks follows the load, by Application Auto Scaling's target tracking."""

from typing import Final

from aws_cdk import aws_applicationautoscaling as scaling
from constructs import Construct

from constructs_lib.compute.metrics import Metrics
from constructs_lib.compute.service import ApiService
from installation.names import Names
from installation.settings.autoscaling import AutoscalingSettings

# Out at once, in slowly: a task too many for five minutes costs less than users who wait.
_SCALE_OUT_SECONDS: Final = 60
_SCALE_IN_SECONDS: Final = 300


class Autoscaling(Construct):
    """A scalable target and its policy.

    No template changes the service for it: Application Auto Scaling sets the desired count through ECS, by its
    service-linked role, which AWS uses where no role is named.

    Requests are counted over both target groups, because the predefined metric watches one of them only and a
    release moves production to the other (containers-roadmap #1681). Both serve during a release only, and nothing
    scales then (`ops.release.scaling`).

    Args:
        settings: how many tasks, and the target value.
        metrics: the metrics of the target groups.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        settings: AutoscalingSettings,
        service: ApiService,
        metrics: Metrics,
    ) -> None:
        super().__init__(scope, construct_id)
        target = scaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=names.scalable_target,
            min_capacity=settings.least,
            max_capacity=settings.most,
        )
        target.node.add_dependency(service.service)
        scaling.CfnScalingPolicy(
            self,
            "Policy",
            policy_name=names.service,
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=_policy(settings, metrics),
        )


def _policy(
    settings: AutoscalingSettings, metrics: Metrics
) -> scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty:
    target = settings.cpu_percent or settings.requests_per_target or 0
    cpu = scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
        predefined_metric_type="ECSServiceAverageCPUUtilization"
    )
    return scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=target,
        scale_out_cooldown=_SCALE_OUT_SECONDS,
        scale_in_cooldown=_SCALE_IN_SECONDS,
        predefined_metric_specification=cpu if settings.cpu_percent else None,
        customized_metric_specification=None if settings.cpu_percent else _requests(metrics),
    )


def _requests(metrics: Metrics) -> scaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty:
    """Requests per minute and task, whichever group serves; the idle group reports nothing, which counts as zero.

    Without FILL: the newest minute has no data yet, and FILL would make it a minute without requests. The alarm that
    adds tasks, on three minutes of three, might then never sound. A sum of two series takes a missing value for zero
    where the other series has one (CloudWatch user guide, "Using metric math", FILL and basic arithmetic).
    """
    of_groups = [
        scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty(
            id=colour,
            metric_stat=scaling.CfnScalingPolicy.TargetTrackingMetricStatProperty(
                metric=scaling.CfnScalingPolicy.TargetTrackingMetricProperty(
                    namespace="AWS/ApplicationELB",
                    metric_name="RequestCountPerTarget",
                    dimensions=[
                        _dimension("LoadBalancer", metrics.load_balancer_name),
                        _dimension("TargetGroup", group),
                    ],
                ),
                stat="Sum",
            ),
            return_data=False,
        )
        for colour, group in metrics.groups.items()
    ]
    both = scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty(
        id="requests",
        expression="blue + green",
        label="Requests a minute and task",
        return_data=True,
    )
    return scaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty(metrics=[*of_groups, both])


def _dimension(name: str, value: str) -> scaling.CfnScalingPolicy.TargetTrackingMetricDimensionProperty:
    return scaling.CfnScalingPolicy.TargetTrackingMetricDimensionProperty(name=name, value=value)
