"""The service's front: which operation answers which call."""

import json
from collections.abc import Callable

from embedded_aws.application_autoscaling.policies import Policies
from embedded_aws.application_autoscaling.store import SERVICE, Record, Store
from embedded_aws.application_autoscaling.targets import Targets
from embedded_aws.core.patching import Response, ServiceHandler
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs import emulator as ecs

Operation = Callable[[Record], Record]
_JSON = {"Content-Type": "application/x-amz-json-1.1"}


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


def handler(answers: dict[str, Operation], *, account: str, region: str) -> ServiceHandler:
    """Make the handler of the service's requests."""

    async def handle(
        _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, list[str]]
    ) -> Response:
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        if (operation := answers.get(name)) is None:
            message = f"The embedded AWS has no operation {name}."
            return Refusal(SERVICE, "UnknownOperationException", message).as_json()
        try:
            with ecs.scope(account, region):
                answer = operation(json.loads(body or b"{}"))
        except Refusal as refusal:
            return refusal.as_json()
        return 200, dict(_JSON), json.dumps(answer).encode()

    return handle
