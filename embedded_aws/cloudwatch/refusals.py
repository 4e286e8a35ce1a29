"""CloudWatch's refusals of alarms, time ranges, queries, and states that are set by a call (its API reference)."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from ministack.core.responses import get_region

from embedded_aws.core.json_value import is_json
from embedded_aws.core.refusal import Refusal
from embedded_aws.requests import property_rules

_refused = partial(Refusal, "CloudWatch")
_OLDEST: Final = 14 * 86_400  # seconds
_NEWEST: Final = 2 * 3_600
_COLONS: Final = 5  # of an ARN
_LARGEST: Final = 2.0**360
_HOUR, _DAY, _WEEK = 3_600, 86_400, 604_800


def broken_rule(alarm: Mapping[str, Any]) -> str | None:
    """The error in an alarm, for the caller; the limits are of PutMetricAlarm, which documents only the code."""
    try:
        property_rules.check("metric alarm", alarm)
    except Refusal as refusal:
        return refusal.message
    evaluated = _number(alarm.get("EvaluationPeriods"))
    for period in _periods(alarm):
        most = _DAY if period < _HOUR else _WEEK
        if evaluated and evaluated * period > most:
            return f"Metrics cannot be checked over more than {most} seconds (EvaluationPeriods * Period)."
    returned = [it for it in alarm.get("Metrics") or [] if str(it.get("ReturnData", True)).lower() == "true"]
    if len(returned) > 1 and not alarm.get("ThresholdMetricId"):  # an anomaly's metric and its band are returned
        return "Metrics list must contain exactly one metric matching the ReturnData condition"
    return next(_wrong_regions(alarm), None)


def _wrong_regions(alarm: Mapping[str, Any]) -> Iterator[str]:
    """As CloudWatch says it of partitions (aws-cdk #19765)."""
    arns = [arn for kind in ("AlarmActions", "OKActions", "InsufficientDataActions") for arn in alarm.get(kind) or []]
    for region in (arn.split(":")[3] for arn in arns if arn.count(":") >= _COLONS):
        if region not in ("", get_region()):
            yield f"Invalid region {region} specified. Only {get_region()} is supported."


def _periods(alarm: Mapping[str, Any]) -> tuple[int, ...]:
    single = _number(alarm.get("Period"))
    queries = alarm.get("Metrics") or []
    found = [single, *(_number((query.get("MetricStat") or {}).get("Period")) for query in queries)]
    return tuple(period for period in found if period)


def _number(value: object) -> int | None:
    """A number that templates may write as text."""
    return int(value) if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()) else None


def check_data(request: dict[str, Any]) -> None:
    """Refuse data of more than two weeks ago or two hours ahead, and too large numbers (API reference, MetricDatum)."""
    now = time.time()
    for place, value in _data_values(request):
        if isinstance(value, str) or not abs(value) <= _LARGEST:  # so that NaN is refused as well
            message = f"The value {value} for parameter MetricData.member.{place} is invalid."
            raise _refused("InvalidParameterValue", message)
    for moment in (_time(datum.get("Timestamp")) for datum in request.get("MetricData") or []):
        if moment is not None and not now - _OLDEST < moment < now + _NEWEST:
            message = "The parameter MetricData.member.Timestamp must specify a time within the past two weeks."
            raise _refused("InvalidParameterValue", message)


def _data_values(request: dict[str, Any]) -> Iterator[tuple[str, float | str]]:
    """The numbers in a request for data, with their places; in JSON, special values are texts."""
    for number, datum in enumerate(request.get("MetricData") or [], 1):
        places = {"Value": datum.get("Value")}
        places |= {f"Values.member.{index}": value for index, value in enumerate(datum.get("Values") or [], 1)}
        places |= {f"StatisticValues.{name}": value for name, value in (datum.get("StatisticValues") or {}).items()}
        for place, value in places.items():
            if isinstance(value, int | float) or value in ("Infinity", "-Infinity", "NaN"):
                yield f"{number}.{place}", value


def check_statistics(request: dict[str, Any], code: str = "InvalidParameterCombination") -> None:
    """Refuse a time range that ends before it begins."""
    start, end = _time(request.get("StartTime")), _time(request.get("EndTime"))
    if start is not None and end is not None and start >= end:
        raise _refused(code, "The parameter StartTime must be less than the parameter EndTime.")


def check_queries(request: dict[str, Any]) -> None:
    """The same of GetMetricData, which has another code."""
    check_statistics(request, "ValidationError")


def check_state(request: dict[str, Any]) -> None:
    """Refuse a reason's data that is not JSON."""
    if not is_json(request.get("StateReasonData") or "{}"):
        raise _refused("InvalidFormat", "StateReasonData was not syntactically valid JSON.")


def _time(value: object) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None
