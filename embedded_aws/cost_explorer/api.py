"""Cost Explorer: the account's bill by day and service, and the monitors and subscriptions that find anomalies."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast
from uuid import uuid4

from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.json_service import add_json_service
from embedded_aws.core.refusal import Refusal
from embedded_aws.cost_explorer import billing

SERVICE: Final = "CostExplorer"
_REGION: Final = "ap-northeast-1"

# What a request or an answer holds: JSON of a shape that each operation knows.
Record = dict[str, Any]


class AnomalyDetection:
    """The monitors and subscriptions of the one account."""

    def __init__(self, account: str) -> None:
        """Take the account that the ARNs name."""
        self._account = account
        self._monitors: dict[str, Record] = {}
        self._subscriptions: dict[str, Record] = {}
        self.operations: dict[str, Callable[[Record], Record]] = {
            "CreateAnomalyMonitor": self._create_monitor,
            "UpdateAnomalyMonitor": self._update_monitor,
            "DeleteAnomalyMonitor": self._delete_monitor,
            "GetAnomalyMonitors": self._get_monitors,
            "CreateAnomalySubscription": self._create_subscription,
            "UpdateAnomalySubscription": self._update_subscription,
            "DeleteAnomalySubscription": self._delete_subscription,
            "GetAnomalySubscriptions": self._get_subscriptions,
        }

    def save(self) -> JsonValue:
        """Copy everything, for the state file."""
        return cast("JsonValue", json.loads(json.dumps([self._monitors, self._subscriptions])))

    def load(self, saved: JsonValue) -> None:
        """Take back what ``save`` gave."""
        self._monitors, self._subscriptions = cast("list[dict[str, Record]]", saved)

    def _arn(self, kind: str) -> str:
        return f"arn:aws:ce::{self._account}:{kind}/{uuid4()}"

    def _create_monitor(self, request: Record) -> Record:
        monitor = request["AnomalyMonitor"]
        if monitor["MonitorType"] == "DIMENSIONAL" and any(
            other.get("MonitorDimension") == monitor.get("MonitorDimension") for other in self._monitors.values()
        ):
            # An account may have one monitor a dimension, and newer accounts come with one
            # (aws-cloudformation/cloudformation-coverage-roadmap #2515 has the message).
            message = "Limit exceeded on dimensional spend monitor creation"
            raise Refusal(SERVICE, "ValidationException", message)
        arn = self._arn("anomalymonitor")
        today = datetime.now(tz=UTC).date().isoformat()
        self._monitors[arn] = {"MonitorArn": arn, "CreationDate": today, "LastUpdatedDate": today} | monitor
        return {"MonitorArn": arn}

    def _update_monitor(self, request: Record) -> Record:
        monitor = _found(self._monitors, request["MonitorArn"], "UnknownMonitorException")
        monitor |= {key: request[key] for key in ("MonitorName",) if key in request}
        return {"MonitorArn": request["MonitorArn"]}

    def _delete_monitor(self, request: Record) -> Record:
        _found(self._monitors, request["MonitorArn"], "UnknownMonitorException")
        del self._monitors[request["MonitorArn"]]
        return {}

    def _get_monitors(self, request: Record) -> Record:
        wanted = request.get("MonitorArnList")
        return {"AnomalyMonitors": [one for arn, one in self._monitors.items() if not wanted or arn in wanted]}

    def _create_subscription(self, request: Record) -> Record:
        subscription = request["AnomalySubscription"]
        for arn in subscription["MonitorArnList"]:
            _found(self._monitors, arn, "UnknownMonitorException")
        if subscription["Frequency"] == "IMMEDIATE" and any(
            subscriber["Type"] == "EMAIL" for subscriber in subscription["Subscribers"]
        ):
            message = "Immediate frequency only supports SNS topics as subscribers"
            raise Refusal(SERVICE, "ValidationException", message)
        arn = self._arn("anomalysubscription")
        self._subscriptions[arn] = {"SubscriptionArn": arn, "AccountId": self._account} | subscription
        return {"SubscriptionArn": arn}

    def _update_subscription(self, request: Record) -> Record:
        subscription = _found(self._subscriptions, request["SubscriptionArn"], "UnknownSubscriptionException")
        subscription |= request
        return {"SubscriptionArn": request["SubscriptionArn"]}

    def _delete_subscription(self, request: Record) -> Record:
        _found(self._subscriptions, request["SubscriptionArn"], "UnknownSubscriptionException")
        del self._subscriptions[request["SubscriptionArn"]]
        return {}

    def _get_subscriptions(self, request: Record) -> Record:
        wanted = request.get("SubscriptionArnList")
        found = [one for arn, one in self._subscriptions.items() if not wanted or arn in wanted]
        return {"AnomalySubscriptions": found}


def _found(records: dict[str, Record], arn: str, code: str) -> Record:
    if arn not in records:
        raise Refusal(SERVICE, code, f"{arn} does not exist.")
    return records[arn]


def cost_and_usage(request: Record) -> Record:
    """Answer GetCostAndUsage by day and service, or by region and service: all that this project asks.

    Raises:
        Refusal: another grouping or granularity, or a range that has no day.
    """
    grouping = [(group.get("Type"), group.get("Key")) for group in request.get("GroupBy", [])]
    by_region = grouping == [("DIMENSION", "REGION"), ("DIMENSION", "SERVICE")] and request["Granularity"] == "MONTHLY"
    by_day = grouping == [("DIMENSION", "SERVICE")] and request["Granularity"] == "DAILY"
    if not (by_region or by_day) or "Filter" in request:
        message = "only DAILY costs by SERVICE and MONTHLY ones by REGION and SERVICE, without a filter, are emulated"
        raise Refusal(SERVICE, "ValidationException", message)
    first, after = (date.fromisoformat(request["TimePeriod"][end]) for end in ("Start", "End"))
    if first >= after:
        # GetCostAndUsage's own words for it.
        raise Refusal(SERVICE, "ValidationException", "Start date (and hour) should be before end date (and hour)")
    now = datetime.now(tz=UTC)
    stacks, costs = billing.read_lives(), billing.hourly_costs(billing.read_templates())
    days = (first + timedelta(days=number) for number in range((after - first).days))
    results = [_result(day, billing.bill(day, stacks, costs, now), request["Metrics"], now) for day in days]
    if by_region:
        results = [_in_region(results, first, after)]
    return {"ResultsByTime": results, "GroupDefinitions": request["GroupBy"], "DimensionValueAttributes": []}


def _result(day: date, services: dict[str, float], metrics: list[str], now: datetime) -> Record:
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
        "Total": {},
        "Groups": [
            {"Keys": [service], "Metrics": {metric: {"Amount": f"{cost:.10f}", "Unit": "USD"} for metric in metrics}}
            for service, cost in sorted(services.items())
        ],
        # A bill is complete within a day (Cost Management user guide, "refreshes at least once every 24 hours").
        "Estimated": day >= now.date() - timedelta(days=1),
    }


def _in_region(days: list[Record], first: date, after: date) -> Record:
    """All days as one result; everything emulated is in one region."""
    sums: dict[str, dict[str, Any]] = {}
    for day in days:
        for group in day["Groups"]:
            metrics = sums.setdefault(group["Keys"][0], dict.fromkeys(group["Metrics"], 0.0))
            for metric, value in group["Metrics"].items():
                metrics[metric] += float(value["Amount"])
    return {
        "TimePeriod": {"Start": first.isoformat(), "End": after.isoformat()},
        "Total": {},
        "Groups": [
            {
                "Keys": [_REGION, service],
                "Metrics": {name: {"Amount": f"{cost:.10f}", "Unit": "USD"} for name, cost in metrics.items()},
            }
            for service, metrics in sorted(sums.items())
        ],
        "Estimated": True,
    }


def install(context: ServerContext) -> AnomalyDetection:
    """Serve the operations, and keep what they make."""
    detection = AnomalyDetection(context.account)
    operations = detection.operations | {"GetCostAndUsage": cost_and_usage}
    context.persist("cost-explorer", detection.save, detection.load)
    add_json_service(context, "ce", target_prefix="AWSInsightsIndexService", service=SERVICE, operations=operations)
    return detection
