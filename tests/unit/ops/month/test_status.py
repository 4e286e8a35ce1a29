import pytest

from ops.month.status import month_state
from ops.service.ecs_service import Service, read_service
from ops.stacks.state import read_stacks
from tests.support.fakes import FakeAccount


def service(*, desired: int = 1, running: int = 1, pending: int = 0) -> Service:
    return Service(status="ACTIVE", desired=desired, running=running, pending=pending, task_sets=(), tasks=())


def word(account: FakeAccount, service: Service | None) -> str:
    return month_state(read_stacks(account.aws()), service, "available").phase


def test_a_running_month_is_healthy(account: FakeAccount) -> None:
    account.add_month()
    month = month_state(read_stacks(account.aws()), service(), "available")
    assert (month.phase, month.reasons, month.healthy) == ("running", (), True)


def test_paused_until_rds_starts_the_database_again(account: FakeAccount) -> None:
    account.add_month()
    stacks = read_stacks(account.aws())
    month = month_state(stacks, service(desired=0, running=0), "stopped")
    assert (month.phase, month.healthy) == ("paused", True)
    assert "`hannibal resume`" in month.reasons[0]
    spent = month_state(stacks, service(desired=0, running=0), "stopped", ("shop-ResumeTasks",))
    assert (spent.phase, "because the budget is spent" in spent.reasons[0]) == ("paused", True)
    resumed = month_state(stacks, service(), "available", ("shop-ResumeTasks",))
    assert (resumed.phase, resumed.reasons) == (
        "running",
        ("the schedules of the morning are disabled: `hannibal resume`",),
    )
    # After seven days: it costs money, and nobody uses it.
    month = month_state(stacks, service(desired=0, running=0), "available")
    assert (month.phase, "costs money" in month.reasons[0]) == ("running", True)
    assert "`hannibal resume`" in month.reasons[0]  # the same after a resume that was killed half-way
    month = month_state(stacks, service(desired=0, running=0), "starting")
    reason = "no tasks, and the database is starting: `hannibal resume` starts them, `hannibal pause` stops it again"
    assert (month.phase, month.reasons) == ("running", (reason,))
    month = month_state(stacks, service(desired=0, running=0), "storage-initialization")
    assert (month.phase, "costs money" in month.reasons[0]) == ("running", True)


@pytest.mark.parametrize(
    ("database", "advice"),
    [
        (None, "the database is gone, though its stack is there: `hannibal doctor database`"),
        ("storage-full", "the database is storage-full: `hannibal doctor database`"),
        ("deleting", "the database is deleting: `hannibal doctor database`"),
        ("stopped", "tasks should run, but the database is stopped: `hannibal resume`"),
        ("stopping", "tasks should run, but the database is stopping: `hannibal resume`"),
    ],
)
def test_a_month_whose_database_does_not_serve_is_broken(
    account: FakeAccount, database: str | None, advice: str
) -> None:
    account.add_month()
    month = month_state(read_stacks(account.aws()), service(), database)
    assert (month.phase, month.reasons) == ("broken", (advice,))


@pytest.mark.parametrize("database", ["backing-up", "modifying", "rebooting", "storage-optimization"])
def test_what_passes_by_itself_breaks_no_month(account: FakeAccount, database: str) -> None:
    account.add_month()
    assert month_state(read_stacks(account.aws()), service(), database).phase == "running"


def test_a_stopped_month_is_shown_as_stopped(account: FakeAccount) -> None:
    account.add_month()
    for name in ("StorageStack", "ComputeStack", "EdgeStack"):
        del account.stacks[name]
    month = month_state(read_stacks(account.aws()), None, "available")
    assert (month.phase, month.reasons) == ("stopped", ())


def test_an_edge_that_outlives_the_month_does_not_make_it_run(account: FakeAccount) -> None:
    account.add_month()
    for name in ("StorageStack", "ComputeStack"):
        del account.stacks[name]
    account.stacks["EdgeStack"]["Tags"].append({"Key": "Lifecycle", "Value": "persistent"})
    month = month_state(read_stacks(account.aws()), None, "available")
    assert (month.phase, month.reasons) == ("stopped", ())
    account.add_stack("StorageStack")
    account.add_stack("ComputeStack")
    assert month_state(read_stacks(account.aws()), service(), "available").reasons == ()


def test_an_empty_account_is_stopped_and_says_so(account: FakeAccount) -> None:
    month = month_state(read_stacks(account.aws()), None, "available")
    assert month.phase == "stopped"
    assert "nothing was deployed" in month.reasons[0]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREATE_IN_PROGRESS", "starting"),
        ("UPDATE_IN_PROGRESS", "starting"),
        ("REVIEW_IN_PROGRESS", "broken"),
        ("DELETE_IN_PROGRESS", "stopping"),
        ("ROLLBACK_COMPLETE", "broken"),
        ("UPDATE_ROLLBACK_FAILED", "broken"),
        ("UPDATE_ROLLBACK_COMPLETE", "running"),
    ],
)
def test_state_of_an_ephemeral_stack_decides(account: FakeAccount, status: str, expected: str) -> None:
    account.add_month()
    account.add_stack("StorageStack", status)
    assert word(account, service()) == expected


def test_a_failed_stack_is_named_with_who_knows_the_way_out(account: FakeAccount) -> None:
    account.add_stack("AuditStack", "UPDATE_ROLLBACK_FAILED")
    month = month_state(read_stacks(account.aws()), None, None)
    assert month.reasons == ("AuditStack is UPDATE_ROLLBACK_FAILED: `hannibal doctor stack`",)


def test_a_failed_persistent_stack_is_broken_though_the_month_is_stopped(account: FakeAccount) -> None:
    account.add_stack("AuditStack", "UPDATE_ROLLBACK_FAILED")
    assert word(account, None) == "broken"


def test_half_a_month_is_broken_and_names_the_way_out(account: FakeAccount) -> None:
    account.add_stack("StorageStack")
    month = month_state(read_stacks(account.aws()), None, "available")
    assert month.phase == "broken"
    assert "ComputeStack is missing: `hannibal start`" in month.reasons[0]
    account.add_month()
    del account.stacks["StorageStack"]
    assert month_state(read_stacks(account.aws()), None, None).reasons == (
        "StorageStack is missing: `hannibal stop` ends",
    )


def test_a_start_without_edge_runs_with_a_note(account: FakeAccount) -> None:
    account.add_month()
    del account.stacks["EdgeStack"]
    month = month_state(read_stacks(account.aws()), service(), "available")
    assert month.phase == "running"
    assert "EdgeStack is missing" in month.reasons[0]


def test_service_without_tasks_or_gone_is_broken(account: FakeAccount) -> None:
    account.add_month()
    assert word(account, service(running=0)) == "broken"
    assert word(account, None) == "broken"


def test_service_with_fewer_tasks_than_wanted_runs_with_a_note(account: FakeAccount) -> None:
    account.add_month()
    month = month_state(read_stacks(account.aws()), service(desired=2, running=1, pending=1), "available")
    assert month.phase == "running"
    assert "1 of 2 tasks run" in month.reasons[0]


def test_a_deleted_service_that_ecs_still_shows_is_none(account: FakeAccount) -> None:
    account.services = [{"status": "INACTIVE", "serviceName": "nestjs-hannibal-3-api-service"}]
    assert read_service(account.aws()) is None
