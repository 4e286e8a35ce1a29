"""Every reason for which a release is refused, with what to do about it."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.errors import FailedError, RefusedError
from ops.release import checks
from ops.release.one_off_command import plan_run
from ops.release.plan import _check_after_migration, begin_release
from ops.release.revision import Revision
from ops.release.task_sets import RunningService, RunningTaskSet
from ops.service.alarms import Alarm
from ops.service.deployments import RunningDeployment
from ops.service.traffic import TargetGroup
from tests.support.fakes import FakeAccount

PRIMARY = RunningTaskSet(
    primary=True,
    steady=True,
    colour="blue",
    revision=Revision(arn="arn:task:7", image="api:1"),
    container_port=3000,
    deployment_id="",
)
LIVE = RunningService(desired=2, running=2, task_sets=(PRIMARY,))


class Surroundings:
    """What the checks look at besides stack and service; as it is when nothing stands in the way."""

    def __init__(self, settings: Settings) -> None:
        self.names = settings.names
        self.deployments: list[RunningDeployment] = []
        self.in_alarm: list[str] = []
        self.production = {"blue": 100.0, "green": 0.0}

    def groups(self) -> tuple[TargetGroup, ...]:
        return tuple(
            TargetGroup(colour=colour, name=colour, production_percent=share, health={})
            for colour, share in self.production.items()
        )

    def alarms(self) -> tuple[Alarm, ...]:
        return tuple(Alarm(name=name, state="ALARM", reason="too much", since=None) for name in self.in_alarm)


@pytest.fixture
def around(account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    account.add_month()
    made = Surroundings(settings)
    watched = {settings.names.release_errors_alarm}
    monkeypatch.setattr("ops.service.deployments.running_deployments", lambda *_: made.deployments)
    monkeypatch.setattr(checks, "read_target_groups", lambda *_: made.groups())
    monkeypatch.setattr(checks, "read_alarms", lambda *_: made.alarms())
    monkeypatch.setattr(checks, "alarms_of_releases", lambda *_: watched)
    return made


def refusals(
    account: FakeAccount, settings: Settings, live: RunningService | None = LIVE, *, ignore_alarms: bool = False
) -> tuple[str, ...]:
    return checks.release_refusals(account.aws(settings), live, ignore_alarms=ignore_alarms)


@pytest.mark.usefixtures("around")
def test_nothing_is_in_the_way_of_a_steady_service(account: FakeAccount, settings: Settings) -> None:
    assert refusals(account, settings) == ()


@pytest.mark.usefixtures("around")
def test_without_a_month_there_is_nothing_to_release_into(account: FakeAccount, settings: Settings) -> None:
    del account.stacks["ComputeStack"]
    (refusal,) = refusals(account, settings, None)
    assert "no month is running" in refusal
    assert "`hannibal start`" in refusal


@pytest.mark.usefixtures("around")
def test_a_month_that_lost_its_service_is_not_called_stopped(account: FakeAccount, settings: Settings) -> None:
    (refusal,) = refusals(account, settings, None)
    assert refusal == "the service is gone, though ComputeStack is there: `hannibal doctor ecs`"
    (refusal,) = refusals(account, settings, RunningService(desired=1, running=0, task_sets=()))
    assert refusal.startswith("none of the service's task sets serves")


@pytest.mark.usefixtures("around")
@pytest.mark.parametrize("code", ["DeploymentGroupDoesNotExistException", "ApplicationDoesNotExistException"])
def test_a_deployment_group_that_was_deleted_by_hand(account: FakeAccount, settings: Settings, code: str) -> None:
    account.deployment_error = code
    with pytest.raises(RefusedError, match="the deployment group is gone, though ComputeStack is there"):
        refusals(account, settings, ignore_alarms=True)


@pytest.mark.usefixtures("around")
@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("UPDATE_IN_PROGRESS", "ComputeStack is UPDATE_IN_PROGRESS: wait until CloudFormation is done"),
        ("UPDATE_ROLLBACK_FAILED", "ComputeStack is UPDATE_ROLLBACK_FAILED (see its events): `hannibal doctor stack`"),
    ],
)
def test_a_stack_that_is_not_at_rest(account: FakeAccount, settings: Settings, status: str, says: str) -> None:
    account.add_stack("ComputeStack", status)
    with pytest.raises(RefusedError) as refused:
        refusals(account, settings)
    assert says in refused.value.problem


@pytest.mark.parametrize("live", [LIVE, RunningService(desired=1, running=0, task_sets=()), None])
def test_a_stack_that_is_being_deleted_is_the_only_reason(
    account: FakeAccount,
    settings: Settings,
    around: Surroundings,
    monkeypatch: pytest.MonkeyPatch,
    live: RunningService | None,
) -> None:
    """CodeDeploy's group goes before the service: whoever asks for it gets an error that says nothing of the end."""
    account.add_stack("ComputeStack", "DELETE_IN_PROGRESS")
    monkeypatch.setattr(checks, "alarms_of_releases", lambda *_: pytest.fail("asked for what is gone"))
    around.production = {}
    with pytest.raises(RefusedError) as refused:
        refusals(account, settings, live)
    assert refused.value.problem.startswith("ComputeStack is DELETE_IN_PROGRESS: wait")
    assert refused.value.advice == ()


def test_a_running_release_is_the_only_reason_for_traffic_on_both(
    account: FakeAccount, settings: Settings, around: Surroundings
) -> None:
    around.deployments = [RunningDeployment(deployment_id="d-1", status="InProgress", created=None, creator="user")]
    around.production = {"blue": 90.0, "green": 10.0}
    (refusal,) = refusals(account, settings)
    assert "d-1 is InProgress" in refusal
    assert "`hannibal rollback`" in refusal


@pytest.mark.usefixtures("around")
@pytest.mark.parametrize(
    ("change", "says"),
    [({"desired": 0, "running": 0}, "its desired count is 0"), ({"running": 1}, "not stable: 1 of 2 tasks run")],
)
def test_a_service_that_proves_nothing(
    account: FakeAccount, settings: Settings, change: dict[str, Any], says: str
) -> None:
    (refusal,) = refusals(account, settings, dataclasses.replace(LIVE, **change))
    assert says in refusal


@pytest.mark.usefixtures("around")
def test_tasks_that_crash_are_cured_by_an_image(account: FakeAccount, settings: Settings) -> None:
    """A rollback asks so, too: where all tasks crash after a release it is the way back."""
    assert refusals(account, settings, dataclasses.replace(LIVE, running=0), ignore_alarms=True) == ()
    paused = dataclasses.replace(LIVE, desired=0, running=0)
    assert len(refusals(account, settings, paused, ignore_alarms=True)) == 1


@pytest.mark.parametrize(
    ("production", "listed"),
    [({"blue": 0.0, "green": 100.0}, "blue 0 %, green 100 %"), ({}, "nowhere")],
)
def test_traffic_to_a_group_without_tasks_is_refused(
    account: FakeAccount, settings: Settings, around: Surroundings, production: dict[str, float], listed: str
) -> None:
    around.production = production
    (refusal,) = refusals(account, settings)
    assert f"production traffic goes to {listed}" in refusal
    assert "`hannibal doctor edge` says how" in refusal


def test_alarms_that_end_a_release_or_tell_of_load_keep_it_out(
    account: FakeAccount, settings: Settings, around: Surroundings
) -> None:
    names = settings.names
    around.in_alarm = [names.release_errors_alarm, names.cpu_alarm, names.root_use_alarm]
    found = refusals(account, settings)
    assert [alarm in refusal for alarm, refusal in zip(around.in_alarm, found, strict=False)] == [True, True]
    assert len(found) == 2
    assert all("--ignore-alarms" in refusal for refusal in found)
    assert refusals(account, settings, ignore_alarms=True) == ()


def test_a_restore_that_has_begun_since_the_plan_is_not_released_into(account: FakeAccount, settings: Settings) -> None:
    """A person has read the plan, a snapshot was waited for; the migration would change what is put aside."""
    coming = {"DBInstanceIdentifier": settings.names.coming_database, "DBInstanceStatus": "creating"}
    account.others = [coming | {"TagList": [{"Key": "RestoredTo", "Value": "by-hand"}]}]
    plan: Any = SimpleNamespace(refusals=(), running=PRIMARY, back=False)
    with pytest.raises(RefusedError, match="a restore to by-hand has not ended"):
        begin_release(account.aws(settings), plan, show=lambda _: None)


def test_nothing_is_run_while_the_database_is_exchanged(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it writes would be in the database that is put aside."""
    coming = {"DBInstanceIdentifier": settings.names.coming_database, "DBInstanceStatus": "creating"}
    account.others = [coming | {"TagList": [{"Key": "RestoredTo", "Value": "by-hand"}]}]
    monkeypatch.setattr("ops.release.one_off_command.read_serving", lambda _: PRIMARY)
    with pytest.raises(RefusedError, match="a restore to by-hand has not ended"):
        plan_run(account.aws(settings), ("true",), None)


def test_a_release_that_came_since_the_plan_is_not_replaced_by_it(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another operator's, while a person read the plan: it says what it replaces."""
    newer = dataclasses.replace(PRIMARY, revision=Revision(arn="arn:task:8", image="api:2"))
    services: list[RunningService | None] = [None, dataclasses.replace(LIVE, task_sets=(newer,))]
    monkeypatch.setattr("ops.release.plan.read_running_service", lambda _: services.pop())
    plan: Any = SimpleNamespace(refusals=(), running=PRIMARY, back=False)
    with pytest.raises(RefusedError, match=r"api:2.*serves now, and api:1.*did when this was planned"):
        begin_release(account.aws(settings), plan, show=lambda _: None)
    plan.back = True
    with pytest.raises(RefusedError, match=r"nothing serves now.* and roll back again"):
        begin_release(account.aws(settings), plan, show=lambda _: None)


def test_a_pause_that_has_begun_since_the_plan_is_not_released_into(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a task the release ends by an alarm, and the tasks that it starts are the only ones of a pause."""
    monkeypatch.setattr("ops.release.plan.read_running_service", lambda _: dataclasses.replace(LIVE, desired=0))
    plan: Any = SimpleNamespace(refusals=(), running=PRIMARY, back=False)
    with pytest.raises(RefusedError, match="hannibal resume"):
        begin_release(account.aws(settings), plan, show=lambda _: None)


STOPPING = "EdgeStack is DELETE_IN_PROGRESS"


def test_nothing_is_run_or_released_while_the_month_ends(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, around: Surroundings
) -> None:
    """ECS deletes no cluster in which a task runs, and the pages go first: the service is there for minutes."""
    account.add_stack("EdgeStack", "DELETE_IN_PROGRESS")
    monkeypatch.setattr("ops.release.one_off_command.read_serving", lambda _: PRIMARY)
    with pytest.raises(RefusedError, match=STOPPING):
        plan_run(account.aws(settings), ("true",), None)
    with pytest.raises(RefusedError, match=STOPPING):
        refusals(account, settings)
    plan: Any = SimpleNamespace(refusals=(), running=PRIMARY, back=False)
    with pytest.raises(RefusedError, match=STOPPING):  # begun while a person read the plan
        begin_release(account.aws(settings), plan, show=lambda _: None)


def test_nothing_is_released_where_the_month_ends_during_the_migration(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CodeDeploy would deploy to a service that is being deleted, and keep its stack from being deleted."""
    account.add_stack("EdgeStack", "DELETE_IN_PROGRESS")
    monkeypatch.setattr("ops.release.plan.read_running_service", lambda _: LIVE)
    plan: Any = SimpleNamespace(running=PRIMARY, back=False)
    with pytest.raises(FailedError, match=f"the migration has run.*nothing was released: {STOPPING}"):
        _check_after_migration(account.aws(settings), plan)


@pytest.mark.parametrize(
    ("status", "advice"),
    [("stopped", "hannibal resume"), ("starting", "aws rds wait db-instance-available"), ("failed", "hannibal doctor")],
)
def test_nothing_is_run_beside_a_database_that_nobody_reaches(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, status: str, advice: str
) -> None:
    account.add_month()
    account.database = {"DBInstanceStatus": status}
    monkeypatch.setattr("ops.release.one_off_command.read_serving", lambda _: PRIMARY)
    monkeypatch.setattr("ops.release.one_off_command.resolve_image", lambda *_: None)
    with pytest.raises(RefusedError, match=f"is {status}, .*{advice}"):
        plan_run(account.aws(settings), ("true",), None)
    # What reads a restored copy needs none.
    assert plan_run(account.aws(settings), ("true",), None, needs_database=False).running == PRIMARY


@pytest.mark.parametrize("status", ["available", "backing-up", "modifying", "storage-full"])
def test_a_database_that_may_serve_is_no_obstacle(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    account.add_month()
    account.database = {"DBInstanceStatus": status}
    monkeypatch.setattr("ops.release.one_off_command.read_serving", lambda _: PRIMARY)
    monkeypatch.setattr("ops.release.one_off_command.resolve_image", lambda *_: None)
    assert plan_run(account.aws(settings), ("true",), None).running == PRIMARY
