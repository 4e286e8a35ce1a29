"""Small CloudTrail logs for the tests of the permission review."""

import gzip
import json
from pathlib import Path
from typing import Any

from ops.iam.review.condition_keys import fields_of_policies
from ops.iam.review.logs import read_logs
from ops.iam.review.policies import Policies, Policy, parse
from ops.iam.review.query import Window
from ops.iam.review.review import Review, review
from ops.iam.review.row_merging import RowMerger
from ops.iam.review.usage import Usage, newest_day, summarize

ACCOUNT = "123456789012"
ROLE = "HannibalCICDRole-Dev"
ARN = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"

Event = dict[str, Any]


def event(name: str, source: str = "ec2", *, role: str = ROLE, day: int = 10, **fields: Any) -> Event:
    """An event of a role, as CloudTrail writes it."""
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "userName": role.rpartition("/")[2]}
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}},
        "eventTime": f"2026-11-{day:02}T12:34:56Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "ap-northeast-1",
        "requestParameters": None,
        "readOnly": True,
        "managementEvent": True,
        "eventType": "AwsApiCall",
    } | fields


# Another role's call: records of a trail that has writing calls, and those of global services.
OTHERS = (event("CreateUser", "iam", role="other", awsRegion="us-east-1", readOnly=False),)


def write(folder: Path, *events: Event, name: str = "log.json.gz") -> Path:
    """Write a log file like CloudTrail's; returns the folder."""
    (folder / name).write_bytes(gzip.compress(json.dumps({"Records": events}).encode()))
    return folder


def usage_of(folder: Path, *events: Event, role: str = ROLE, days: int = 30) -> Usage:
    """The usage in some events, read from a file."""
    rows, problems, _ = read_logs(write(folder, *events), role)
    assert problems == ()
    last = newest_day(rows)
    assert last is not None
    return summarize(rows, Window.ending(last, days))


def policy(*actions: str, **statement: Any) -> Policy:
    """A policy with one statement."""
    content = {"Effect": "Allow", "Action": [*actions], "Resource": "*"} | statement
    return parse({"Version": "2012-10-17", "Statement": [content]}, "test")


def policies(*identity: Policy, boundary: Policy | None = None) -> Policies:
    return Policies(source="test", identity=identity, boundary=boundary)


def review_of(folder: Path, granted: Policies, *events: Event, role: str = ROLE) -> Review:
    """The permission review of some events."""
    rows, problems, _ = read_logs(
        write(folder, *events), role, fields=fields_of_policies(granted), merge=RowMerger(granted)
    )
    last = newest_day(rows)
    assert last is not None
    window = Window.ending(last, 31)
    return review(
        role, window=window, records="test", usage=summarize(rows, window), policies=granted, problems=problems
    )
