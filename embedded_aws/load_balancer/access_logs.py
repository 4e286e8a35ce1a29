"""Access logs: one line per request, written to the load balancer's bucket every few minutes.

Format: Application Load Balancer user guide, "Access log entries"; fields that are not known here are ``-``.
"""

import asyncio
import gzip
import logging
import secrets
import threading
from collections import defaultdict
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from embedded_aws.core.context import ServerContext
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.forwarding import Access

_SECONDS_BETWEEN_FILES = 300.0
_LEAST_SECONDS_BETWEEN_FILES = 1.0
_ADDRESS = "127.0.0.1"

logger = logging.getLogger("embedded_aws.load_balancer")


class AccessLogs:
    """Collects lines and writes log files as AWS does."""

    def __init__(self, context: ServerContext) -> None:
        self._context = context
        self._lines: defaultdict[str, list[str]] = defaultdict(list)
        self._lock = threading.Lock()

    @cached_property
    def _s3(self) -> Any:
        return boto3.client("s3", endpoint_url=self._context.endpoint, region_name=self._context.region)

    def add(self, access: Access) -> None:
        """Add a request, if the load balancer writes access logs."""
        if emulator.attribute(access.load_balancer_arn, "access_logs.s3.enabled", "") == "true":
            with self._lock:
                self._lines[access.load_balancer_arn].append(_line(access))

    async def run(self) -> None:
        """Write files until cancelled."""
        interval = max(_SECONDS_BETWEEN_FILES / self._context.clock_factor, _LEAST_SECONDS_BETWEEN_FILES)
        with self._context.scope():
            while True:
                await asyncio.sleep(interval)
                await asyncio.to_thread(self.flush)

    def flush(self) -> None:
        """Write the lines since the last file."""
        with self._lock:
            collected = dict(self._lines)
            self._lines.clear()
        for arn, lines in collected.items():
            bucket = emulator.attribute(arn, "access_logs.s3.bucket", "")
            if bucket:
                self._put_object(arn, bucket, "".join(f"{line}\n" for line in lines))

    def _put_object(self, arn: str, bucket: str, text: str) -> None:
        prefix = emulator.attribute(arn, "access_logs.s3.prefix", "")
        key = "/".join(part for part in (prefix, self._key(arn)) if part)
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(text.encode()))
        except (ClientError, BotoCoreError):
            # As on AWS: a load balancer that cannot write its log goes on without it.
            logger.warning("could not write %s to bucket %s", key, bucket, exc_info=True)

    def _key(self, arn: str) -> str:
        account, region = self._context.account, self._context.region
        now = datetime.now(UTC)
        name = arn.partition("loadbalancer/")[2].replace("/", ".")
        return (
            f"AWSLogs/{account}/elasticloadbalancing/{region}/{now:%Y/%m/%d}/"
            f"{account}_elasticloadbalancing_{region}_{name}_{now:%Y%m%dT%H%MZ}_{_ADDRESS}_{secrets.token_hex(4)}.log.gz"
        )


def _line(access: Access) -> str:
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    has_target = access.target_seconds is not None
    seconds = f"0.000 {access.target_seconds:.3f} 0.000" if has_target else "-1 -1 -1"
    target_status = access.status if has_target else "-"
    return (
        f"http {now} {access.load_balancer_arn.partition('loadbalancer/')[2]} {access.client}:0 - {seconds} "
        f"{access.status} {target_status} {access.received_bytes} {access.sent_bytes} "
        f'"{access.method} {access.url} HTTP/1.1" "{access.user_agent or "-"}" - - {access.group_arn or "-"} '
        f'"{access.trace_id or "-"}" "-" "-" 0 {now} "{"forward" if access.group_arn else "-"}" "-" "-" "-" '
        f'"{target_status}" "-" "-" -'
    )
