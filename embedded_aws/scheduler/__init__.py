"""EventBridge Scheduler's universal targets, which the emulator does not call.

A schedule's hours are those of the machine's clock. ``POST /_hannibal/schedules`` with ``{"name": "…"}`` has one called
now, as it would be at its time; ``GET`` lists them.
"""

import json
import logging
from collections.abc import Callable
from typing import Any, Final

from embedded_aws.core.control import Control
from embedded_aws.core.json_value import JsonValue
from embedded_aws.core.patching import Function, Response
from embedded_aws.scheduler import emulator

_UNIVERSAL: Final = "arn:aws:scheduler:::aws-sdk:"
_ERROR: Final = 400

logger = logging.getLogger("embedded_aws.scheduler")


def install(control: Control) -> None:
    """Let schedules call operations, and be called by a rehearsal."""
    emulator.invoke_target.wrap(_invoke)
    control.add("schedules", _answer)


def _answer(method: str, body: bytes) -> tuple[int, JsonValue]:
    listed = {schedule["Name"]: schedule for schedule in emulator.schedules.values()}
    if method != "POST":
        return 200, sorted(listed)
    name = json.loads(body).get("name", "")
    if name not in listed:
        return 404, {"message": f"there is no schedule {name}"}
    status = _call(listed[name]["Target"])
    return 200, {"status": status}


def _invoke(original: Function, target: dict[str, Any], *rest: Any, **more: Any) -> Any:
    if not target.get("Arn", "").startswith(_UNIVERSAL):
        return original(target, *rest, **more)
    return _call(target)


def _call(target: dict[str, Any]) -> int:
    """Call an operation; what it refuses, Scheduler would try again and then drop."""
    name = target["Arn"].removeprefix(_UNIVERSAL)
    call = _CALLS.get(name)
    if call is None:
        logger.error("the target %s is not emulated", name)
        return _ERROR
    status, _headers, body = call(json.loads(target.get("Input") or "{}"))
    if status >= _ERROR:
        logger.warning("%s was refused: %s", name, bytes(body).decode(errors="replace"))
    return int(status)


def _service(request: dict[str, Any]) -> Response:
    keys = {"Cluster": "cluster", "Service": "service", "DesiredCount": "desiredCount"}
    return emulator.update_service({keys[key]: value for key, value in request.items()})


def _instance(request: dict[str, Any]) -> dict[str, list[str]]:
    """Scheduler's name for the parameter is that of the SDK for Java."""
    return {"DBInstanceIdentifier": [request["DbInstanceIdentifier"]]}


_CALLS: Final[dict[str, Callable[[dict[str, Any]], Response]]] = {
    "cloudwatch:disableAlarmActions": lambda request: emulator.disable_alarm_actions({}, request, False, is_json=True),
    "cloudwatch:enableAlarmActions": lambda request: emulator.enable_alarm_actions({}, request, False, is_json=True),
    "ecs:updateService": _service,
    "rds:startDBInstance": lambda request: emulator.start_instance(_instance(request)),
    "rds:stopDBInstance": lambda request: emulator.stop_instance(_instance(request)),
}
