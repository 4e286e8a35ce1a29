"""What watches less than before: alarms, budget, trail, flow logs, scans, and the rollback of releases."""

from collections.abc import Iterator

from ops.review.changes import Change, Comparison, Kind
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.values import at, canonical, items, number, true

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
# Properties of a trail that have to be on, with what is lost without each.
_TRAIL = {
    "IsLogging": "records nothing any more",
    "EnableLogFileValidation": "cannot prove any more that its files are genuine",
    "IsMultiRegionTrail": "records one region only",
    "IncludeGlobalServiceEvents": "no longer records IAM and other global services",
}


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
    judged = [
        name
        for name in ("Threshold", "EvaluationPeriods", "DatapointsToAlarm", "Period", "TreatMissingData")
        if change.differs(name)
    ]
    if judged:
        values = ", ".join(f"`{name}` from `{change.before(name)}` to `{change.after(name)}`" for name in judged)
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


def _trail(change: Change) -> Iterator[Concern]:
    if change.type == "AWS::CloudTrail::Trail":
        for name, loss in _TRAIL.items():
            if true(change.before(name)) and not true(change.after(name)):
                yield _risk(change, "trail-weakened", loss)


def _rollback(change: Change) -> Iterator[Concern]:
    if change.type != _GROUP:
        return
    alarms = ("AlarmConfiguration", "Alarms")
    kept = {canonical(it) for it in items(change.after(*alarms))}
    lost = [it for it in items(change.before(*alarms)) if canonical(it) not in kept]
    off = true(at(change.new, "Properties", "AlarmConfiguration", "IgnorePollAlarmFailure")) and not true(
        change.before("AlarmConfiguration", "IgnorePollAlarmFailure")
    )
    if lost or off or (true(change.before("AlarmConfiguration", "Enabled")) and not kept):
        yield _risk(change, "rollback-weakened", f"`{len(lost)}` alarms no longer stop a release")
    events = ("AutoRollbackConfiguration", "Events")
    now = {str(it) for it in items(change.after(*events))}
    if gone := [str(it) for it in items(change.before(*events)) if str(it) not in now]:
        yield _risk(change, "rollback-weakened", f"no longer rolls back on {', '.join(f'`{it}`' for it in gone)}")


def _scan(change: Change) -> Iterator[Concern]:
    scan = ("ImageScanningConfiguration", "ScanOnPush")
    if change.type == "AWS::ECR::Repository" and true(change.before(*scan)) and not true(change.after(*scan)):
        yield _risk(change, "scan-off", "images are no longer scanned for known weaknesses")


def _risk(change: Change, rule: str, message: str) -> Concern:
    return about(change, Subject.GUARD, Severity.RISK, rule, message)
