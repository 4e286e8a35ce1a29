"""Alarms in requests and templates: on expressions, composite ones, and DescribeAlarms in the query protocol.

The emulator does not store expressions over several metrics, has composite alarms only in its API, and leaves out half
of each alarm in its answers to older SDKs.
"""

import json
from typing import Any, Final

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudformation.registry import Created, Properties, generated_name, register, tag_list
from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.cloudwatch import emulator
from embedded_aws.cloudwatch.metric_math import MathError, evaluate
from embedded_aws.cloudwatch.refusals import broken_rule
from embedded_aws.core.patching import Function
from embedded_aws.core.protocols import read_request, result_xml
from embedded_aws.core.refusal import Refusal, json_call

# Fields of an alarm on a single metric that an alarm on an expression does not have.
_SINGLE: Final = ("Dimensions", "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Unit")
_TYPE: Final = "AWS::CloudWatch::CompositeAlarm"


def install() -> None:
    """Store the queries of an alarm, from templates and from calls; let templates use composite alarms."""
    cloudformation.alarm_record.wrap(_template_record)
    emulator.put_metric_alarm.wrap(_put_alarm)
    emulator.describe_alarms.wrap(_describe)
    register(
        name=_TYPE,
        create=_create,
        update=lambda change: _put_composite_alarm(change.physical_id, change.new),
        delete=lambda physical_id, _properties: emulator.composite_alarms.pop(physical_id, None),
    )


def _template_record(original: Function, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    if (rule := broken_rule(properties)) is not None:
        raise Refusal("CloudWatch", "ValidationError", rule)
    if not properties.get("Metrics"):
        single: dict[str, Any] = original(name, properties)
        return single
    queries = _validate_queries(properties["Metrics"])
    rest = {key: value for key, value in properties.items() if key != "Metrics"}
    record: dict[str, Any] = original(name, rest | {"MetricName": "of an expression", "Namespace": "none"})
    return _add_queries(record, queries)


def _put_alarm(
    original: Function, parameters: dict[str, Any], request: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> Any:
    given = request if is_cbor or is_json else read_request("cloudwatch", "PutMetricAlarm", parameters)
    if (rule := broken_rule(given)) is not None:
        return emulator.error("ValidationError", rule, 400, use_json=is_json, use_cbor=is_cbor)
    try:
        queries = _validate_queries(given.get("Metrics") or [])
    except MathError as error:
        return emulator.error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
    # As JSON: the emulator's reader of the query protocol drops InsufficientDataActions.
    response = original({}, given, is_cbor, not is_cbor)
    if queries and response[0] < 400:
        alarm = _add_queries(emulator.alarms[given["AlarmName"]], queries)
        emulator.alarms[given["AlarmName"]] = alarm
        emulator.evaluate_alarm(alarm)
    if is_cbor or is_json:
        return response
    accepted = response[0] < 400
    return emulator.xml_response(200, "PutMetricAlarmResponse", "") if accepted else original(parameters, {}, False)


def _add_queries(record: dict[str, Any], queries: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in _SINGLE} | {"Metrics": queries}


def _validate_queries(queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Validate the queries of an alarm, and refuse an expression that can never be computed.

    Raises:
        MathError: an expression uses an id that is not in the alarm, or cannot be parsed.
    """
    values = {query["Id"]: 1.0 for query in queries}
    read = []
    for query in queries:
        if "Expression" in query:
            evaluate(query["Expression"], values)
        returned = str(query.get("ReturnData", True)).lower() == "true"
        kept = {key: value for key, value in query.items() if key != "MetricStat"} | {"ReturnData": returned}
        if "MetricStat" in query:
            kept["MetricStat"] = query["MetricStat"] | {"Period": int(query["MetricStat"]["Period"])}
        read.append(kept)
    return read


def _create(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("AlarmName") or generated_name(stack, logical_id, longest=255)
    if name in emulator.composite_alarms:
        raise ValueError(f"Resource of type '{_TYPE}' with identifier '{name}' already exists.")
    return _put_composite_alarm(name, properties)


def _put_composite_alarm(name: str, properties: Properties) -> Created:
    request = request_of("cloudwatch", "PutCompositeAlarm", {**properties, "AlarmName": name})
    # The API refuses CloudFormation's tags, which CloudFormation itself may set.
    request.pop("Tags", None)
    json_call("CloudWatch", lambda content: emulator.put_composite_alarm({}, content, False, is_json=True), request)
    arn: str = emulator.composite_alarms[name]["AlarmArn"]
    emulator.resource_tags[arn] = {tag["Key"]: tag["Value"] for tag in tag_list(properties)}
    return name, {"Arn": arn}


def _describe(original: Function, params: Any, content: Any, is_cbor: bool, is_json: bool = False) -> Any:
    """Build the answer of the query protocol from that of the JSON protocol."""
    if is_cbor or is_json:
        return original(params, content, is_cbor, is_json)
    answer = original(params, read_request("cloudwatch", "DescribeAlarms", params), is_cbor, True)
    if answer[0] != 200:
        return original(params, content, is_cbor, is_json)
    inner = result_xml("cloudwatch", "DescribeAlarms", json.loads(answer[2]))
    return emulator.xml_response(200, "DescribeAlarmsResponse", f"<DescribeAlarmsResult>{inner}</DescribeAlarmsResult>")
