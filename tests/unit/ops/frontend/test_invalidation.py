"""CloudFront's cache."""

from typing import Any, cast

import pytest

from ops.errors import FailedError, RefusedError, UnusableInputError
from ops.frontend.invalidation import (
    Invalidation,
    find_distribution,
    invalidate,
    read_invalidations,
    wait_until_completed,
)
from ops.frontend.target import Target, invalidate_paths
from tests.support.aws import aws_of
from tests.support.clock import Clock
from tests.support.fake_clients import FakeClient, client_error
from tests.support.fakes import NOW, FakeAccount


class CloudFront(FakeClient):
    """A distribution whose invalidations are done after some looks."""

    def __init__(self, account: FakeAccount, looks: int = 0) -> None:
        super().__init__(account)
        self.looks = looks
        self.batches: list[Any] = []

    def create_invalidation(self, DistributionId: str, InvalidationBatch: Any) -> Any:  # noqa: N803 - boto3's names
        self.batches.append(InvalidationBatch)
        return {"Invalidation": {"Id": f"I-{DistributionId}", "Status": "InProgress", "CreateTime": NOW}}

    def get_invalidation(self, DistributionId: str, Id: str) -> Any:  # noqa: N803
        assert DistributionId == "D"
        self.looks -= 1
        status = "Completed" if self.looks <= 0 else "InProgress"
        return {"Invalidation": {"Id": Id, "Status": status, "CreateTime": NOW}}

    def list_invalidations(self, **_: Any) -> Any:
        items = [
            {"Id": "old", "Status": "Completed", "CreateTime": NOW.replace(hour=1)},
            {"Id": "new", "Status": "Completed", "CreateTime": NOW},
        ]
        return {"InvalidationList": {"Items": items}}


RUNNING = Invalidation(invalidation_id="I", status="InProgress", created=NOW)


def test_each_order_has_a_reference_of_its_own(account: FakeAccount) -> None:
    client = CloudFront(account)
    for _ in range(2):
        assert invalidate(aws_of(cloudfront=client), "D", ["/a", "/b/*"]).invalidation_id == "I-D"
    assert client.batches[0]["Paths"] == {"Quantity": 2, "Items": ["/a", "/b/*"]}
    assert client.batches[0]["CallerReference"] != client.batches[1]["CallerReference"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("assets", "'assets' must begin with /"),
        ("", "'' must begin with /"),
        ("/a/*/b", r"has a \* that is not its last character"),
        ("/a b[1]", r"must be written as in a URL: /a%20b%5B1%5D"),
        ("/é", "must be written as in a URL: /%C3%A9"),
    ],
)
def test_a_path_that_finds_nothing_is_refused_before_anything_is_ordered(
    account: FakeAccount, path: str, reason: str
) -> None:
    client = CloudFront(account)
    with pytest.raises(UnusableInputError, match=reason):
        invalidate(aws_of(cloudfront=client), "D", ["/a%20b~1.js?v=1", path])
    assert client.batches == []


def test_pages_are_published_also_while_the_month_ends(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack prints its distribution until it is gone itself; what was sent would have no record."""

    def gone(*_: Any, **__: Any) -> None:
        raise client_error("NoSuchDistribution")

    monkeypatch.setattr(CloudFront, "create_invalidation", gone)
    target = Target(caller=cast("Any", None), bucket="b", distribution="D")
    assert invalidate_paths(aws_of(cloudfront=CloudFront(account)), target, ["/*"]) is None


def test_the_newest_comes_first(account: FakeAccount) -> None:
    found = read_invalidations(aws_of(cloudfront=CloudFront(account)), "D")
    assert [one.invalidation_id for one in found] == ["new", "old"]


def test_waiting_ends_with_its_end_or_with_patience(account: FakeAccount) -> None:
    clock = Clock()
    done = wait_until_completed(aws_of(cloudfront=CloudFront(account, looks=3), polling=clock.polling()), "D", RUNNING)
    assert (done.status, len(clock.slept)) == ("Completed", 2)
    with pytest.raises(FailedError, match="has not completed after 30 minutes"):
        wait_until_completed(
            aws_of(cloudfront=CloudFront(account, looks=10_000), polling=clock.polling()), "D", RUNNING
        )


def test_the_distribution_is_the_one_that_its_stack_prints(account: FakeAccount) -> None:
    with pytest.raises(RefusedError, match="EdgeStack is not deployed"):
        find_distribution(account.aws())
    account.add_stack("EdgeStack", Outputs=[{"OutputKey": "DistributionId", "OutputValue": "E1"}])
    assert find_distribution(account.aws()) == "E1"
