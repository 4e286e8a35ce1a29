"""What watches less than before: alarms, budget, trail, flow logs, scans, and the rollback of releases."""

from collections.abc import Iterator

from ops.review.changes import Change, Comparison, Kind
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.values import Json, at, canonical, items, number, true, written

_ALARM = "AWS::CloudWatch::Alarm"
_BUDGET = "AWS::Budgets::Budget"
_GROUP = "AWS::CodeDeploy::DeploymentGroup"
_WATCHERS = {
    _ALARM: "alarm",
    _BUDGET: "budget",
    "AWS::CE::AnomalyMonitor": "cost anomaly monitor",
    "AWS::CE::AnomalySubscription": "cost anomaly alert",
    "AWS::CloudTrail::Trail": "trail",
    "AWS::EC2::FlowLog": "flow log",
    "AWS::Logs::MetricFilter": "metric filter",
}
# What an alarm looks at, and when it sounds.
_JUDGED = (
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluationPeriods",
    "MetricName",
    "Metrics",
    "Namespace",
    "Period",
    "Statistic",
    "Threshold",
    "TreatMissingData",
)
# Properties of a trail that have to be on, with what is lost without each.
_TRAIL = {
    "IsLogging": "records nothing any more",
    "EnableLogFileValidation": "cannot prove any more that its files are genuine",
    "IsMultiRegionTrail": "records one region only",
    "IncludeGlobalServiceEvents": "no longer records IAM and other global services",
}
_TRAIL_VALUES = {
    "S3BucketName": "writes its files into another bucket, which queries do not read",
    "CloudWatchLogsLogGroupArn": "writes to another log group or to none: the alarms on it hear nothing",
    "EventSelectors": "records other events",
    "AdvancedEventSelectors": "records other events",
}


_QUERY_LIMITS = ("BytesScannedCutoffPerQuery", "EnforceWorkGroupConfiguration")
_ROLLS_BACK = ("AutoRollbackConfiguration", "Enabled")
_KEPT = (
    "BlueGreenDeploymentConfiguration",
    "TerminateBlueInstancesOnDeploymentSuccess",
    "TerminationWaitTimeInMinutes",
)


def guards(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about what would no longer be noticed."""
    for change in comparison.changes:
        if change.kind is Kind.REMOVED and change.type in _WATCHERS:
            yield _risk(change, "watcher-removed", f"the {_WATCHERS[change.type]} is removed")
        elif change.kind is Kind.CHANGED:
            yield from _alarm(change)
            yield from _budget(change)
            yield from _trail(change)
            yield from _rollback(change)
            yield from _scan(change)
            yield from _less(change)


def _alarm(change: Change) -> Iterator[Concern]:
    if change.type != _ALARM:
        return
    if change.before("ActionsEnabled") is not False and change.after("ActionsEnabled") is False:
        yield _risk(change, "alarm-silenced", "tells nobody any more: its actions are off")
    for name in ("AlarmActions", "OKActions"):
        told = {canonical(it) for it in items(change.after(name))}
        if any(canonical(it) not in told for it in items(change.before(name))):
            severity = Severity.RISK if name == "AlarmActions" else Severity.NOTICE
            yield about(change, Subject.GUARD, severity, "alarm-silenced", f"loses one of its `{name}`")
    judged = [name for name in _JUDGED if change.differs(name)]
    if judged:
        values = ", ".join(
            f"`{name}` from `{written(change.before(name))}` to `{written(change.after(name))}`" for name in judged
        )
        yield about(change, Subject.GUARD, Severity.NOTICE, "alarm-changed", f"judges otherwise: {values}")


def _budget(change: Change) -> Iterator[Concern]:
    if change.type != _BUDGET:
        return
    limit = ("Budget", "BudgetLimit", "Amount")
    before, after = number(change.before(*limit)), number(change.after(*limit))
    if before is not None and after is not None and after > before:
        yield _risk(
            change, "budget-raised", f"warns later: the limit rises from `{before:g}` to `{after:g}` USD a month"
        )
    was, now = (items(it("NotificationsWithSubscribers")) for it in (change.before, change.after))
    if len(now) < len(was):
        yield _risk(change, "budget-silenced", f"warns on `{len(now)}` occasions instead of `{len(was)}`")
    pairs = list(zip(was, now, strict=False))
    for old, new in pairs:
        told = {canonical(it) for it in items(at(new, "Subscribers"))}
        if lost := [it for it in items(at(old, "Subscribers")) if canonical(it) not in told]:
            yield _risk(change, "budget-silenced", f"no longer warns `{written(at(lost[0], 'Address'))}`")
    if any(_threshold(new) > _threshold(old) for old, new in pairs):
        yield _risk(change, "budget-raised", "warns later: the share at which it warns rises")


def _threshold(occasion: Json) -> float:
    return number(at(occasion, "Notification", "Threshold")) or 0.0


def _trail(change: Change) -> Iterator[Concern]:
    if change.type == "AWS::CloudTrail::Trail":
        for name, loss in _TRAIL.items():
            if true(change.before(name)) and not true(change.after(name)):
                yield _risk(change, "trail-weakened", loss)
        for name, loss in _TRAIL_VALUES.items():
            if change.differs(name):
                yield _risk(change, "trail-weakened", loss)
    elif change.type == "AWS::Logs::MetricFilter" and change.differs("FilterPattern"):
        yield about(
            change, Subject.GUARD, Severity.NOTICE, "alarm-changed", "counts other events: its pattern is another"
        )


def _rollback(change: Change) -> Iterator[Concern]:
    if change.type != _GROUP:
        return
    alarms = ("AlarmConfiguration", "Alarms")
    kept = {canonical(it) for it in items(change.after(*alarms))}
    lost = [it for it in items(change.before(*alarms)) if canonical(it) not in kept]
    off = true(at(change.new, "Properties", "AlarmConfiguration", "IgnorePollAlarmFailure")) and not true(
        change.before("AlarmConfiguration", "IgnorePollAlarmFailure")
    )
    enabled = ("AlarmConfiguration", "Enabled")
    off = off or (true(change.before(*enabled)) and not (kept and true(change.after(*enabled))))
    if lost or off:
        yield _risk(change, "rollback-weakened", f"`{len(lost)}` alarms no longer stop a release")
    events = ("AutoRollbackConfiguration", "Events")
    now = {str(it) for it in items(change.after(*events))}
    if gone := [str(it) for it in items(change.before(*events)) if str(it) not in now]:
        yield _risk(change, "rollback-weakened", f"no longer rolls back on {', '.join(f'`{it}`' for it in gone)}")
    if true(change.before(*_ROLLS_BACK)) and not true(change.after(*_ROLLS_BACK)):
        yield _risk(change, "rollback-weakened", "no longer rolls back by itself")
    before, after = number(change.before(*_KEPT)), number(change.after(*_KEPT))
    if before is not None and (after or 0) < before:
        yield _risk(
            change,
            "rollback-weakened",
            f"keeps the old tasks for `{after or 0:g}` minutes, not `{before:g}`: then there is no quick way back",
        )


def _scan(change: Change) -> Iterator[Concern]:
    scan = ("ImageScanningConfiguration", "ScanOnPush")
    if change.type == "AWS::ECR::Repository" and true(change.before(*scan)) and not true(change.after(*scan)):
        yield _risk(change, "scan-off", "images are no longer scanned for known weaknesses")


def _less(change: Change) -> Iterator[Concern]:
    """Logs of the database, limits of queries."""
    if change.type == "AWS::RDS::DBInstance":
        now = {str(it) for it in items(change.after("EnableCloudwatchLogsExports"))}
        if gone := [str(it) for it in items(change.before("EnableCloudwatchLogsExports")) if str(it) not in now]:
            yield _risk(change, "logs-off", f"no longer sends its logs: {', '.join(f'`{it}`' for it in gone)}")
    elif change.type == "AWS::Athena::WorkGroup":
        limit, enforced = (("WorkGroupConfiguration", name) for name in _QUERY_LIMITS)
        before, after = number(change.before(*limit)), number(change.after(*limit))
        if before is not None and (after is None or after > before):
            yield _risk(change, "limit-removed", "a query may read more, and every terabyte bills")
        if true(change.before(*enforced)) and not true(change.after(*enforced)):
            yield _risk(change, "limit-removed", "whoever asks may set limit, place and encryption of results himself")


def _risk(change: Change, rule: str, message: str) -> Concern:
    return about(change, Subject.GUARD, Severity.RISK, rule, message)
