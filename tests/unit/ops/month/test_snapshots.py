from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from installation.settings import Settings
from ops.errors import FailedError
from ops.month.snapshots import (
    Snapshot,
    decide_retention,
    delete,
    plan_pruning,
    read_snapshots,
    storage_refusals,
    wait_until_available,
)
from tests.support.aws import aws_of
from tests.support.clock import Clock
from tests.support.fakes import FINAL, NOW, FakeAccount
from tests.support.synthesis import changed

DATABASE = "nestjs-hannibal-3-db"


def snapshot(name: str, *, status: str = "available", final: bool = True) -> Snapshot:
    return Snapshot(
        name=name,
        created=NOW,
        status=status,
        progress_percent=100,
        size_gib=20,
        engine_version="18.3",
        final=final,
    )


def pruned(snapshots: list[Snapshot], keep: int) -> list[str]:
    return [verdict.snapshot.name for verdict in decide_retention(snapshots, keep) if verdict.prune]


def test_newest_first_by_time_not_by_name(account: FakeAccount) -> None:
    account.add_snapshot("z-oldest", days_old=9)
    account.add_snapshot("a-newest", days_old=1)
    account.add_snapshot("m-middle", days_old=5)
    account.add_snapshot("ordered", status="creating")
    del account.snapshots[-1]["SnapshotCreateTime"]
    found = read_snapshots(account.aws())
    assert [snapshot.name for snapshot in found] == ["ordered", "a-newest", "m-middle", "z-oldest"]


def test_final_snapshots_are_told_by_cloudformations_name(account: FakeAccount) -> None:
    account.add_snapshot(f"{FINAL}1tz5hqx9rqz4p")
    account.add_snapshot("before-the-migration")
    finals = {snapshot.name: snapshot.final for snapshot in read_snapshots(account.aws())}
    assert finals == {f"{FINAL}1tz5hqx9rqz4p": True, "before-the-migration": False}


def test_pruning_leaves_the_newest_in_number() -> None:
    assert pruned([snapshot(name) for name in "abcde"], keep=3) == ["d", "e"]
    assert pruned([snapshot(name) for name in "ab"], keep=3) == []
    assert decide_retention([], 3) == ()


@pytest.mark.parametrize("keep", [-1, 0, 1])
@pytest.mark.parametrize("status", ["available", "failed", "creating"])
@pytest.mark.parametrize("final", [True, False])
def test_the_newest_is_never_pruned(keep: int, status: str, *, final: bool) -> None:
    snapshots = [snapshot("newest", status=status, final=final), snapshot("b"), snapshot("c")]
    assert "newest" not in pruned(snapshots, keep)


def test_no_start_is_promised_from_a_newest_that_failed() -> None:
    failed, *_ = decide_retention([snapshot("newest", status="failed"), snapshot("usable")], 3)
    assert failed.why == "the newest, but failed: `hannibal start` refuses it, and says what to do"
    coming, *_ = decide_retention([snapshot("newest", status="creating"), snapshot("usable")], 3)
    assert coming.why == "the newest, which the next month starts from"


def test_at_least_one_usable_is_left() -> None:
    snapshots = [snapshot("newest", status="failed"), snapshot("usable"), snapshot("old")]
    assert pruned(snapshots, keep=0) == ["old"]


def test_what_a_person_made_is_neither_pruned_nor_counted() -> None:
    snapshots = [snapshot("a"), snapshot("mine", final=False), snapshot("b"), snapshot("c")]
    assert pruned(snapshots, keep=2) == ["c"]


def test_as_many_are_left_of_those_before_releases(account: FakeAccount) -> None:
    """A month with a release each day deletes no month's end, nor the other way round."""
    for day in range(1, 6):
        account.add_snapshot(f"{DATABASE}-before-release-{day}", days_old=day)
        account.add_snapshot(f"{FINAL}{day}", days_old=30 * day)
    account.add_snapshot(f"{DATABASE}-by-hand-1", days_old=99)
    account.add_snapshot("somebodys-before-release-1", days_old=99)
    found = list(read_snapshots(account.aws()))
    assert pruned(found, keep=2) == [
        *(f"{DATABASE}-before-release-{day}" for day in (3, 4, 5)),
        *(f"{FINAL}{day}" for day in (3, 4, 5)),
    ]


def test_unfinished_ones_are_left_alone_and_failed_ones_go() -> None:
    snapshots = [
        snapshot("a"),
        snapshot("b", status="creating"),
        snapshot("c", status="failed"),
        snapshot("d", status="deleting"),
        snapshot("e"),
    ]
    assert pruned(snapshots, keep=1) == ["c", "e"]


def test_deleting_what_is_gone_is_no_error(account: FakeAccount) -> None:
    account.add_snapshot("here")
    assert delete(account.aws(), [snapshot("gone"), snapshot("here")]) == ("here",)
    assert account.snapshots == []


def test_waiting_tells_the_progress_until_it_is_available(account: FakeAccount) -> None:
    account.add_snapshot("new", status="creating")
    progress: list[tuple[str, int]] = []
    clock = Clock()
    rds = account.aws().rds
    found = wait_until_available(
        lambda: next(iter(read_snapshots(aws_of(rds=rds))), None),
        lambda snapshot: progress.append((snapshot.status, snapshot.progress_percent)),
        clock.polling(),
    )
    assert found.status == "available"
    assert progress[-1] == ("available", 100)
    assert len(clock.slept) == len(progress) - 1


@pytest.mark.parametrize(("states", "message"), [(["failed"], "is failed"), (["creating", None], "was deleted")])
def test_waiting_ends_when_nothing_can_come(states: list[str | None], message: str) -> None:
    answers: Iterator[Snapshot | None] = iter([snapshot("s", status=state) if state else None for state in states])
    with pytest.raises(FailedError, match=message):
        wait_until_available(lambda: next(answers), lambda _: None, Clock().polling())


@pytest.mark.parametrize(("storage", "refused"), [(20, True), (21, True), (22, False), (30, False)])
def test_less_storage_than_the_snapshot_has_is_refused(settings: Settings, storage: int, refused: bool) -> None:
    wanting = changed(settings, database={"storage_gib": storage})
    found = list(storage_refusals(wanting, replace(snapshot("final"), size_gib=22)))
    assert len(found) == refused
    assert all("Write `storage_gib: 22` under `database` in config/dev.yaml" in one for one in found)
    assert list(storage_refusals(wanting, None)) == []


def test_an_upgrade_is_waited_for_as_a_creation_is() -> None:
    answers = iter([snapshot("s", status=state) for state in ("creating", "upgrading", "available")])
    assert wait_until_available(lambda: next(answers), lambda _: None, Clock().polling()).status == "available"


def test_a_snapshots_age_is_its_datas(account: FakeAccount) -> None:
    account.add_snapshot("s", days_old=2)
    (found,) = read_snapshots(account.aws())
    assert found.created == NOW - timedelta(days=2)


def test_what_is_not_tagged_stays_until_an_administrator_says_so(account: FakeAccount) -> None:
    account.add_snapshot(f"{FINAL}new", days_old=1, prunable=True)
    account.add_snapshot(f"{FINAL}untagged", days_old=40)
    account.add_snapshot(f"{FINAL}tagged", days_old=80, prunable=True)
    decisions = decide_retention(read_snapshots(account.aws()), 1)

    now, later = plan_pruning(decisions)
    assert [it.name for it in now] == [f"{FINAL}tagged"]
    assert [it.name for it in later] == [f"{FINAL}untagged"]
    everything, others = plan_pruning(decisions, untagged=True)
    assert [it.name for it in everything] == [f"{FINAL}untagged", f"{FINAL}tagged"]
    assert others == ()
