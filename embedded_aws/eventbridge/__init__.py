"""EventBridge: events of AWS services, and the metric of matched rules."""

import json
import time
from typing import Any, Final

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_value import json_object
from embedded_aws.core.patching import Function, Response
from embedded_aws.eventbridge import emulator

_DEFAULT_BUS: Final = "default"
_LOOK_SECONDS: Final = 10.0
_NAMESPACE: Final = "AWS/Events"
_NEEDED: Final = ("Source", "DetailType", "Detail")


def install(context: ServerContext) -> None:
    """Count events by the matched rule, with or without targets, and schedule rates by the server's clock."""
    emulator.dispatch_event.wrap(_dispatch)
    emulator.list_rules.wrap(_list)
    emulator.put_events.wrap(_put_events)
    factor = context.clock_factor

    def rate(original: Function, expression: str) -> float | None:
        seconds: int | None = original(expression)
        return None if seconds is None else seconds / factor

    emulator.parse_rate.wrap(rate)
    emulator.set_check_interval(max(0.5, _LOOK_SECONDS / factor))


def _list(original: Function, request: Any) -> Response:
    """Remove a rule's creator, which only DescribeRule returns."""
    status, headers, body = original(request)
    content = json.loads(body)
    for rule in content.get("Rules", []):
        rule.pop("CreatedBy", None)
    return status, headers, json.dumps(content).encode()


def _put_events(original: Function, request: Any, allow_aws_source: bool = False) -> Response:
    """Return an error for each invalid entry, and put the other events (API reference, PutEvents)."""
    entries = request.get("Entries") or []
    wrong = [None if allow_aws_source else _wrong(entry) for entry in entries]
    if not any(wrong):
        response: Response = original(request, allow_aws_source)
        return response
    right = [entry for entry, said in zip(entries, wrong, strict=True) if said is None]
    put: dict[str, Any] = (
        json.loads(original({"Entries": right})[2]) if right else {"Entries": [], "FailedEntryCount": 0}
    )
    results = iter(put["Entries"])
    shown = [next(results) if said is None else said for said in wrong]
    failed = put["FailedEntryCount"] + len(entries) - len(right)
    content = {"FailedEntryCount": failed, "Entries": shown}
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode()


def _wrong(entry: dict[str, Any]) -> dict[str, str] | None:
    for name in _NEEDED:
        if not entry.get(name):
            said = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": said}
    if json_object(entry["Detail"]) is None:
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None


def put_service_event(source: str, detail_type: str, detail: str, resources: list[str]) -> None:
    """Put an event of an AWS service, such as ``aws.ecs``, with its detail in JSON on the default bus."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": detail, "Resources": resources}
    emulator.put_events({"Entries": [entry]}, allow_aws_source=True)


def _dispatch(original: Function, event: dict[str, Any], view: Any = None) -> None:
    view = view or emulator.pattern_view(event)
    original(event, view)
    if event.get("EventBusName", _DEFAULT_BUS) != _DEFAULT_BUS:
        return
    matched = [rule["Name"] for key, rule in list(emulator.rules.items()) if _matches(key, rule, view)]
    for name in matched:
        cloudwatch.store_datum(
            _NAMESPACE, "TriggeredRules", {"RuleName": name}, time.time(), "Count", 1.0, None, None, None
        )
    if matched:
        cloudwatch.evaluate_all_alarms()


def _matches(key: str, rule: dict[str, Any], view: Any) -> bool:
    if rule.get("EventBusName", _DEFAULT_BUS) != _DEFAULT_BUS or rule.get("State") != "ENABLED":
        return False
    pattern = rule.get("EventPattern")
    return bool(pattern) and bool(emulator.matches_pattern(pattern, view, f"rule {key}"))
