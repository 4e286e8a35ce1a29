"""EventBridge: what AWS's own services tell it, and the metric of rules that match."""

import json
import time
from typing import Any, Final

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response
from embedded_aws.eventbridge import emulator

_DEFAULT_BUS: Final = "default"
_LOOK_SECONDS: Final = 10.0
_NAMESPACE: Final = "AWS/Events"


def install(context: ServerContext) -> None:
    """Count events by the rule that they match, with or without targets, and call rates by the server's clock."""
    emulator.dispatch_event.wrap(_dispatch)
    emulator.list_rules.wrap(_list)
    factor = context.clock_factor

    def rate(original: Function, expression: str) -> float | None:
        seconds: int | None = original(expression)
        return None if seconds is None else seconds / factor

    emulator.parse_rate.wrap(rate)
    emulator.look_every(max(0.5, _LOOK_SECONDS / factor))


def _list(original: Function, request: Any) -> Response:
    """Without who made a rule, which only DescribeRule says."""
    status, headers, body = original(request)
    content = json.loads(body)
    for rule in content.get("Rules", []):
        rule.pop("CreatedBy", None)
    return status, headers, json.dumps(content).encode()


def tell(source: str, detail_type: str, detail: str, resources: list[str]) -> None:
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
