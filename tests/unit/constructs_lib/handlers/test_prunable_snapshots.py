import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from constructs_lib.handlers import prunable_snapshots
from tests.support.boto_model import ModelledClient

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FINAL, RELEASE = "storagestack-snapshot-", "shop-db-before-release-"


def snapshot(name: str, made: str, status: str = "available", *, final: bool = True, tagged: bool = False) -> Any:
    return {
        "DBSnapshotIdentifier": f"{FINAL if final else ''}{name}",
        "DBSnapshotArn": f"arn:{name}",
        "SnapshotCreateTime": datetime.fromisoformat(f"2026-{made}T18:00:00+00:00"),
        "Status": status,
        "TagList": [{"Key": "Prunable", "Value": "true"}] if tagged else [],
    }


def prunable(*snapshots: Any, days: int = 14, month_end_days: int = 62) -> list[str]:
    found = prunable_snapshots.prunable(
        snapshots, NOW, beginnings=[FINAL, RELEASE], days=days, month_end_days=month_end_days
    )
    return sorted(name.removeprefix(FINAL) for name in found)


def test_the_last_of_a_month_is_kept_longer_than_the_others() -> None:
    august, september = snapshot("august", "08-31"), snapshot("september", "09-30")
    trial, october = snapshot("trial", "10-12"), snapshot("october", "10-31")
    early, newest = snapshot("early", "11-20"), snapshot("newest", "11-24")

    assert prunable(newest, august, october, trial, september, early) == ["august", "trial"]


@pytest.mark.parametrize("status", ["available", "failed"])
def test_the_newest_is_never_prunable(status: str) -> None:
    assert prunable(snapshot("usable", "01-02"), snapshot("newest", "02-03", status)) == (
        ["usable"] if status == "available" else []
    )
    assert prunable(snapshot("only", "01-02", status)) == []


def test_what_a_person_made_is_never_prunable() -> None:
    assert prunable(snapshot("by-hand", "01-02", final=False), snapshot("newest", "02-03")) == []


def test_what_a_release_made_is_as_prunable_as_a_months_end() -> None:
    names = [f"{RELEASE}{day}" for day in ("old", "young", "last-of-october")]
    made = [snapshot(name, on, final=False) for name, on in zip(names, ("10-02", "11-20", "10-31"), strict=True)]

    assert prunable(*made, snapshot("newest", "11-24")) == [f"{RELEASE}old"]


def test_what_is_being_made_or_deleted_is_left_alone() -> None:
    ordered = snapshot("ordered", "01-02", "creating")
    del ordered["SnapshotCreateTime"]
    leaving, newest = snapshot("leaving", "01-02", "deleting"), snapshot("newest", "02-03")

    assert prunable(ordered, leaving, newest) == []


def test_false_snapshots_displace_nothing_that_is_young_or_a_months_end() -> None:
    false = [snapshot(f"false-{day}", f"11-{day}") for day in range(20, 25)]

    assert (
        prunable(snapshot("september", "09-30"), snapshot("october", "10-31"), snapshot("mine", "11-19"), *false) == []
    )


class Rds:
    """RDS with some snapshots, which writes down what is tagged."""

    def __init__(self, *snapshots: Any) -> None:
        self.snapshots = snapshots
        self.done: list[tuple[str, str]] = []

    def describe_db_snapshots(self, **_: str) -> Any:
        return {"DBSnapshots": list(self.snapshots)}

    def add_tags_to_resource(self, ResourceName: str, Tags: list[dict[str, str]]) -> None:  # noqa: N803
        assert Tags == [{"Key": "Prunable", "Value": "true"}]
        self.done.append(("tag", ResourceName))

    def remove_tags_from_resource(self, ResourceName: str, TagKeys: list[str]) -> None:  # noqa: N803
        assert TagKeys == ["Prunable"]
        self.done.append(("untag", ResourceName))


def test_it_tags_what_may_go_and_takes_the_tag_from_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds(
        snapshot("old", "01-02"),
        snapshot("older", "01-01", tagged=True),
        snapshot("newest", "02-03", tagged=True),
        snapshot("by-hand", "01-03", final=False, tagged=True),
    )
    client = ModelledClient("rds", rds, paged=("describe_db_snapshots",))
    monkeypatch.setattr(boto3, "client", {"rds": client}.__getitem__)
    settings = {"Database": "x", "Beginnings": [FINAL, RELEASE], "Tag": "Prunable", "Days": 14, "MonthEndDays": 14}
    monkeypatch.setenv("SETTINGS", json.dumps(settings))

    prunable_snapshots.handler({"Days": 0, "MonthEndDays": 0, "Beginnings": [""]}, None)

    assert rds.done == [("tag", "arn:old"), ("untag", "arn:newest"), ("untag", "arn:by-hand")]
