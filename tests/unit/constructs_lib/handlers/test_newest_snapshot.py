from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from constructs_lib.handlers import newest_snapshot
from tests.support.boto_model import ModelledClient
from tests.unit.constructs_lib.handlers.conftest import Answers

FIFTEEN_MINUTES = 900_000


def snapshot(name: str, day: int, status: str = "available") -> dict[str, Any]:
    return {"DBSnapshotIdentifier": name, "SnapshotCreateTime": datetime(2026, 11, day, tzinfo=UTC), "Status": status}


class NotFoundError(Exception):
    """As boto3 makes it of DBInstanceNotFound."""


class Rds:
    """RDS with one listing after another, and the states of an instance until it is gone."""

    exceptions = SimpleNamespace(DBInstanceNotFoundFault=NotFoundError)

    def __init__(self, *listings: list[dict[str, Any]], states: tuple[str, ...] = ()) -> None:
        self.listings = list(listings)
        self.asked: list[dict[str, str]] = []
        self.states = list(states)

    def describe_db_instances(self, DBInstanceIdentifier: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert DBInstanceIdentifier == "shop-db"
        if not self.states:
            raise NotFoundError
        return {"DBInstances": [{"DBInstanceStatus": self.states.pop(0)}]}

    def describe_db_snapshots(self, **arguments: str) -> dict[str, Any]:
        self.asked.append(arguments)
        return {"DBSnapshots": self.listings.pop(0)}


class Broken(Rds):
    def describe_db_snapshots(self, **arguments: str) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not allowed"}}, "DescribeDBSnapshots")


class Clock:
    """Lambda's time left, of which every sleep takes its share."""

    def __init__(self, milliseconds: int = FIFTEEN_MINUTES) -> None:
        self.left = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.left

    def sleep(self, seconds: float) -> None:
        self.left -= int(seconds * 1000)


def find(rds: Rds, clock: Clock | None = None) -> str:
    clock = clock or Clock()
    client = ModelledClient("rds", rds, paged=("describe_db_snapshots",))
    return newest_snapshot.find("shop-db", clock.get_remaining_time_in_millis, client, clock.sleep)


def test_no_snapshot_means_a_new_database() -> None:
    rds = Rds([])
    assert find(rds) == ""
    assert rds.asked == [{"DBInstanceIdentifier": "shop-db", "SnapshotType": "manual"}]


def test_newest_is_by_time_not_by_name_and_over_all_pages() -> None:
    assert find(Rds([snapshot("z", 1), snapshot("m", 3), snapshot("a", 30), snapshot("y", 2)])) == "a"


def test_waits_for_a_database_that_is_being_deleted_before_it_looks_for_its_snapshot() -> None:
    """After `cdk destroy --express` the final snapshot is listed later than the deletion has begun."""
    clock = Clock()
    rds = Rds([snapshot("october", 1), snapshot("november", 30)], states=("deleting", "deleting"))
    assert find(rds, clock) == "november"
    assert clock.left == FIFTEEN_MINUTES - 2 * newest_snapshot.POLL_SECONDS * 1000


@pytest.mark.parametrize("status", ["available", "creating", "stopped", "failed"])
def test_a_database_that_stays_is_never_followed_by_another(status: str) -> None:
    with pytest.raises(newest_snapshot.NotUsableError, match=f"shop-db still exists, and it is {status}"):
        find(Rds([snapshot("october", 1)], states=(status,)))


def test_a_deletion_that_takes_too_long_is_a_failure_not_an_older_snapshot() -> None:
    rds = Rds([snapshot("october", 1)], states=("deleting",) * 200)
    with pytest.raises(newest_snapshot.NotUsableError, match="is still being deleted"):
        find(rds)
    assert rds.asked == []


def test_waits_for_the_newest_while_it_is_being_made() -> None:
    making = [snapshot("october", 1), snapshot("november", 30, "creating")]
    made = [snapshot("october", 1), snapshot("november", 30)]
    clock = Clock()
    assert find(Rds(making, making, made), clock) == "november"
    assert clock.left == FIFTEEN_MINUTES - 2 * newest_snapshot.POLL_SECONDS * 1000


def test_one_that_was_just_ordered_and_has_no_time_yet_is_the_newest() -> None:
    ordered = {"DBSnapshotIdentifier": "november", "Status": "creating"}
    assert find(Rds([snapshot("october", 1), ordered], [snapshot("october", 1), snapshot("november", 30)])) == (
        "november"
    )


def test_gives_up_in_time_to_answer_and_never_falls_back() -> None:
    listing = [snapshot("october", 1), snapshot("november", 30, "creating")]
    with pytest.raises(newest_snapshot.NotUsableError, match="november is still being created"):
        find(Rds(*[listing] * 10_000), Clock(60_000))


@pytest.mark.parametrize("status", ["failed", "deleting", "incompatible-restore"])
def test_an_unusable_newest_is_an_error_although_there_is_an_older_one(status: str) -> None:
    with pytest.raises(newest_snapshot.NotUsableError, match=f"november, and it is {status}"):
        find(Rds([snapshot("october", 1), snapshot("november", 30, status)]))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def invoke(rds: Rds, request: str, **extra: str) -> None:
        monkeypatch.setattr(boto3, "client", lambda service: ModelledClient(service, rds))
        event = {"RequestType": request, "ResourceProperties": {"DatabaseIdentifier": "shop-db"}, **extra}
        newest_snapshot.handler(event, Clock())

    return invoke


def test_create_answers_with_the_snapshot_and_remembers_it_in_the_physical_id(
    call: Callable[..., None], answers: Answers
) -> None:
    call(Rds([snapshot("november", 30)]), "Create")
    assert answers.only == {
        "status": "SUCCESS",
        "data": {"SnapshotIdentifier": "november"},
        "physical_id": "restore-from:november",
        "reason": None,
    }


def test_create_without_snapshots_answers_with_the_empty_string(call: Callable[..., None], answers: Answers) -> None:
    call(Rds([]), "Create")
    assert answers.only["data"] == {"SnapshotIdentifier": ""}
    assert answers.only["physical_id"] == "restore-from:"


@pytest.mark.parametrize("remembered", ["november", ""])
@pytest.mark.parametrize("request_type", ["Update", "Delete"])
def test_update_and_delete_give_the_same_answer_without_looking(
    call: Callable[..., None], answers: Answers, request_type: str, remembered: str
) -> None:
    call(Broken(), request_type, PhysicalResourceId=f"restore-from:{remembered}")
    assert answers.only["status"] == "SUCCESS"
    assert answers.only["data"] == {"SnapshotIdentifier": remembered}
    assert answers.only["physical_id"] == f"restore-from:{remembered}"


def test_an_error_of_the_api_fails_the_stack_with_its_reason(call: Callable[..., None], answers: Answers) -> None:
    call(Broken(), "Create")
    assert answers.only["status"] == "FAILED"
    assert "AccessDenied" in answers.only["reason"]


def test_deleting_what_never_was_created_succeeds(call: Callable[..., None], answers: Answers) -> None:
    call(Broken(), "Create")
    answers.clear()
    call(Broken(), "Delete", PhysicalResourceId="restore-from:")
    assert answers.only["status"] == "SUCCESS"
