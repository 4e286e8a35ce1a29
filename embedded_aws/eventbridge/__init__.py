"""EventBridge: events of AWS services, the metric of matched rules, and refusals of rules and their targets."""

import json
import re
import time
from functools import partial
from typing import Any, Final

from embedded_aws.cloudformation.emulator import stack_tag_properties
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.context import ServerContext
from embedded_aws.core.event_patterns import broken_pattern
from embedded_aws.core.json_value import is_json, json_object
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.core.refusal import Refusal
from embedded_aws.core.schedule_expressions import is_rule_schedule
from embedded_aws.eventbridge import emulator

_invalid = partial(Refusal, "EventBridge", "ValidationException")
_DEFAULT_BUS: Final = "default"
_LOOK_SECONDS: Final = 10.0
_NAMESPACE: Final = "AWS/Events"
_NEEDED: Final = ("Source", "DetailType", "Detail")
_PLACEHOLDER: Final = re.compile(r"<([A-Za-z0-9_.-]+)>")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[A-Za-z0-9_.-]+>')
_PREDEFINED: Final = (
    *("aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time"),
    *("aws.events.event", "aws.events.event.json"),
)


def install(context: ServerContext) -> None:
    """Count events by the matched rule, with or without targets, and schedule rates by the server's clock."""
    stack_tag_properties["AWS::Events::Rule"] = ("Tags", "list")  # a stack's tags reach its rules
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


def _put_events(original: Original, request: Any, allow_aws_source: bool = False) -> Response:
    """Return an error for each invalid entry, and put the other events (API reference, PutEvents)."""
    entries = request.get("Entries") or []
    problems = [None if allow_aws_source else _wrong(entry) for entry in entries]
    if not any(problems):
        return original(request, allow_aws_source)
    accepted = [entry for entry, said in zip(entries, problems, strict=True) if said is None]
    put: dict[str, Any] = (
        json.loads(original({"Entries": accepted})[2]) if accepted else {"Entries": [], "FailedEntryCount": 0}
    )
    results = iter(put["Entries"])
    shown = [next(results) if said is None else said for said in problems]
    failed = put["FailedEntryCount"] + len(entries) - len(accepted)
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
        rule = {"RuleName": name}
        cloudwatch.store_datum(_NAMESPACE, "TriggeredRules", rule, time.time(), "Count", 1.0, None, None, None)
    if matched:
        cloudwatch.evaluate_all_alarms()


def _matches(key: str, rule: dict[str, Any], view: Any) -> bool:
    if rule.get("EventBusName", _DEFAULT_BUS) != _DEFAULT_BUS or rule.get("State") != "ENABLED":
        return False
    pattern = rule.get("EventPattern")
    return bool(pattern) and bool(emulator.matches_pattern(pattern, view, f"rule {key}"))


def check_rule(request: dict[str, Any]) -> None:
    """Refuse a rule with an invalid schedule or pattern, or with a wrong input of a target.

    Source: API reference, PutRule. The messages about targets are those that cdk-preflight's EventBridge rules quote.
    """
    expression = request.get("ScheduleExpression")
    if expression and not is_rule_schedule(str(expression)):
        raise _invalid("Parameter ScheduleExpression is not valid.")
    if pattern := request.get("EventPattern"):
        read = json_object(pattern)
        if said := next(broken_pattern(read), None) if read is not None else "Invalid JSON":
            raise Refusal("EventBridge", "InvalidEventPatternException", f"Event pattern is not valid. Reason: {said}")
    for target in request.get("Targets") or []:
        name, text = target.get("Id"), target.get("Input")
        if isinstance(text, str) and not is_json(text):
            raise _invalid(f"JSON syntax error in input for target {name}.")
        if transformer := target.get("InputTransformer"):
            _check_transformer(str(name), transformer)


def _check_transformer(target: str, transformer: dict[str, Any]) -> None:
    """Refuse a template with a name that has no path, or that is neither JSON nor lines of JSON."""
    names, template = transformer.get("InputPathsMap") or {}, str(transformer.get("InputTemplate") or "")
    if any(name.startswith("AWS") for name in names):
        raise _invalid(f"Keys of InputPathsMap cannot start with AWS, target {target}.")
    if not all(str(path).startswith("$") for path in names.values()):
        raise _invalid(f"Invalid InputPath for target {target}.")
    reason = f'Invalid InputTemplate for target {target} : [Source: (String)"{template}"].'
    if any(name not in names and name not in _PREDEFINED for name in _PLACEHOLDER.findall(template)):
        raise _invalid(reason)
    # A placeholder inside quotes is text, outside of quotes any JSON.
    written = _QUOTED.sub(lambda found: found[0] if found[0].startswith('"') else "0", template)
    if not (is_json(written) or all(is_json(line) for line in written.splitlines() if line.strip())):
        raise _invalid(reason)
