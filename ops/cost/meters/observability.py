"""Meters of alarms, also of scaling policies, of dashboards, logs, trails and Athena."""

from collections.abc import Iterator
from typing import Final

from ops.cost.meters.meter import Charge, Meter, Month, NotPricedError, amount, monthly_meter
from ops.cost.usage import assumption_for
from ops.templates.template import Resource
from ops.templates.values import Json, at, items, number

_DAYS_A_MONTH: Final = 365 / 12
_MINUTE: Final = 60


def _alarm(alarm: Resource, month: Month) -> Iterator[Charge]:
    # An alarm on an expression costs as much as all metrics in it, with a band two more, and with periods below a
    # minute three times as much (CloudWatch pricing, alarms).
    listed = alarm.items("Metrics")
    metrics = _metrics(listed) + 2 * any("ANOMALY_DETECTION_BAND" in str(at(it, "Expression")) for it in listed)
    detail = f"{metrics} in one formula" if metrics > 1 else ""
    periods = [alarm.properties.get("Period"), *(at(it, "MetricStat", "Period") for it in listed)]
    if any((number(it) or _MINUTE) < _MINUTE for it in periods):
        metrics, detail = 3 * metrics, "high resolution, which counts three times"
    yield Charge(price="cloudwatch.alarm", quantity=metrics * month.months(alarm.lifecycle), detail=detail)


def _metrics(listed: list[Json]) -> int:
    """The number of metrics in a list of metrics and expressions; one without a list."""
    return sum(at(it, "MetricStat") is not None for it in listed) or 1


def _scaling_policy(policy: Resource, month: Month) -> Iterator[Charge]:
    """Target tracking creates two alarms, which cost as much as others (Application Auto Scaling pricing)."""
    configuration = policy.section("TargetTrackingScalingPolicyConfiguration")
    metrics = _metrics(items(at(configuration, "CustomizedMetricSpecification", "Metrics")))
    quantity = 2 * metrics * month.months(policy.lifecycle)
    yield Charge(price="cloudwatch.alarm", quantity=quantity, detail="two alarms of target tracking")


def _log_group(group: Resource, month: Month) -> Iterator[Charge]:
    name = group.text("LogGroupName")
    written = assumption_for(month.usage.logs_gb, name)
    stopped = assumption_for(month.usage.stopped_logs_share, name)
    detail = name or "logs of a function"
    yield Charge(price="logs.in", quantity=written * (month.up + stopped * (1 - month.up)), detail=detail)
    # In the long run each month stores the logs of as many months as their retention, whether this month is up or not.
    months_kept = amount(group, "RetentionInDays", 10 * 365) / _DAYS_A_MONTH
    kept = written * month.usage.log_compression.value * months_kept * month.months(group.lifecycle)
    yield Charge(price="logs.kept", quantity=kept, detail=detail)


def _workgroup(_workgroup: Resource, month: Month) -> Iterator[Charge]:
    yield Charge(price="athena.tb", quantity=month.usage.athena_gb.value / 1000)


def _trail(trail: Resource, month: Month) -> Iterator[Charge]:
    if trail.items("EventSelectors") or trail.items("AdvancedEventSelectors") or trail.items("InsightSelectors"):
        raise NotPricedError("data events and insights are billed by the event, and have no price here")
    yield Charge(price="cloudtrail.first_copy", quantity=month.months(trail.lifecycle))


METERS: Final[dict[str, Meter]] = {
    "AWS::ApplicationAutoScaling::ScalingPolicy": _scaling_policy,
    "AWS::Athena::WorkGroup": _workgroup,
    "AWS::CloudTrail::Trail": _trail,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": monthly_meter("cloudwatch.composite"),
    "AWS::CloudWatch::Dashboard": monthly_meter("cloudwatch.dashboard"),
    "AWS::Logs::LogGroup": _log_group,
}
