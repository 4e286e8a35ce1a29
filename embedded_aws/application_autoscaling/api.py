"""Which operation answers which call."""

from embedded_aws.application_autoscaling.policies import Policies
from embedded_aws.application_autoscaling.store import Record, Store
from embedded_aws.application_autoscaling.targets import Targets
from embedded_aws.core.json_service import Operation


def operations(targets: Targets, policies: Policies, store: Store) -> dict[str, Operation]:
    """Name every operation that is answered."""

    def activities(request: Record) -> Record:
        wanted = request.get("ResourceId")
        return {"ScalingActivities": [each for each in store.activities if wanted in (None, each["ResourceId"])]}

    return {
        "RegisterScalableTarget": targets.register,
        "DeregisterScalableTarget": targets.deregister,
        "DescribeScalableTargets": targets.describe,
        "PutScalingPolicy": policies.put,
        "DeleteScalingPolicy": policies.delete,
        "DescribeScalingPolicies": policies.describe,
        "DescribeScalingActivities": activities,
    }
