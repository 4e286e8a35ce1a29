"""DescribeTaskSets, which the emulator lacks: CodeDeploy makes task sets, and tools look at them."""

import json
from typing import Any

from embedded_aws.core.patching import Response
from embedded_aws.ecs import emulator

_JSON = {"Content-Type": "application/x-amz-json-1.1"}


def install() -> None:
    """Answer it."""
    emulator.add_action("DescribeTaskSets", _describe)


def _describe(request: dict[str, Any]) -> Response:
    service = emulator.find_service(request.get("cluster"), request.get("service", ""))
    if service is None:
        return emulator.refusal("ServiceNotFoundException", "Service not found.").as_json()
    wanted = request.get("taskSets") or []
    found = [one for one in service.get("taskSets", []) if not wanted or {one["id"], one["taskSetArn"]} & set(wanted)]
    known = {name for one in found for name in (one["id"], one["taskSetArn"])}
    shown = [{key: value for key, value in one.items() if value is not None and key[0] != "_"} for one in found]
    failures = [{"arn": name, "reason": "MISSING"} for name in wanted if name not in known]
    return 200, dict(_JSON), json.dumps({"taskSets": shown, "failures": failures}, default=str).encode()
