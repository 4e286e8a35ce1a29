"""EventBridge: what AWS's own services tell it, and the metric of rules that match."""

import time
from typing import Any, Final

from ministack.services import cloudwatch, eventbridge

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, wrap

_DEFAULT_BUS: Final = "default"
_NAMESPACE: Final = "AWS/Events"


def install(_context: ServerContext) -> None:
    """Count events by the rule that they match, with or without targets, which the emulator does not."""
    wrap(eventbridge, "_dispatch_event", _dispatch)


def tell(source: str, detail_type: str, detail: str, resources: list[str]) -> None:
    """Put an event of an AWS service on the default bus.

    Args:
        source: such as ``aws.ecs``.
        detail_type: such as ``ECS Task State Change``.
        detail: JSON.
        resources: the ARNs that it is about.
    """
    entry = {"Source": source, "DetailType": detail_type, "Detail": detail, "Resources": resources}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)  # noqa: SLF001


def _dispatch(original: Function, event: dict[str, Any], view: Any = None) -> None:
    view = view or eventbridge._pattern_event_view(event)  # noqa: SLF001
    original(event, view)
    if event.get("EventBusName", _DEFAULT_BUS) != _DEFAULT_BUS:
        return
    matched = [rule["Name"] for key, rule in list(eventbridge._rules.items()) if _matches(key, rule, view)]  # noqa: SLF001
    for name in matched:
        cloudwatch._store_datum(  # noqa: SLF001
            _NAMESPACE, "TriggeredRules", {"RuleName": name}, time.time(), "Count", 1.0, None, None, None
        )
    if matched:
        cloudwatch._evaluate_all_alarms()  # noqa: SLF001


def _matches(key: str, rule: dict[str, Any], view: Any) -> bool:
    if rule.get("EventBusName", _DEFAULT_BUS) != _DEFAULT_BUS or rule.get("State") != "ENABLED":
        return False
    pattern = rule.get("EventPattern")
    return bool(pattern) and bool(eventbridge._matches_pattern_view(pattern, view, f"rule {key}"))  # noqa: SLF001
