"""A restore beside another operator's, and where an answer of RDS is lost."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings.file import load_settings
from ops.aws.clients import Aws
from ops.errors import FailedError, RefusedError
from ops.month.restore import run
from ops.month.restore.plan import RestorePlan
from ops.month.restore.run import Restore
from ops.month.restore.target import Source, Target
from ops.service.database_instances import Databases, read_databases
from tests.support.aws import aws_of
from tests.support.clock import Clock
from tests.support.fake_clients import client_error

SETTINGS = load_settings("dev")
NAMES = SETTINGS.names
MINE, OTHERS = "mine", "others"


def restored_to(target: str) -> list[dict[str, str]]:
    return [{"Key": "RestoredTo", "Value": target}]


class Rds:
    """Instances by name, which are available at once."""

    def __init__(self) -> None:
        self.status = dict[str, str]()  # of those that are not
        self.tags = {NAMES.database: ""}
        self.calls = list[str]()
        self.before: dict[str, Callable[[], None]] = {}  # what another operator does before a call
        self.lost: set[str] = set()  # operations whose first answer is lost

    def get_paginator(self, _: str) -> Any:
        return SimpleNamespace(paginate=self._pages)

    def _pages(self) -> Iterator[Any]:
        def described(name: str, target: str) -> Any:
            tags = restored_to(target) if target else []
            return {
                "DBInstanceIdentifier": name,
                "DBInstanceStatus": self.status.get(name, "available"),
                "DBInstanceArn": name,
                "TagList": tags,
            }

        yield {"DBInstances": [described(*each) for each in self.tags.items()]}

    def _asked(self, operation: str, act: Callable[[], None]) -> None:
        self.before.pop(operation, lambda: None)()
        self.calls.append(operation)
        act()
        if operation in self.lost:
            self.lost.remove(operation)
            act()

    def restore_db_instance_from_db_snapshot(self, **asked: Any) -> None:
        self._asked("restore", lambda: self.make(asked["Tags"][0]["Value"]))

    def make(self, target: str) -> None:
        if NAMES.coming_database in self.tags:
            raise client_error("DBInstanceAlreadyExists")
        self.tags[NAMES.coming_database] = target

    def modify_db_instance(self, **asked: Any) -> None:
        name, new = asked["DBInstanceIdentifier"], asked.get("NewDBInstanceIdentifier", "")
        if new:
            self._asked(f"rename {name}", lambda: self.rename(name, new))
        else:
            self._asked(f"change {name}", lambda: None)

    def rename(self, old: str, new: str) -> None:
        if old not in self.tags:
            raise client_error("DBInstanceNotFound")
        self.tags[new] = self.tags.pop(old)

    def exchange(self) -> None:
        """All that the same command in another terminal does."""
        self.rename(NAMES.database, f"{NAMES.former_databases}20261126-000000")
        self.tags[f"{NAMES.former_databases}20261126-000000"] = MINE
        self.rename(NAMES.coming_database, NAMES.database)
        self.tags[NAMES.database] = ""

    def add_tags_to_resource(self, ResourceName: str, Tags: Any) -> None:  # noqa: N803 - boto3's names
        self.tags[ResourceName] = Tags[0]["Value"]

    def remove_tags_from_resource(self, ResourceName: str, TagKeys: Any) -> None:  # noqa: N803 - boto3's names
        self.tags[ResourceName] = ""


@pytest.fixture
def rds() -> Rds:
    return Rds()


@pytest.fixture
def aws(rds: Rds, monkeypatch: pytest.MonkeyPatch) -> Aws:
    monkeypatch.setattr(run, "busy_refusals", lambda *_: ())
    monkeypatch.setattr(run, "differences", lambda *_: {})
    monkeypatch.setattr(run, "months_password", lambda _: "secret")
    monkeypatch.setattr(run, "needs_reboot", lambda _: False)
    monkeypatch.setattr(run, "restore_options", lambda _, target, __: {"Tags": restored_to(target)})
    return aws_of(rds=rds, settings=SETTINGS, polling=Clock().polling())


def planned(databases: Databases) -> RestorePlan:
    return RestorePlan(
        target=Target(text=MINE),
        source=Source(snapshot=MINE),
        steps=("restore",),
        former=(),
        notes=(),
        refusals=(),
        databases=databases,
    )


def restored(aws: Aws) -> tuple[str, ...]:
    return tuple(it.name for it in Restore(aws, planned(read_databases(aws)), notify=lambda _: None).carry_out())


@pytest.mark.parametrize("when", ["before it is asked", "while it is asked"])
def test_another_operators_restore_is_not_gone_on_with(rds: Rds, aws: Aws, when: str) -> None:
    """Their rows would be served, and called those of this target."""
    work = Restore(aws, planned(read_databases(aws)), notify=lambda _: None)
    if when == "before it is asked":
        rds.make(OTHERS)
    else:
        rds.before["restore"] = lambda: rds.make(OTHERS)
    with pytest.raises(RefusedError, match=f"a restore to {OTHERS} has not ended"):
        work.carry_out()
    assert rds.tags == {NAMES.database: "", NAMES.coming_database: OTHERS}


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (Source(instance="db"), {"SourceDBInstanceIdentifier": "db"}),
        (Source(instance="db", resource="db-OLD"), {"SourceDbiResourceId": "db-OLD"}),
    ],
)
def test_a_moment_is_restored_from_the_instance_that_has_it(
    rds: Rds, aws: Aws, source: Source, asked: dict[str, str]
) -> None:
    """Of two of one name, which is not enough for one that was deleted."""
    calls: list[dict[str, Any]] = []

    def restore(**request: Any) -> None:
        calls.append(request)
        rds.make(request["Tags"][0]["Value"])

    rds.restore_db_instance_to_point_in_time = restore  # type: ignore[attr-defined]
    target = Target(text=MINE, moment=datetime(2026, 11, 26, tzinfo=UTC))
    plan = replace(planned(read_databases(aws)), source=source, target=target)
    Restore(aws, plan, notify=lambda _: None).carry_out()
    (call,) = calls
    assert {name: value for name, value in call.items() if name.startswith("Source")} == asked


@pytest.mark.parametrize("call", ["restore", f"rename {NAMES.database}", f"rename {NAMES.coming_database}"])
def test_a_call_whose_answer_is_lost_is_not_repeated_on_the_other_instance(rds: Rds, aws: Aws, call: str) -> None:
    rds.lost.add(call)
    (kept,) = restored(aws)
    assert rds.tags == {NAMES.database: "", kept: MINE}


def test_a_restore_that_another_operator_gives_up_is_said_to_be_given_up(rds: Rds, aws: Aws) -> None:
    def give_up() -> None:
        del rds.tags[NAMES.coming_database]

    rds.before[f"change {NAMES.coming_database}"] = give_up
    with pytest.raises(FailedError, match="another operator has given the restore to mine up"):
        restored(aws)


def test_an_exchange_by_another_terminal_is_not_waited_for(rds: Rds, aws: Aws) -> None:
    rds.before[f"change {NAMES.coming_database}"] = rds.exchange
    (kept,) = restored(aws)
    assert rds.tags == {NAMES.database: "", kept: MINE}


@pytest.mark.parametrize("call", [f"rename {NAMES.database}", f"rename {NAMES.coming_database}"])
def test_the_same_command_in_two_terminals_exchanges_once(rds: Rds, aws: Aws, call: str) -> None:
    """A second exchange would put the restored database aside, and leave none by the month's name."""

    def exchanges() -> None:
        rds.exchange()
        raise client_error("InvalidDBInstanceState")  # RDS changes one thing at a time

    first = call == f"rename {NAMES.database}"
    rds.before[call] = exchanges if first else lambda: rds.rename(NAMES.coming_database, NAMES.database)
    (kept,) = restored(aws)
    assert rds.tags == {NAMES.database: "", kept: MINE}


def test_what_another_has_begun_since_the_plan_stands_in_the_way(
    rds: Rds, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "busy_refusals", lambda *_: iter(["a release is running"]))
    with pytest.raises(RefusedError, match="a release is running"):
        restored(aws)
    assert rds.calls == []


def test_nothing_is_exchanged_in_a_month_that_is_about_to_end(
    rds: Rds, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack would delete neither of both, or the wrong one, while they have no name."""
    reasons = iter([[], ["StorageStack is DELETE_IN_PROGRESS"]])
    monkeypatch.setattr(run, "busy_refusals", lambda *_: next(reasons))
    with pytest.raises(FailedError, match="StorageStack is DELETE_IN_PROGRESS") as error:
        restored(aws)
    assert "Nothing is exchanged yet" in error.value.advice[-1]
    assert rds.tags == {NAMES.database: "", NAMES.coming_database: MINE}


@pytest.mark.parametrize("exchanged", [False, True])
def test_a_month_that_is_paused_meanwhile_is_not_waited_for_until_its_morning(
    rds: Rds, aws: Aws, exchanged: bool
) -> None:
    rds.make(MINE)
    if exchanged:
        rds.exchange()
        rds.tags[NAMES.database] = MINE  # which is taken away last
    rds.status[NAMES.database] = "stopped"
    with pytest.raises(FailedError, match=f"{NAMES.database} is stopped") as error:
        restored(aws)
    assert "`hannibal resume`" in error.value.advice[0]


def test_a_failed_database_is_replaced_when_an_administrator_has_deleted_it(
    rds: Rds, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    rds.status[NAMES.database] = "failed"
    with pytest.raises(FailedError, match="the copy is ready") as error:
        restored(aws)
    assert rds.tags == {NAMES.database: "", NAMES.coming_database: MINE}
    command = f"--db-instance-identifier {NAMES.database} --skip-final-snapshot --no-delete-automated-backups"
    assert f"`aws rds delete-db-instance {command}`" in "".join(error.value.advice)
    del rds.tags[NAMES.database], rds.status[NAMES.database]
    monkeypatch.setattr(run, "month_lasts", lambda *_: False)
    with pytest.raises(FailedError, match="the month ends"):
        restored(aws)
    monkeypatch.setattr(run, "month_lasts", lambda *_: True)
    assert restored(aws) == ()
    assert rds.tags == {NAMES.database: ""}
    assert rds.calls[-2:] == [f"change {NAMES.coming_database}", f"rename {NAMES.coming_database}"]
