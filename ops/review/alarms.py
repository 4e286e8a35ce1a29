"""Whether a changed alarm goes into ALARM earlier or later, and whether its notifications arrive.

A threshold is judged with its operator, and periods with their number. A topic under AWS's own key accepts nothing from
other services.
"""

import re
from collections.abc import Iterator
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, harmless, look, risk, shown
from ops.review.new_values import fits
from ops.templates.differences import leaves
from ops.templates.normal_form import scalar
from ops.templates.values import Json, Map, at, canonical, items, mapping, number, written

_ALARM: Final = "AWS::CloudWatch::Alarm"
_ALARMS: Final = (_ALARM, "AWS::CloudWatch::CompositeAlarm")
_TOPIC: Final = "AWS::SNS::Topic"
# Types whose events reach an encrypted topic only if the key's policy allows the service (SNS developer guide, "Enable
# compatibility between event sources from AWS services and encrypted topics").
_TELLING: Final = (
    "AWS::CloudWatch::*Alarm", "AWS::Budgets::*", "AWS::CE::*", "AWS::CodeStarNotifications::*", "AWS::Events::Rule",
    "AWS::RDS::EventSubscription", "AWS::S3::Bucket",
)  # fmt: skip
_METRIC: Final = ("Dimensions", "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Unit")
_MINUTE: Final = 60
_WORD: Final = re.compile(r"\w+")
_ID: Final = re.compile(r"[a-z]\w*", re.ASCII)
_QUOTES: Final = re.compile("['\"]")  # a text within an expression, such as the metrics of a search
# The least number for which an expression is not 0, such as 20 in `IF(requests >= 20, errors, 0)`.
_GUARD: Final = re.compile(r"(?<=>= )\d+")
_PART: Final = r"([^()>]|\(([^()>]|\([^()>]*\))*\))*"
_GUARDED: Final = re.compile(rf"(MAX\(\[)?(IF\({_PART} >= #, {_PART}, 0\)(, )?)+(\]\))?")
_PLAIN: Final = frozenset({"Average", "Maximum", "Minimum", "SampleCount", "Sum"})
# Ascending: in a period, the minimum is at most the average, and the average at most the maximum.
_STATISTICS: Final = ("Minimum", "Average", "Maximum")


def alarms(comparison: Comparison) -> Iterator[Finding]:
    """Findings about changed alarms, new alarms without an action, and new topics that cannot receive events."""
    for change in comparison.changes:
        if change.type == _TOPIC and change.kind is Kind.ADDED:
            yield from _key(change, comparison)
        if change.type in _ALARMS and change.kind is Kind.ADDED:
            yield from _notifies_nobody(change, comparison)
        if change.type == _ALARM and change.kind is Kind.CHANGED:
            yield from _metric_form_changes(change)
            yield from _renamed_metrics(change)
            yield from _guards(change)
            yield from _threshold(change)
            yield from _operator(change)
            yield from _statistic(change)
            yield from _datapoints(change)
            yield from _short_periods(change)


def _key(change: Change, comparison: Comparison) -> Iterator[Finding]:
    sides = comparison.sides[change.stack]
    types = (str(sides.after[it].get("Type")) for it in sides.referrers.get(change.logical_id, ()) if it in sides.after)
    if change.after("KmsMasterKeyId") == "alias/aws/sns" and any(fits(it, _TELLING) for it in types):
        message = "is under AWS's own key, under which CloudWatch, Budgets and other services cannot publish"
        yield risk(change, Subject.MONITORING, "topic-key", message, "KmsMasterKeyId")


def _notifies_nobody(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """A new alarm without an action that no other resource, such as a composite alarm or a release, reads."""
    sides, name = comparison.sides[change.stack], written(change.after("AlarmName"))
    others = (it for key, it in sides.after.items() if key != change.logical_id)
    readers = sides.referrers.get(change.logical_id) or (name and any(name in canonical(it) for it in others))
    if not change.after("AlarmActions") and not readers:
        message = "notifies nobody in ALARM, and no other alarm refers to it"
        yield risk(change, Subject.MONITORING, "alarm-silenced", message)


def _metric_form_changes(change: Change) -> Iterator[Finding]:
    """The same metric as single properties or as a list of one metric: PutMetricAlarm accepts both."""
    if (change.before("Metrics") is None) == (change.after("Metrics") is None):
        return
    before, after = (_single_metric(mapping(side.get("Properties"))) for side in (change.old, change.new))
    if before and not any(leaves(before, after)):
        message = "names the same metric in the other form"
        yield harmless(change, Subject.MONITORING, "same-metric", message, "Metrics", *_METRIC)


def _single_metric(properties: Map) -> Map:
    """An alarm's metric as the properties of an alarm on a single metric; empty where it has more metrics."""
    metrics = properties.get("Metrics")
    if metrics is None:
        return {name: it for name in _METRIC if (it := properties.get(name)) is not None}
    stat = at(metrics[0], "MetricStat") if isinstance(metrics, list) and len(metrics) == 1 else None
    metric = mapping(at(stat, "Metric"))
    statistic = at(stat, "Stat")
    kind = "Statistic" if str(statistic) in _PLAIN else "ExtendedStatistic"
    single: Map = {**metric, kind: statistic, "Period": at(stat, "Period"), "Unit": at(stat, "Unit")}
    return {name: it for name, it in single.items() if it is not None} if metric else {}


def _renamed_metrics(change: Change) -> Iterator[Finding]:
    """The same metrics under other ids, each of its own, with expressions that name these."""
    before, after = (items(side("Metrics")) for side in (change.before, change.after))
    ids = {written(at(old, "Id")): written(at(new, "Id")) for old, new in zip(before, after, strict=False)}
    renamed: list[Json] = []
    for metric in before:
        its = {name: it for name, it in mapping(metric).items() if name in ("Id", "Expression")}
        texts = {name: _WORD.sub(lambda word: ids.get(word[0], word[0]), str(it)) for name, it in its.items()}
        renamed.append({**mapping(metric), **texts})
    sound = len({*ids.values()}) == len(before) and all(map(_ID.fullmatch, ids.values()))
    named = change.before("ThresholdMetricId") or any(_QUOTES.search(str(at(it, "Expression"))) for it in before)
    changed = any(old != new for old, new in ids.items())
    if changed and sound and not named and not any(leaves(renamed, after)):
        yield harmless(change, Subject.MONITORING, "same-metric", "names the same metrics by other ids", "Metrics")


def _guards(change: Change) -> Iterator[Finding]:
    """An alarm on high values that is evaluated from half as many requests on: below them, its value is 0."""
    threshold = number(change.after("Threshold")) or 0
    high = threshold > 0 and str(change.after("ComparisonOperator")).startswith("GreaterThan")
    watched = [at(it, "Expression") for it in items(change.after("Metrics")) if scalar(at(it, "ReturnData")) != "false"]
    for leaf in change.property_leaves:
        before, after = (str(it) for it in (leaf.old, leaf.new))
        same = _GUARD.sub("#", before) == _GUARD.sub("#", after) and _GUARDED.fullmatch(_GUARD.sub("#", after))
        pairs = [(float(old), float(new)) for old, new in zip(*map(_GUARD.findall, (before, after)), strict=False)]
        lowered = leaf.path[-1] == "Expression" and same and all(old / 2 <= new <= old for old, new in pairs)
        if lowered and leaf.new in watched and high:
            message = f"{shown(leaf)}: goes into ALARM earlier"
            yield look(change, Subject.MONITORING, "alarm-stricter", message, "/".join(leaf.path[1:]))


def _threshold(change: Change) -> Iterator[Finding]:
    before, after = number(change.before("Threshold")), number(change.after("Threshold"))
    operator = str(change.after("ComparisonOperator"))
    if before is None or after is None or before == after or change.differs("ComparisonOperator"):
        return
    earlier = after < before if operator.startswith("GreaterThan") else after > before
    if operator.startswith(("GreaterThan", "LessThan")):
        yield _threshold_finding(change, "Threshold", earlier=earlier)


def _operator(change: Change) -> Iterator[Finding]:
    """The same threshold, where the threshold value itself now counts or no longer counts."""
    before, after = str(change.before("ComparisonOperator")), str(change.after("ComparisonOperator"))
    if change.differs("Threshold") or before == after:
        return
    if after == before.replace("Threshold", "OrEqualToThreshold"):
        yield _threshold_finding(change, "ComparisonOperator", earlier=True)


def _statistic(change: Change) -> Iterator[Finding]:
    """A higher statistic of an alarm on high values, or a lower statistic of an alarm on low values."""
    operator = str(change.after("ComparisonOperator"))
    changed = [it for it in change.property_leaves if it.path[-1] in ("Statistic", "Stat", "ExtendedStatistic")]
    for leaf in changed:
        before, after = _rank(leaf.old), _rank(leaf.new)
        # In an expression ("Stat"), a higher operand may make the result lower.
        if before is None or after is None or before[0] != after[0] or len(changed) > 1 or leaf.path[-1] == "Stat":
            continue
        if (after[1] > before[1]) == operator.startswith("GreaterThan"):
            yield _threshold_finding(change, "/".join(leaf.path[1:]), earlier=True)


def _rank(statistic: Json) -> tuple[str, float] | None:
    """The kind of a statistic, and its rank in that kind; None where statistics cannot be ranked."""
    if statistic in _STATISTICS:
        return "extreme", _STATISTICS.index(str(statistic))
    percentile = number(str(statistic)[1:]) if str(statistic).startswith("p") else None
    return None if percentile is None else ("percentile", percentile)


def _datapoints(change: Change) -> Iterator[Finding]:
    """More periods, or a spelled-out default: without it, all periods count (PutMetricAlarm, DatapointsToAlarm)."""
    name, periods = "DatapointsToAlarm", "EvaluationPeriods"
    before, after = (number(side(periods)) for side in (change.before, change.after))
    if before and after and before < after and number(change.after(name)) and not change.differs(name):
        # The same number of breaching periods, out of more periods.
        yield _threshold_finding(change, periods, earlier=True)
    sides = (change.before(name), change.after(name))
    said = sides[1] if sides[0] is None else sides[0]
    if None in sides and said is not None and scalar(said) == scalar(change.after(periods)):
        message = f"`{name}` is the number of periods, which its absence means too"
        claims = [] if change.differs(periods) else [name]
        yield harmless(change, Subject.MONITORING, "default-spelled-out", message, *claims)


def _short_periods(change: Change) -> Iterator[Finding]:
    """AWS's own metrics have a datapoint per minute; shorter periods need high-resolution metrics (PutMetricAlarm)."""
    name, period = "Period", number(change.after("Period"))
    if period is not None and period < _MINUTE and str(change.after("Namespace")).startswith("AWS/"):
        message = f"`{name}` `{period:g}`: AWS writes this metric each minute, so there is no data and never an alarm"
        yield risk(change, Subject.MONITORING, "alarm-weakened", message, name)


def _threshold_finding(change: Change, place: str, *, earlier: bool) -> Finding:
    before, after = (written(side(*place.split("/"))) for side in (change.before, change.after))
    change_text = f"`{place}` `{before}` → `{after}`: goes into ALARM"
    if earlier:
        return look(change, Subject.MONITORING, "alarm-stricter", f"{change_text} earlier", place)
    return risk(change, Subject.MONITORING, "alarm-weakened", f"{change_text} later, or never", place)
