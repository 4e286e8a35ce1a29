"""Alarms on an expression over several metrics, which the emulator does not store."""

from typing import Any, Final

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudwatch import emulator
from embedded_aws.cloudwatch.alarm_refusals import broken_rule
from embedded_aws.cloudwatch.metric_math import MathError, evaluate
from embedded_aws.core.patching import Function
from embedded_aws.core.refusal import Refusal

# Fields of an alarm on a single metric that an alarm on an expression does not have.
_SINGLE: Final = ("Dimensions", "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Unit")


def install() -> None:
    """Store the queries of an alarm, from templates and from calls."""
    cloudformation.alarm_record.wrap(_template_record)
    emulator.put_metric_alarm.wrap(_put_alarm)


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
    if (rule := broken_rule(request or {})) is not None:
        return emulator.error("ValidationError", rule, 400, use_json=is_json, use_cbor=is_cbor)
    try:
        queries = _validate_queries((request or {}).get("Metrics") or [])
    except MathError as error:
        return emulator.error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
    response = original(parameters, request, is_cbor, is_json)
    if queries and response[0] < 400:
        alarm = _add_queries(emulator.alarms[request["AlarmName"]], queries)
        emulator.alarms[request["AlarmName"]] = alarm
        emulator.evaluate_alarm(alarm)
    return response


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
