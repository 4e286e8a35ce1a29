"""When a restore is refused, and how far one has come."""

from typing import Any

import pytest

from installation.settings.file import load_settings
from ops.errors import RefusedError
from ops.month.restore import plan
from ops.month.restore.former_databases import orphaned_database_refusals, plan_former_deletion
from ops.month.restore.plan import plan_restore
from ops.month.restore.target import Source, parse_target
from ops.month.restore.trial import newest_restorable
from ops.month.stop import plan_stop
from ops.service.database_instances import read_databases
from tests.support.fakes import NOW, FakeAccount
from tests.support.synthesis import changed

SETTINGS = load_settings("dev")
NAMES = SETTINGS.names
TARGET = parse_target("2026-11-26T08:30Z")


@pytest.fixture(autouse=True)
def _month(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    account.add_month()
    account.database = {"DBInstanceStatus": "available"}
    monkeypatch.setattr(plan, "find_source", lambda *_: (Source(instance=NAMES.database), ()))


def other(name: str, restored_to: str = "", status: str = "available") -> dict[str, Any]:
    tags = [{"Key": "RestoredTo", "Value": restored_to}] if restored_to else []
    return {"DBInstanceIdentifier": name, "DBInstanceStatus": status, "TagList": tags}


def test_a_plan_has_each_step_and_its_effect_on_users(account: FakeAccount) -> None:
    found = plan_restore(account.aws(SETTINGS), TARGET)
    assert found.refusals == ()
    assert [step.partition(" ")[0] for step in found.steps] == ["restore", "rename", "rename"]
    assert "users get errors between the two renames" in found.notes[0]


def test_copies_in_another_region_do_not_follow(account: FakeAccount) -> None:
    """They belong to the instance, and CloudFormation does not see that it is another one."""
    key = "arn:aws:kms:ap-northeast-3:123456789012:key/00000000-0000-0000-0000-000000000000"
    copied = changed(SETTINGS, database={"backup_copy": {"region": "ap-northeast-3", "kms_key": key}})
    arn = f"arn:aws:rds:ap-northeast-1:123456789012:db:{NAMES.database}"
    account.database = {"DBInstanceStatus": "available", "DBInstanceArn": arn}
    (note,) = (it for it in plan_restore(account.aws(copied), TARGET).notes if "replication" in it)
    assert f"--region ap-northeast-3 --source-db-instance-arn {arn} --kms-key-id {key}" in note
    # Between the two renames only the coming one is there.
    coming = other(NAMES.coming_database, TARGET.text)
    account.database = None
    account.others = [coming | {"DBInstanceArn": arn.replace(NAMES.database, NAMES.coming_database)}]
    assert any(f"--source-db-instance-arn {arn} " in it for it in plan_restore(account.aws(copied), TARGET).notes)
    account.others = []
    assert not any("replication" in note for note in plan_restore(account.aws(SETTINGS), TARGET).notes)


@pytest.mark.parametrize("status", ["storage-optimization", "storage-initialization"])
def test_storage_that_is_optimized_or_filled_for_hours_is_no_reason_to_wait(account: FakeAccount, status: str) -> None:
    assert account.database is not None
    account.database["DBInstanceStatus"] = status
    assert plan_restore(account.aws(SETTINGS), TARGET).refusals == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda it: it.deployments.update({"d-1": "InProgress"}), "a release is running"),
        (lambda it: it.add_stack("ComputeStack", "UPDATE_IN_PROGRESS"), "ComputeStack is UPDATE_IN_PROGRESS"),
        (lambda it: it.database.update(DBInstanceStatus="backing-up"), "is backing-up"),
        # RDS says that it is available until the maintenance window comes, and the exchange would wait as long.
        (
            lambda it: it.database.update(PendingModifiedValues={"DBInstanceClass": "db.t4g.small"}),
            "DBInstanceClass of nestjs-hannibal-3-db is about to change, or waits for its maintenance window",
        ),
        (lambda it: setattr(it, "database", None), "the database is gone, though StorageStack is there"),
        (lambda it: it.stacks.pop("StorageStack"), "no month is running"),
        # A stop is between two stacks, of which neither is in progress now.
        (lambda it: it.stacks.pop("ComputeStack"), "ComputeStack is missing"),
    ],
)
def test_a_restore_is_refused_while_another_operation_runs(account: FakeAccount, change: Any, reason: str) -> None:
    change(account)
    (refusal,) = plan_restore(account.aws(SETTINGS), TARGET).refusals
    assert reason in refusal


def test_an_instance_that_a_person_has_called_so_is_not_taken_for_the_copy(account: FakeAccount) -> None:
    """Its rows would be served, and called those of the target; it would be deleted as a copy."""
    account.others = [other(NAMES.coming_database), other(NAMES.trial_database), other(f"{NAMES.database}-before-go")]
    (refusal,) = plan_restore(account.aws(SETTINGS), TARGET).refusals
    assert f"{NAMES.coming_database} exists, and lacks the tag RestoredTo" in refusal
    assert (plan_former_deletion(account.aws(SETTINGS)).copies, plan_former_deletion(account.aws(SETTINGS)).kept) == (
        (),
        (),
    )
    account.add_snapshot("newest")
    with pytest.raises(RefusedError, match=f"{NAMES.trial_database} exists, and lacks the tag RestoredTo"):
        newest_restorable(account.aws(SETTINGS))


def test_an_interrupted_restore_goes_on_and_another_one_is_refused(account: FakeAccount) -> None:
    account.others = [other(NAMES.coming_database, TARGET.text, "creating")]
    found = plan_restore(account.aws(SETTINGS), TARGET)
    assert found.steps[0].startswith(f"wait for {NAMES.coming_database}, which is creating")
    (refusal,) = plan_restore(account.aws(SETTINGS), parse_target("kept")).refusals
    assert f"a restore to {TARGET.text} has not ended" in refusal
    assert plan_former_deletion(account.aws(SETTINGS)).refusals == ()


def test_what_is_about_to_change_does_not_matter_to_a_database_that_rds_has_given_up(account: FakeAccount) -> None:
    """RDS modifies none, so nothing could end the wait; and the copy replaces it without a rename."""
    assert account.database is not None
    account.database |= {"DBInstanceStatus": "failed", "PendingModifiedValues": {"DBInstanceClass": "db.t4g.small"}}
    assert plan_restore(account.aws(SETTINGS), TARGET).refusals == ()


def test_a_restore_that_is_renaming_the_database_goes_on(account: FakeAccount) -> None:
    """For a moment RDS says that it is available, with the new name among what is about to change."""
    account.others = [other(NAMES.coming_database, TARGET.text)]
    assert account.database is not None
    account.database["PendingModifiedValues"] = {"DBInstanceIdentifier": f"{NAMES.former_databases}20261126-090000"}
    assert plan_restore(account.aws(SETTINGS), TARGET).refusals == ()


def test_between_the_renames_a_restore_goes_on_whatever_else_there_is(account: FakeAccount) -> None:
    account.database = None
    account.deployments = {"d-1": "InProgress"}
    account.others = [other(NAMES.coming_database, TARGET.text), other(f"{NAMES.former_databases}20261126-090000")]
    found = plan_restore(account.aws(SETTINGS), TARGET)
    assert found.refusals == ()
    assert found.steps == (f"rename {NAMES.coming_database} to {NAMES.database}: then users get answers again",)
    assert "between its two renames" in plan_former_deletion(account.aws(SETTINGS)).refusals[0]


def test_a_completed_restore_is_repeated_only_on_demand(account: FakeAccount) -> None:
    account.others = [other(f"{NAMES.former_databases}20261126-090000", TARGET.text)]
    assert plan_restore(account.aws(SETTINGS), TARGET).steps == ()
    assert len(plan_restore(account.aws(SETTINGS), TARGET, again=True).steps) == 3
    ((kept, snapshot),) = plan_former_deletion(account.aws(SETTINGS)).kept
    assert (kept.name, snapshot) == (f"{NAMES.former_databases}20261126-090000", f"{kept.name}-final")


@pytest.mark.parametrize("asked", [True, False])
def test_a_copy_is_not_given_up_while_the_databases_are_exchanged(account: FakeAccount, asked: bool) -> None:
    """The month would have no database: the first rename ends by itself, and nothing is left for the second."""
    assert account.database is not None
    account.others = [other(NAMES.coming_database, TARGET.text)]
    assert plan_former_deletion(account.aws(SETTINGS)).refusals == ()
    former = {"DBInstanceIdentifier": f"{NAMES.former_databases}20261126-090000"}
    account.database |= {"PendingModifiedValues": former} if asked else {"DBInstanceStatus": "renaming"}
    (refusal,) = plan_former_deletion(account.aws(SETTINGS)).refusals
    assert f"`hannibal restore --to {TARGET.text}`" in refusal


def test_a_stopped_former_database_is_started_before_its_deletion(account: FakeAccount) -> None:
    """As by whoever wants to pay less for it; RDS would refuse for hours to copy it."""
    name = f"{NAMES.former_databases}20261126-090000"
    account.others = [other(name, TARGET.text, "stopped")]
    for look in (plan_former_deletion, plan_stop):
        (refusal,) = look(account.aws(SETTINGS)).refusals
        assert f"aws rds start-db-instance --db-instance-identifier {name}" in refusal


def test_no_month_begins_beside_rows_that_a_restore_has_left(account: FakeAccount) -> None:
    account.others = [other(NAMES.coming_database, TARGET.text), other(f"{NAMES.former_databases}20261126-090000")]
    first, second = orphaned_database_refusals(read_databases(account.aws(SETTINGS)))
    assert f"`hannibal restore --to {TARGET.text}` first" in first
    assert "`hannibal restore --let-go` first" in second


@pytest.mark.parametrize("to", [TARGET.text, "by-hand"])
def test_databases_that_a_restore_has_left_are_deleted_after_the_month(account: FakeAccount, to: str) -> None:
    """Both began at the same moment. A copy of a moment holds rows that are nowhere else any more."""
    account.database = None
    del account.stacks["StorageStack"]
    account.others = [other(NAMES.coming_database, to) | {"InstanceCreateTime": NOW}]
    aws = account.aws(SETTINGS)
    (refusal,) = plan_restore(aws, parse_target(to)).refusals
    assert "`hannibal restore --let-go`" in refusal
    (orphaned,) = orphaned_database_refusals(read_databases(aws))
    assert "`hannibal restore --let-go` first" in orphaned
    plan = plan_former_deletion(aws)
    assert plan.refusals == ()
    if to == "by-hand":
        assert ([it.name for it in plan.copies], plan.kept) == ([NAMES.coming_database], ())
    else:
        ((kept, snapshot),) = plan.kept
        assert (kept.name, plan.copies) == (NAMES.coming_database, ())
        assert snapshot.startswith(f"{NAMES.coming_database}-final-20")


def test_a_copy_that_never_came_to_rows_leaves_no_snapshot(account: FakeAccount) -> None:
    """RDS makes none of it, and would be asked for hours; until it is gone no month begins."""
    account.database = None
    del account.stacks["StorageStack"]
    account.others = [other(NAMES.coming_database, TARGET.text, "incompatible-restore")]
    plan = plan_former_deletion(account.aws(SETTINGS))
    assert ([it.name for it in plan.copies], plan.kept) == ([NAMES.coming_database], ())


@pytest.mark.parametrize("status", ["failed", "incompatible-restore", "restore-error"])
def test_a_database_that_rds_gives_up_is_restored_beside_it(account: FakeAccount, status: str) -> None:
    """RDS's own advice (user guide, "DB instance status")."""
    account.database = {"DBInstanceStatus": status}
    found = plan_restore(account.aws(SETTINGS), TARGET)
    assert found.refusals == ()
    assert (
        f"an administrator deletes {NAMES.database}, which RDS does not rename while it is {status}" in found.steps[1]
    )


@pytest.mark.parametrize("status", ["storage-full", "incompatible-parameters", "inaccessible-encryption-credentials"])
def test_a_database_that_can_be_repaired_is_not_restored_beside(account: FakeAccount, status: str) -> None:
    account.database = {"DBInstanceStatus": status}
    (refusal,) = plan_restore(account.aws(SETTINGS), TARGET).refusals
    assert "`hannibal doctor database`" in refusal


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_when_the_failed_one_is_deleted_its_copy_takes_its_name(account: FakeAccount, status: str) -> None:
    """The month goes on: to let the copy go would leave it without rows."""
    account.add_stack("StorageStack", status)
    account.database = None
    account.others = [other(NAMES.coming_database, TARGET.text)]
    aws = account.aws(SETTINGS)
    found = plan_restore(aws, TARGET)
    assert found.refusals == ()
    assert found.steps == (f"rename {NAMES.coming_database} to {NAMES.database}: then users get answers again",)
    assert f"`hannibal restore --to {TARGET.text}`" in plan_former_deletion(aws).refusals[0]
    account.add_stack("StorageStack", "DELETE_IN_PROGRESS")
    assert "`hannibal restore --let-go`" in plan_restore(aws, TARGET).refusals[0]
