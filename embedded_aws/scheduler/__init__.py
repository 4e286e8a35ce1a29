"""EventBridge Scheduler's universal targets, which the emulator does not call.

A schedule's hours are those of the machine's clock. ``POST /_hannibal/schedules`` with ``{"name": "…"}`` invokes one
now, as at its time; ``GET`` lists them.
"""

import json
import logging
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final
from zoneinfo import available_timezones

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.control import Control
from embedded_aws.core.json_value import JsonValue, is_json, json_object
from embedded_aws.core.patching import EmulatorFunction, Function, Response
from embedded_aws.core.refusal import Refusal, json_call, query_call
from embedded_aws.core.schedule_expressions import is_scheduler_schedule
from embedded_aws.database import emulator as database
from embedded_aws.ecs import emulator as ecs
from embedded_aws.scheduler import emulator

_UNIVERSAL: Final = "arn:aws:scheduler:::aws-sdk:"

logger = logging.getLogger("embedded_aws.scheduler")
# "If you are configuring a templated Lambda, Step Functions or EventBridge target, the input must be well-formed JSON."
_OF_JSON: Final = tuple(f"arn:aws:{service}:" for service in ("scheduler", "lambda", "states", "events"))
_refusal = partial(Refusal, "Scheduler", "ValidationException")


def install(control: Control) -> None:
    """Let schedules call operations, and let a rehearsal invoke them."""
    emulator.invoke_target.wrap(_invoke)
    control.add("schedules", _answer)


def _answer(method: str, body: bytes) -> tuple[int, JsonValue]:
    schedules = {schedule["Name"]: schedule for schedule in emulator.schedules.values()}
    if method != "POST":
        return 200, sorted(schedules)
    name = str((json_object(body) or {}).get("name", ""))
    if name not in schedules:
        return 404, {"message": f"there is no schedule {name}"}
    status = _call(schedules[name]["Target"])
    return 200, {"status": status}


def _invoke(original: Function, target: dict[str, Any], *rest: Any, **more: Any) -> Any:
    if not target.get("Arn", "").startswith(_UNIVERSAL):
        return original(target, *rest, **more)
    return _call(target)


def _call(target: dict[str, Any]) -> int:
    """Call an operation; Scheduler would retry refused calls and then drop them."""
    name = target["Arn"].removeprefix(_UNIVERSAL)
    call = _CALLS.get(name)
    if call is None:
        logger.error("the target %s is not emulated", name)
        return 400
    try:
        call(json.loads(target.get("Input") or "{}"))
    except Refusal as refusal:
        logger.warning("%s was refused: %s", name, refusal.message)
        return 400
    return 200


def _alarms(operation: EmulatorFunction[Response]) -> Callable[[dict[str, Any]], object]:
    return partial(json_call, "CloudWatch", lambda request: operation({}, request, False, is_json=True))


def _service(request: dict[str, Any]) -> object:
    keys = {"Cluster": "cluster", "Service": "service", "DesiredCount": "desiredCount"}
    return ecs.call("UpdateService", {keys[key]: value for key, value in request.items()})


def _instance(action: str, request: dict[str, Any]) -> object:
    """Scheduler uses the parameter name of the SDK for Java."""
    return query_call("Rds", database.actions[action], {"DBInstanceIdentifier": request["DbInstanceIdentifier"]})


_CALLS: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "cloudwatch:disableAlarmActions": _alarms(cloudwatch.disable_alarm_actions),
    "cloudwatch:enableAlarmActions": _alarms(cloudwatch.enable_alarm_actions),
    "cloudwatch:setAlarmState": _alarms(cloudwatch.set_alarm_state),
    "ecs:updateService": _service,
    "rds:startDBInstance": partial(_instance, "StartDBInstance"),
    "rds:stopDBInstance": partial(_instance, "StopDBInstance"),
}


def check_schedule(request: dict[str, Any]) -> None:
    """Refuse an invalid schedule expression or time zone, and an input that its target could not read.

    Sources: API reference, CreateSchedule; localstack #9284.

    Raises:
        Refusal: expression, time zone or input are not as documented; for the last two, only the code is documented.
    """
    expression = str(request.get("ScheduleExpression", ""))
    if not is_scheduler_schedule(expression):
        raise _refusal(f"Invalid Schedule Expression {expression}.")
    zone = request.get("ScheduleExpressionTimezone")
    if zone and _zones() and zone not in _zones():
        raise _refusal(f"Invalid Schedule Expression Timezone {zone}.")
    begin, end = request.get("StartDate"), request.get("EndDate")
    if isinstance(begin, str) and isinstance(end, str) and begin >= end:
        raise _refusal("The StartDate you specify must be earlier than the EndDate.")
    target = request.get("Target") or {}
    if str(target.get("Arn", "")).startswith(_OF_JSON) and not is_json(target.get("Input") or "{}"):
        raise _refusal("The Input of this target must be valid JSON.")


@cache
def _zones() -> frozenset[str]:
    """The time zones of this machine's database; empty if it has none."""
    return frozenset(available_timezones())
