"""EventBridge's refusals of rules (API reference, PutRule), and of their targets in a template.

The messages about targets are those that cdk-preflight's EventBridge rules quote.
"""

import json
import re
from typing import Any, Final

from embedded_aws.core.event_patterns import broken_pattern
from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal
from embedded_aws.core.schedule_expressions import is_rule_schedule

_PLACEHOLDER: Final = re.compile(r"<([A-Za-z0-9_.-]+)>")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[A-Za-z0-9_.-]+>')
_PREDEFINED: Final = (
    *("aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time"),
    *("aws.events.event", "aws.events.event.json"),
)


def check_rule(request: dict[str, Any]) -> None:
    """Refuse a rule with an invalid schedule or pattern, or with a wrong input of a target."""
    expression = request.get("ScheduleExpression")
    if expression and not is_rule_schedule(str(expression)):
        raise Refusal("EventBridge", "ValidationException", "Parameter ScheduleExpression is not valid.")
    if pattern := request.get("EventPattern"):
        _check_pattern(pattern)
    for target in request.get("Targets") or []:
        _check_input(target)


def _check_pattern(pattern: object) -> None:
    read = json_object(pattern)
    if said := next(broken_pattern(read), None) if read is not None else "Invalid JSON":
        raise Refusal("EventBridge", "InvalidEventPatternException", f"Event pattern is not valid. Reason: {said}")


def _check_input(target: dict[str, Any]) -> None:
    name, text = target.get("Id"), target.get("Input")
    try:
        json.loads(text if isinstance(text, str) else "{}")
    except ValueError:
        message = f"JSON syntax error in input for target {name}."
        raise Refusal("EventBridge", "ValidationException", message) from None
    if transformer := target.get("InputTransformer"):
        _check_transformer(str(name), transformer)


def _check_transformer(target: str, transformer: dict[str, Any]) -> None:
    """Refuse a template with a name that has no path, or that is neither JSON nor lines of JSON."""
    names, template = transformer.get("InputPathsMap") or {}, str(transformer.get("InputTemplate") or "")
    if any(name.startswith("AWS") for name in names):
        raise Refusal(
            "EventBridge", "ValidationException", f"Keys of InputPathsMap cannot start with AWS, target {target}."
        )
    if not all(str(path).startswith("$") for path in names.values()):
        raise Refusal("EventBridge", "ValidationException", f"Invalid InputPath for target {target}.")
    reason = f'Invalid InputTemplate for target {target} : [Source: (String)"{template}"].'
    if any(name not in names and name not in _PREDEFINED for name in _PLACEHOLDER.findall(template)):
        raise Refusal("EventBridge", "ValidationException", reason)
    # A placeholder inside quotes is text, outside of quotes any JSON.
    written = _QUOTED.sub(lambda found: found[0] if found[0].startswith('"') else "0", template)
    if not (_is_json(written) or all(_is_json(line) for line in written.splitlines() if line.strip())):
        raise Refusal("EventBridge", "ValidationException", reason)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
