"""Delivers recorded events to the trails: as files to their buckets, and as lines to their log groups."""

import asyncio
import gzip
import json
import logging
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from ministack.core import responses

from embedded_aws.cloudtrail import emulator
from embedded_aws.cloudtrail.events import Event
from embedded_aws.cloudtrail.trails import DELIVERED, log_group_name
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.s3 import emulator as s3

# CloudTrail delivers "within an average of about 5 minutes"; a rehearsal does not wait that long.
_SECONDS_BETWEEN_DELIVERIES: Final = 5.0
_SHORTEST_WAIT_SECONDS: Final = 0.2

logger = logging.getLogger("embedded_aws.cloudtrail")


@dataclass(frozen=True, kw_only=True)
class Trail:
    """A trail that logs."""

    account: str  # the account that owns it
    home: str  # the region that it was created in
    record: dict[str, Any]  # the emulator's record of the trail


def logging_trails() -> list[Trail]:
    """List the trails of all accounts and regions that log now."""
    return [
        Trail(account=account, home=home, record=record)
        for (account, home, _name), record in list(emulator.trails.all_items())
        if record.get("IsLogging")
    ]


class Delivery:
    """Keeps events until the next delivery."""

    def __init__(self, clock_factor: float) -> None:
        """``clock_factor``: emulated seconds for each real one."""
        self._wait_seconds = max(_SHORTEST_WAIT_SECONDS, _SECONDS_BETWEEN_DELIVERIES / clock_factor)
        self._pending: list[tuple[Trail, Event]] = []
        self._lock = threading.Lock()
        self._task: asyncio.Task[None] | None = None

    def add(self, event: Event, trails: Iterable[Trail]) -> None:
        """Add an event to the next delivery for some trails; called in the event loop of the server.

        Args:
            trails: the trails that logged during the call: a trail's last event is that it was stopped.
        """
        account, region = event["recipientAccountId"], event["awsRegion"]
        with self._lock:
            self._pending += [
                (trail, event)
                for trail in trails
                if trail.account == account and (trail.record["IsMultiRegionTrail"] or trail.home == region)
            ]
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._deliver_later())

    async def _deliver_later(self) -> None:
        await asyncio.sleep(self._wait_seconds)
        self.deliver()

    def deliver(self) -> None:
        """Deliver everything now."""
        with self._lock:
            pending, self._pending = self._pending, []
        trails = {trail.record["TrailARN"]: trail for trail, _ in pending}
        batches: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for trail, event in pending:
            batches[trail.record["TrailARN"], event["awsRegion"]].append(event)
        for (arn, region), events in batches.items():
            _deliver_to(trails[arn], region, _select_events(events, trails[arn]))


def _select_events(events: Iterable[Event], trail: Trail) -> list[Event]:
    """Remove the events that the trail's basic event selectors exclude."""
    selectors = emulator.event_selectors.get_scoped(trail.account, trail.home, trail.record["Name"]) or [{}]
    wanted = {selector.get("ReadWriteType", "All") for selector in selectors}
    if "All" in wanted:
        return list(events)
    return [event for event in events if ("ReadOnly" if event["readOnly"] else "WriteOnly") in wanted]


def _deliver_to(trail: Trail, region: str, events: list[Event]) -> None:
    if not events:
        return
    # The emulator's stores depend on the account and region of the request; a delivery has no request.
    responses.set_request_account_id(trail.account)
    responses.set_request_region(trail.home)
    account, record = trail.account, trail.record
    now = datetime.now(tz=UTC)
    prefix = f"{record['S3KeyPrefix']}/" if record.get("S3KeyPrefix") else ""
    key = (
        f"{prefix}AWSLogs/{account}/CloudTrail/{region}/{now:%Y/%m/%d}/"
        f"{account}_CloudTrail_{region}_{now:%Y%m%dT%H%MZ}_{uuid4().hex[:16]}.json.gz"
    )
    body = gzip.compress(json.dumps({"Records": events}, separators=(",", ":")).encode())
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    status = s3.put_object(record["S3BucketName"], key, body, headers)[0]
    if status >= 300:
        logger.warning("trail %s cannot write to bucket %s", record["Name"], record["S3BucketName"])
    delivered = record.setdefault(DELIVERED, {})
    delivered["LatestDeliveryTime"] = now.timestamp()
    if group := log_group_name(record.get("CloudWatchLogsLogGroupArn") or ""):
        _write_lines(group, f"{account}_CloudTrail_{region}", events)
        delivered["LatestCloudWatchLogsDeliveryTime"] = now.timestamp()


def _write_lines(group: str, stream: str, events: list[Event]) -> None:
    log_stream = {"logGroupName": group, "logStreamName": stream}
    cloudwatch.create_log_stream(log_stream)
    lines = [
        {
            "timestamp": int(datetime.fromisoformat(event["eventTime"]).timestamp() * 1000),
            "message": json.dumps(event, separators=(",", ":")),
        }
        for event in events
    ]
    if cloudwatch.put_log_events(log_stream | {"logEvents": lines})[0] >= 300:
        logger.warning("log group %s of a trail is not there", group)
