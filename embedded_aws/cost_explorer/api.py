"""Cost Explorer: the account's costs by day and service, and the monitors and subscriptions that find anomalies."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final, cast
from uuid import uuid4

from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.json_service import add_json_service
from embedded_aws.core.refusal import Refusal
from embedded_aws.cost_explorer import billing

SERVICE: Final = "CostExplorer"

Record = dict[str, Any]  # A request or an answer: JSON whose structure depends on the operation


_KINDS: Final = ("Monitor", "Subscription")
_NO_CREDITS: Final = {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}}


class AnomalyDetection:
    """The monitors and subscriptions of the one account."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._kept: dict[str, dict[str, Record]] = {kind: {} for kind in _KINDS}
        self.operations: dict[str, Callable[[Record], Record]] = {
            "CreateAnomalyMonitor": self._create_monitor,
            "CreateAnomalySubscription": self._create_subscription,
        }
        for kind in _KINDS:
            self.operations |= {
                f"UpdateAnomaly{kind}": partial(self._update, kind),
                f"DeleteAnomaly{kind}": partial(self._delete, kind),
                f"GetAnomaly{kind}s": partial(self._list, kind),
            }

    def save(self) -> JsonValue:
        """Copy all records, for the state file."""
        return cast("JsonValue", json.loads(json.dumps(list(self._kept.values()))))

    def load(self, saved: JsonValue) -> None:
        """Take the records from ``save``."""
        self._kept = dict(zip(_KINDS, cast("list[dict[str, Record]]", saved), strict=True))

    def _create_monitor(self, request: Record) -> Record:
        monitor = request["AnomalyMonitor"]
        if monitor["MonitorType"] == "DIMENSIONAL" and any(
            other.get("MonitorDimension") == monitor.get("MonitorDimension") for other in self._kept["Monitor"].values()
        ):
            # An account may have one monitor for each dimension, and newer accounts have one from the beginning
            # (aws-cloudformation/cloudformation-coverage-roadmap #2515 has the message).
            message = "Limit exceeded on dimensional spend monitor creation"
            raise Refusal(SERVICE, "ValidationException", message)
        today = datetime.now(tz=UTC).date().isoformat()
        return self._create("Monitor", {"CreationDate": today, "LastUpdatedDate": today} | monitor)

    def _create_subscription(self, request: Record) -> Record:
        subscription = request["AnomalySubscription"]
        for arn in subscription["MonitorArnList"]:
            self._find_required("Monitor", arn)
        if subscription["Frequency"] == "IMMEDIATE" and any(
            subscriber["Type"] == "EMAIL" for subscriber in subscription["Subscribers"]
        ):
            message = "Immediate frequency only supports SNS topics as subscribers"
            raise Refusal(SERVICE, "ValidationException", message)
        return self._create("Subscription", {"AccountId": self._account} | subscription)

    def _create(self, kind: str, record: Record) -> Record:
        name = {f"{kind}Arn": f"arn:aws:ce::{self._account}:anomaly{kind.lower()}/{uuid4()}"}
        self._kept[kind][name[f"{kind}Arn"]] = name | record
        return name

    def _update(self, kind: str, request: Record) -> Record:
        record = self._find_required(kind, request[f"{kind}Arn"])
        record |= request
        return {f"{kind}Arn": request[f"{kind}Arn"]}

    def _delete(self, kind: str, request: Record) -> Record:
        self._find_required(kind, request[f"{kind}Arn"])
        del self._kept[kind][request[f"{kind}Arn"]]
        return {}

    def _list(self, kind: str, request: Record) -> Record:
        wanted = request.get(f"{kind}ArnList")
        return {f"Anomaly{kind}s": [one for arn, one in self._kept[kind].items() if not wanted or arn in wanted]}

    def _find_required(self, kind: str, arn: str) -> Record:
        if arn not in self._kept[kind]:
            raise Refusal(SERVICE, f"Unknown{kind}Exception", f"{arn} does not exist.")
        return self._kept[kind][arn]


def cost_and_usage(region: str, request: Record) -> Record:
    """Answer GetCostAndUsage by day and service, or by region and service: this project uses no other.

    Raises:
        Refusal: another grouping or granularity, or a range without a day.
    """
    grouping = [(group.get("Type"), group.get("Key")) for group in request.get("GroupBy", [])]
    by_region = grouping == [("DIMENSION", "REGION"), ("DIMENSION", "SERVICE")] and request["Granularity"] == "MONTHLY"
    by_day = grouping == [("DIMENSION", "SERVICE")] and request["Granularity"] == "DAILY"
    # There are no credits here, so the costs with and without them are the same.
    if not (by_region or by_day) or request.get("Filter", _NO_CREDITS) != _NO_CREDITS:
        message = "only DAILY costs by SERVICE and MONTHLY ones by REGION and SERVICE, of all but credits, are emulated"
        raise Refusal(SERVICE, "ValidationException", message)
    start, after = (date.fromisoformat(request["TimePeriod"][end]) for end in ("Start", "End"))
    if start >= after:
        # GetCostAndUsage's own words.
        raise Refusal(SERVICE, "ValidationException", "Start date (and hour) should be before end date (and hour)")
    now = datetime.now(tz=UTC)
    stacks, costs = billing.read_lifetimes(), billing.hourly_costs(billing.read_templates())
    days = [start + timedelta(days=number) for number in range((after - start).days)]
    bills = [billing.bill(day, stacks, costs, now) for day in days]
    if by_region:
        whole = {service: sum(bill.get(service, 0) for bill in bills) for service in set().union(*bills)}
        results = [_result(start, after, whole, request["Metrics"], region) | {"Estimated": True}]
    else:
        # A day's costs are complete a day later (Cost Management user guide, "refreshes at least once every 24 hours").
        results = [
            _result(day, day + timedelta(days=1), bill, request["Metrics"])
            | {"Estimated": day >= now.date() - timedelta(days=1)}
            for day, bill in zip(days, bills, strict=True)
        ]
    return {"ResultsByTime": results, "GroupDefinitions": request["GroupBy"], "DimensionValueAttributes": []}


def _result(start: date, after: date, services: dict[str, float], metrics: list[str], *keys: str) -> Record:
    """The costs of a period by service; everything emulated is in one region."""
    return {
        "TimePeriod": {"Start": start.isoformat(), "End": after.isoformat()},
        "Total": {},
        "Groups": [
            {
                "Keys": [*keys, service],
                "Metrics": {metric: {"Amount": f"{cost:.10f}", "Unit": "USD"} for metric in metrics},
            }
            for service, cost in sorted(services.items())
        ],
    }


def install(context: ServerContext) -> AnomalyDetection:
    """Register the operations, and save their records."""
    detection = AnomalyDetection(context.account)
    operations = detection.operations | {"GetCostAndUsage": partial(cost_and_usage, context.region)}
    context.persist("cost-explorer", detection.save, detection.load)
    add_json_service(context, "ce", target_prefix="AWSInsightsIndexService", service=SERVICE, operations=operations)
    return detection
