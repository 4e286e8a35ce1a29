"""GetMetricData's answers as on AWS: newest first, with expressions and percentile ranks, without hidden queries.

Source: API reference, GetMetricData (ScanBy, MetricDataQuery).
"""

import json
import re
from typing import Any, Final

from embedded_aws.cloudwatch import emulator
from embedded_aws.cloudwatch.metric_math import MathError, Value, evaluate
from embedded_aws.core.patching import Function, Original, Response

_Record = dict[str, Any]
_RANK: Final = re.compile(r"PR\((?P<least>[\d.]*):(?P<most>[\d.]*)\)")


def install() -> None:
    """Answer requests in JSON and CBOR, as all clients but old command lines send them."""
    emulator.get_metric_data.wrap(_answer)
    emulator.statistic_value.wrap(_value)


def _answer(original: Original, parameters: Any, request: Any, is_cbor: bool, is_json: bool = False) -> Response:
    if not (is_cbor or is_json):
        return original(parameters, request, is_cbor, is_json)
    queries = [_with_defaults(query) for query in request.get("MetricDataQueries") or []]
    metrics = [query | {"ReturnData": True} for query in queries if "MetricStat" in query]
    _, _, body = original({}, request | {"MetricDataQueries": metrics}, False, True)
    results: list[_Record] = json.loads(body)["MetricDataResults"]
    try:
        series = computed(queries, results)
    except MathError as error:
        return emulator.error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
    newest_first = request.get("ScanBy") != "TimestampAscending"
    shown = [_result(query, series[query["Id"]], newest_first) for query in queries if query["ReturnData"]]
    content = {"MetricDataResults": [emulator.cbor_result(it) for it in shown] if is_cbor else shown, "Messages": []}
    return (emulator.cbor_response if is_cbor else emulator.json_response)(content)


def _with_defaults(query: _Record) -> _Record:
    metric = (query.get("MetricStat") or {}).get("Metric") or {}
    returned = str(query.get("ReturnData", True)).lower() == "true"
    return {"Label": metric.get("MetricName", query["Id"])} | query | {"ReturnData": returned}


def computed(queries: list[_Record], results: list[_Record]) -> dict[str, dict[str, Value]]:
    """The values of each query by their times: of metrics, and of expressions over other queries.

    Raises MathError: an expression cannot be computed.
    """
    series: dict[str, dict[str, Value]] = {
        it["Id"]: dict(zip(it["Timestamps"], it["Values"], strict=True)) for it in results
    }
    times = sorted({time for values in series.values() for time in values})
    remaining = [query for query in queries if query["Id"] not in series]
    while remaining:
        errors = {}
        for query in remaining:
            expression = query.get("Expression") or ""
            try:
                evaluate(expression, dict.fromkeys(series, 1.0))
            except MathError as error:  # it may name a later query
                errors[query["Id"]] = error
                continue
            series[query["Id"]] = {
                time: evaluate(expression, {name: values.get(time) for name, values in series.items()})
                for time in times
            }
        if len(errors) == len(remaining):
            raise next(iter(errors.values()))
        remaining = [query for query in remaining if query["Id"] in errors]
    return series


def _result(query: _Record, values: dict[str, Value], newest_first: bool) -> _Record:
    points = sorted(((time, value) for time, value in values.items() if value is not None), reverse=newest_first)
    return {
        "Id": query["Id"],
        "Label": query["Label"],
        "Timestamps": [time for time, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def _value(
    original: Function, stats: dict[str, float], statistic: str, points: list[dict[str, Any]] | None = None
) -> float | None:
    """Compute the percentile rank, ``PR(:2)``: the percentage of values up to a limit. The emulator gives the average.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
    """
    match = _RANK.fullmatch(statistic)
    if match is None:
        value: float | None = original(stats, statistic, points)
        return value
    samples = emulator.percentile_samples(points or [])
    least, most = float(match["least"] or "-inf"), float(match["most"] or "inf")
    total = sum(count for _, count in _sample_counts(samples))
    return 100 * sum(count for it, count in _sample_counts(samples) if least < it <= most) / total if total else None


def _sample_counts(samples: Any) -> list[tuple[float, float]]:
    """The emulator's samples, each with its number of occurrences."""
    return [it if isinstance(it, tuple) else (it, 1.0) for it in samples]
