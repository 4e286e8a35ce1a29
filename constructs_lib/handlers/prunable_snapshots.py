"""Tags the snapshots that the pipeline may delete, and takes the tag from all others. Runs once a day.

An administrator deploys it, with its ages: the pipeline can neither set this tag nor change this function. What it is
called with counts for nothing, because a widget of a dashboard calls any function with the rights of who looks at it.
"""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3


def prunable(
    snapshots: Sequence[Mapping[str, Any]], now: datetime, *, beginnings: Sequence[str], days: int, month_end_days: int
) -> set[str]:
    """Names of those that may be deleted: never the newest that restores, nor the newest of all.

    One that CloudFormation or a release made, by the `beginnings` of its name, may go when it is `days` old; the last
    of a month when it is `month_end_days` old. All others were made by a person, for a reason.
    """
    made = sorted((it for it in snapshots if it.get("SnapshotCreateTime")), key=lambda it: it["SnapshotCreateTime"])
    usable = [it for it in made if it["Status"] == "available"]
    kept = {it["DBSnapshotIdentifier"] for it in (*made[-1:], *usable[-1:])}
    # The later ones win: what is left is the last of each month.
    ends = {it["SnapshotCreateTime"].astimezone(UTC).strftime("%Y-%m"): it["DBSnapshotIdentifier"] for it in usable}
    return {
        name
        for it in made
        if (name := it["DBSnapshotIdentifier"]).startswith(tuple(beginnings))
        and name not in kept
        and it["Status"] in ("available", "failed")
        and now - it["SnapshotCreateTime"] >= timedelta(days=month_end_days if name in ends.values() else days)
    }


def handler(_event: Any, _context: Any) -> dict[str, list[str]]:
    """Entry point; the answer has the names that it tagged and untagged."""
    settings = json.loads(os.environ["SETTINGS"])
    rds, tag = boto3.client("rds"), settings["Tag"]
    pages = rds.get_paginator("describe_db_snapshots").paginate(
        DBInstanceIdentifier=settings["Database"], SnapshotType="manual"
    )
    snapshots = [snapshot for page in pages for snapshot in page["DBSnapshots"]]
    wanted = prunable(
        snapshots,
        datetime.now(UTC),
        beginnings=settings["Beginnings"],
        days=settings["Days"],
        month_end_days=settings["MonthEndDays"],
    )
    done: dict[str, list[str]] = {"tagged": [], "untagged": []}
    for snapshot in snapshots:
        name, arn = snapshot["DBSnapshotIdentifier"], snapshot["DBSnapshotArn"]
        has = any(it["Key"] == tag for it in snapshot.get("TagList", []))
        if name in wanted and not has:
            rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": tag, "Value": "true"}])
            done["tagged"].append(name)
        elif has and name not in wanted:
            rds.remove_tags_from_resource(ResourceName=arn, TagKeys=[tag])
            done["untagged"].append(name)
    print(done)
    return done
