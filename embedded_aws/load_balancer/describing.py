"""API answers about listeners and targets, where the emulator's have less than AWS's."""

import re
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.protocols import read_request, result_xml
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.targets import TargetBoard, TargetKey, TargetState

_UNKNOWN: emulator.Record = {
    "TargetHealth": {
        "State": "unused",
        "Reason": "Target.NotRegistered",
        "Description": "Target is not registered to the target group",
    }
}
_QUERY = "query-string"
_STICKINESS = "TargetGroupStickinessConfig"
_REQUEST = "_request"  # in a load balancer or target group: what has made it
_ZONE = re.compile("<ZoneName>([^<]*)</ZoneName><SubnetId>([^<]*)</SubnetId>")


def install(board: TargetBoard) -> None:
    """Change the emulator's parsers and writers; the board knows the health of targets."""
    emulator.load_balancer_xml.wrap(_add_zones)
    emulator.parse_actions.wrap(parse_actions)
    emulator.action_xml.wrap(action_xml)
    emulator.condition_xml.wrap(condition_xml)
    emulator.parse_conditions.wrap(_parse_conditions)
    emulator.match_condition.wrap(match_condition)
    emulator.wrap_action("CreateLoadBalancer", partial(_create_once, "load balancer", emulator.load_balancers))
    emulator.wrap_action("CreateTargetGroup", partial(_create_once, "target group", emulator.target_groups))
    wrap_item(emulator.actions, "DescribeTargetGroups", _describe_groups)
    wrap_item(emulator.actions, "DescribeTargetHealth", partial(_describe_health, board))


def _create_once(kind: str, records: emulator.Record, original: Function, params: Any) -> Any:
    """Give a repeated request what the first has made; refuse another with the same name (API reference).

    The message: fortigate-terraform-deploy #21.
    """
    named = f"{kind.title().replace(' ', '')}Name"
    name, action = emulator.parameter(params, "Name"), emulator.parameter(params, "Action")
    known, sent = _named(records, named, name), read_request("elbv2", action, params)
    if known is None:
        response = original(params)
        if made := _named(records, named, name):
            made[_REQUEST] = sent
        return response
    if known.get(_REQUEST) != sent:
        said = f"A {kind} with the same name '{name}' exists, but with different settings"
        raise emulator.refusal(f"Duplicate{named}", said)
    write = emulator.load_balancer_xml if kind == "load balancer" else emulator.target_group_xml
    element = f"{named.removesuffix('Name')}s"
    return emulator.xml_response(200, action, f"<{element}>{write(known)}</{element}>")


def _named(records: emulator.Record, field: str, name: str) -> emulator.Record | None:
    return next((it for it in records.values() if it[field] == name), None)


def condition_xml(original: Function, condition: emulator.Record) -> str:
    """A rule's condition with its values escaped; the emulator has no pairs of keys and values of a query string."""
    values = condition.get("Values") or []
    if condition["Field"] != _QUERY:
        return str(original(condition | {"Values": [escape(str(value)) for value in values]}))
    pairs = "".join(
        f"<member>{''.join(f'<{name}>{escape(str(it))}</{name}>' for name, it in pair.items())}</member>"
        for pair in values
    )
    config = f"<QueryStringConfig><Values>{pairs}</Values></QueryStringConfig>"
    return f"<member><Field>{_QUERY}</Field>{config}</member>"


def _parse_conditions(original: Function, params: Any, *prefix: str) -> list[emulator.Record]:
    """Keep the pairs of query strings as templates give them."""
    conditions: list[emulator.Record] = original(params, *prefix)
    sent = read_request("elbv2", "CreateRule", params).get("Conditions") or []
    for condition, given in zip(conditions, sent, strict=False):
        if condition["Field"] == _QUERY:
            condition["Values"] = (given.get("QueryStringConfig") or {}).get("Values") or []
    return conditions


def match_condition(
    original: Function, condition: emulator.Record, method: str, path: str, headers: Any, query: dict[str, list[str]]
) -> bool:
    r"""Whether a request matches: of a query string, any pair, whatever the case, and any key where it has none.

    ``*`` and ``?`` are wildcards, ``\*`` and ``\?`` are not.
    Source: API reference, QueryStringConditionConfig and QueryStringKeyValuePair.
    """
    if condition["Field"] != _QUERY:
        return bool(original(condition, method, path, headers, query))
    sent = [(key, value) for key, values in query.items() for value in values]
    return any(
        _fits(key, str(pair.get("Key") or "*")) and _fits(value, str(pair["Value"]))
        for pair in condition["Values"]
        for key, value in sent
    )


def _fits(text: str, pattern: str) -> bool:
    parts = re.findall(r"\\[*?]|.", pattern, re.DOTALL)
    expression = "".join({"*": ".*", "?": "."}.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None


def _describe_groups(original: Function, params: Any) -> Any:
    for arn, group in emulator.target_groups.items():
        group["LoadBalancerArns"] = emulator.users_of(arn)
    return original(params)


def _describe_health(board: TargetBoard, original: Function, params: Any) -> Any:
    arn = emulator.parameter(params, "TargetGroupArn")
    if arn not in emulator.target_groups:
        return original(params)
    wanted = {target["Id"] for target in emulator.parse_targets(params)}
    states = board.states(arn)
    found = [_health(key, state) for key, state in states if not wanted or key.address in wanted]
    found += [_UNKNOWN | {"Target": {"Id": it}} for it in sorted(wanted - {key.address for key, _ in states})]
    inner = result_xml("elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": found})
    return emulator.xml_response(200, "DescribeTargetHealth", inner)


def parse_actions(original: Function, params: Any, prefix: str = "DefaultActions") -> list[emulator.Record]:
    """Read the target groups and weights of forward actions, which the emulator leaves out."""
    actions: list[emulator.Record] = original(params, prefix)
    read = emulator.parameter
    for number, action in enumerate(actions, start=1):
        start = f"{prefix}.member.{number}.ForwardConfig.TargetGroups.member"
        groups: list[tuple[str, int]] = []
        while arn := read(params, f"{start}.{len(groups) + 1}.TargetGroupArn"):
            groups.append((arn, int(read(params, f"{start}.{len(groups) + 1}.Weight", "1"))))
        if groups:
            sticky = f"{prefix}.member.{number}.ForwardConfig.{_STICKINESS}"
            fields = {name: read(params, f"{sticky}.{name}") for name in ("Enabled", "DurationSeconds")}
            set_groups(action, groups, fields)
    return actions


def set_groups(
    action: emulator.Record, groups: list[tuple[str, int]], stickiness: emulator.Record | None = None
) -> None:
    """Write target groups, their weights and their stickiness into an action, the way the emulator stores it."""
    action["ForwardConfig"] = {"TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in groups]}
    if stickiness and str(stickiness.get("Enabled")).lower() == "true":
        action["ForwardConfig"][_STICKINESS] = stickiness
    action.pop("TargetGroupArn", None)
    if len(groups) == 1:
        action["TargetGroupArn"] = groups[0][0]


def action_xml(original: Function, action: emulator.Record) -> str:
    """Write the target groups and weights of forward actions; AWS always does."""
    text: str = original({name: _escaped(it) if isinstance(it, dict) else it for name, it in action.items()})
    groups = emulator.forwarded_groups(action) if action.get("Type") == "forward" else []
    if not groups:
        return text
    members = "".join(
        f"<member><TargetGroupArn>{escape(arn)}</TargetGroupArn><Weight>{weight}</Weight></member>"
        for arn, weight in groups
    )
    stickiness = (action.get("ForwardConfig") or {}).get(_STICKINESS) or {"Enabled": "false"}
    fields = "".join(f"<{name}>{str(it).lower()}</{name}>" for name, it in stickiness.items() if it)
    sticky = f"<{_STICKINESS}>{fields}</{_STICKINESS}>"
    config = f"<ForwardConfig><TargetGroups>{members}</TargetGroups>{sticky}</ForwardConfig>"
    return text.removesuffix("</member>") + config + "</member>"


def _escaped(config: emulator.Record) -> emulator.Record:
    """The configuration of an action with its texts as in XML; the emulator escapes queries only."""
    return {key: escape(it) if isinstance(it, str) and key != "Query" else it for key, it in config.items()}


def _health(key: TargetKey, state: TargetState) -> emulator.Record:
    return {
        "Target": {"Id": key.address, "Port": key.port},
        "HealthCheckPort": key.port,
        "TargetHealth": {"State": state.state, "Reason": state.reason, "Description": state.description},
    }


def _add_zones(original: Function, balancer: emulator.Record) -> str:
    """Give the zone of each subnet; the emulator gives the region's first zone."""

    def zone(found: re.Match[str]) -> str:
        name = escape(str((ec2.subnets.get(found[2]) or {}).get("AvailabilityZone", found[1])))
        return f"<ZoneName>{name}</ZoneName><SubnetId>{found[2]}</SubnetId>"

    text: str = original(balancer)
    return str(_ZONE.sub(zone, text))
