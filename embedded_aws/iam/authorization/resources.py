"""The resource of a call, where the emulator's answer differs from AWS's: by `resources.yaml`, or by a function."""

import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from ministack.core import iam_actions
from ministack.core.responses import get_account_id

from embedded_aws.athena.emulator import executions, named_queries
from embedded_aws.core.json_value import json_object
from embedded_aws.core.patching import Function, wrap
from embedded_aws.ecs.emulator import find_task_definition
from installation import yaml_text

Request = dict[str, Any]
# Of the current request: the resources that its lists name besides the first; each of them is authorized.
further_resources: ContextVar[tuple[str, ...]] = ContextVar("hannibal_further_resources", default=())
_EVERYTHING: Final = "*"
_PLACE: Final = re.compile(r"\{(/?)([^}]+)\}")
_ITEM: Final = re.compile(r"\.member\.\d+$")
_table: Final = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), dict[str, dict[str, yaml_text.Texts]])


def install() -> None:
    """Use these functions before the emulator's."""
    wrap(iam_actions, "extract_resource_arn", _resource)


def _resource(original: Function, service: str, *request: Any) -> str:
    *call, region, account = request
    *_, body, parameters = call
    resource = None
    if service in FINDERS or service in _table():
        action = iam_actions.extract_iam_action(service, *call)
        named = _by_item(read_request(body, parameters))
        ends = dict.fromkeys(resource_end(service, str(action).partition(":")[2], it) for it in named)
        resource, *others = (
            it if it in (None, _EVERYTHING) else _address(service, str(it), region, account) for it in ends
        )
        further_resources.set(tuple(filter(None, others)))
    else:
        further_resources.set(())
    resource = resource or str(original(service, *request))
    # For Lambda, the resource is the version or alias if a call has one (aws-cdk #19273).
    version = parameters.get("Qualifier") if service == "lambda" else None
    return f"{resource}:{version[0]}" if version else resource


def read_request(body: bytes, parameters: dict[str, list[str]]) -> Request:
    """The members of a request in either protocol; in the query protocol, all are texts."""
    if body[:1] == b"{":
        return json_object(body) or {}
    return {name: values[0] if isinstance(values, list) else values for name, values in parameters.items() if values}


def _by_item(request: Request) -> Iterator[Request]:
    """The request, and once more for each further item of its lists, in that item's place."""
    yield request
    for name, value in request.items():
        if isinstance(value, list):
            yield from (request | {name: item} for item in value[1:] if isinstance(item, str))
        elif (first := _ITEM.sub(".member.1", name)) != name:
            yield request | {first: value}


def _address(service: str, end: str, region: str, account: str) -> str:
    if end.startswith("arn:"):
        return end
    if end.startswith(("budget/", "dashboard/")):  # ARNs without a region
        return f"arn:aws:{'budgets' if service == 'budgets' else 'cloudwatch'}::{account}:{end}"
    return f"arn:aws:{'cloudwatch' if service == 'monitoring' else service}:{region}:{account}:{end}"


def member(request: Request, path: str) -> Any:
    """A member of a request; a dot separates nested members. None where a value has none: the service refuses it."""
    found: Any = request.get(path)
    if found is None and "." in path:
        first, _, rest = path.partition(".")
        inside = request.get(first)
        found = member(inside, rest) if isinstance(inside, dict) else None
    return found[0] if isinstance(found, list) and found else found


def resource_end(service: str, action: str, request: Request) -> str | None:
    """The end of the ARN that a call is about, the whole ARN, or ``*``; None: use the emulator's."""
    if (finder := FINDERS.get(service)) and (end := finder(action, request)):
        return end
    of_service = _table().get(service, {})
    filled = (_filled(it, request) for it in of_service.get(action, of_service.get(_EVERYTHING, ())))
    return next((end for end in filled if end is not None), None)


def _filled(template: str, request: Request) -> str | None:
    text = template
    for place in _PLACE.finditer(template):
        found = (member(request | {"account": get_account_id()}, name) for name in place[2].split("|"))
        value = next((it for it in found if it), "default" if place[1] else None)
        if value is None:
            return None
        text = text.replace(place[0], str(value).rpartition("/")[2] if place[1] else str(value))
    return text


def athena(_action: str, request: Request) -> str | None:
    """The workgroup of the query that a call to Athena names by its id."""
    execution, query = (
        member(request, f"{name}s") or request.get(name) for name in ("QueryExecutionId", "NamedQueryId")
    )
    found = executions.get(str(execution)) or named_queries.get(str(query))
    return f"workgroup/{found['WorkGroup']}" if found else None


def ecs(action: str, request: Request) -> str | None:
    """The revision that RunTask starts: a family's name stands for its newest one."""
    found = find_task_definition(str(request.get("taskDefinition"))) if action == "RunTask" else None
    return str(found["taskDefinitionArn"]) if found else None


def events(_action: str, request: Request) -> str | None:
    """The rule that a call to EventBridge is about; on the default bus, its ARN does not contain the bus."""
    name = request.get("Rule") or request.get("Name")
    return f"rule/{name}" if name and request.get("EventBusName", "default") == "default" else None


def logs(action: str, request: Request) -> str | None:
    """The log group of a query, as AWS's refusals name it (aws-sdk-js #3022); elsewhere the emulator's, or the table's.

    So a policy needs what follows the group's name (CloudWatch Logs API reference, LogGroup, "arn").
    """
    members = ("logGroupName", "logGroupNames", "logGroupIdentifiers") if action == "StartQuery" else ()
    group = next(filter(None, (member(request, name) for name in members)), None)
    start = "" if str(group).startswith("arn:") else "log-group:"  # an ARN may be one of another account
    return f"{start}{group}:log-stream:" if group else None


def sns(_action: str, request: Request) -> str | None:
    """The topic of a subscription: SNS's refusals name it, and the reference lists no resource for subscriptions."""
    subscription = request.get("SubscriptionArn")
    return str(subscription).rpartition(":")[0] if subscription else None


def ssm(_action: str, request: Request) -> str | None:
    """A parameter or a path of them, named by its ARN, or by a name whose slash the ARN has once."""
    name = str(member(request, "Names") or request.get("Name") or request.get("Path") or "")
    if name.startswith("arn:"):
        start, mark, end = ":".join(name.split(":")[:6]).partition(":parameter/")  # without version or label
        return f"{start}{mark}{end.lstrip('/')}"
    return f"parameter/{name.removeprefix('/').partition(':')[0]}" if name else None


# By the emulator's name of the service; services that extensions add also add their functions.
FINDERS: Final[dict[str, Callable[[str, Request], str | None]]] = {
    "athena": athena,
    "ecs": ecs,
    "events": events,
    "logs": logs,
    "sns": sns,
    "ssm": ssm,
}
