"""Scaling is held while a release shifts: whoever ends before CodeDeploy has one lets it go again."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import EndpointConnectionError

from installation.settings import Settings
from installation.settings.service import AutoscalingSettings
from ops.cli.commands import release as command
from ops.cli.console.screen import Console
from ops.cli.session import Session
from ops.errors import FailedError, OpsError, RefusedError, UnreachableError
from ops.release import plan as planning
from ops.service import autoscaling
from tests.support.aws import given
from tests.support.fake_clients import client_error

LOST = EndpointConnectionError(endpoint_url="https://aws")


class Target:
    """The scalable target behind its API."""

    def __init__(self, *, suspended: bool = False) -> None:
        self.suspended = suspended
        self.unreachable = False

    def describe_scalable_targets(self, **_: Any) -> Any:
        if self.unreachable:
            raise LOST
        state = dict.fromkeys(("DynamicScalingInSuspended", "DynamicScalingOutSuspended"), self.suspended)
        return {"ScalableTargets": [{"MinCapacity": 1, "MaxCapacity": 3, "SuspendedState": state}]}

    def describe_scaling_activities(self, **_: Any) -> Any:
        return {"ScalingActivities": []}

    def register_scalable_target(self, *, SuspendedState: Any, **_: Any) -> None:  # noqa: N803 - boto3's name
        self.suspended = SuspendedState["DynamicScalingOutSuspended"]


@pytest.fixture
def target() -> Target:
    return Target()


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Releases that CodeDeploy has."""
    found: list[str] = []
    monkeypatch.setattr(autoscaling, "running_deployments", lambda *_: tuple(found))
    return found


@pytest.fixture
def scaled(settings: Settings) -> Settings:
    scaling = AutoscalingSettings(least=1, most=3, cpu_percent=60)
    return settings.model_copy(update={"service": settings.service.model_copy(update={"autoscaling": scaling})})


@pytest.fixture
def aws(target: Target, scaled: Settings) -> Any:
    ecs = SimpleNamespace(deregister_task_definition=lambda **_: None)
    return given(SimpleNamespace(application_autoscaling=target, ecs=ecs, endpoint=None), scaled)


def test_a_closed_terminal_during_the_migration_leaves_no_revision(monkeypatch: pytest.MonkeyPatch, aws: Any) -> None:
    deregister = aws.ecs.deregister_task_definition = Mock(return_value={})
    monkeypatch.setattr(planning, "_check_after_migration", Mock(side_effect=SystemExit(129)))
    with pytest.raises(SystemExit):
        begin(monkeypatch, aws, None, migrate=("migrate",))
    deregister.assert_called_once_with(taskDefinition="arn:f:2")


@pytest.mark.usefixtures("running")
def test_a_release_that_comes_first_does_not_take_a_migration_back(monkeypatch: pytest.MonkeyPatch, aws: Any) -> None:
    """A refusal would say that nothing was changed."""
    monkeypatch.setattr(planning, "_check_after_migration", lambda *_: None)
    create = Mock(side_effect=RefusedError("another release came first: d-1", "Watch it"))
    with pytest.raises(FailedError, match=r"the migration has run, and its changes stay.*came first: d-1") as error:
        begin(monkeypatch, aws, create, migrate=("migrate",))
    assert error.value.advice == ("Watch it", "The next release runs the migration again.")


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("DeploymentGroupDoesNotExistException", FailedError, "CreateDeployment failed"),  # the month has ended
        ("ThrottlingException", FailedError, "AWS still limits the rate of CreateDeployment"),
        ("AccessDeniedException", UnreachableError, "these credentials may not do CreateDeployment"),
        ("ExpiredTokenException", UnreachableError, "the AWS credentials have expired"),
    ],
)
def test_what_aws_refuses_after_a_migration_does_not_hide_it(
    monkeypatch: pytest.MonkeyPatch, aws: Any, code: str, kind: type[OpsError], says: str
) -> None:
    deregister = aws.ecs.deregister_task_definition = Mock(return_value={})
    monkeypatch.setattr(planning, "_check_after_migration", lambda *_: None)
    create = Mock(side_effect=client_error(code, "no", "CreateDeployment"))
    with pytest.raises(kind, match=f"the migration has run, and its changes stay.*{says}"):
        begin(monkeypatch, aws, create, migrate=("migrate",))
    deregister.assert_called_once_with(taskDefinition="arn:f:2")


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("error", [LOST, client_error("ExpiredTokenException")])
def test_a_check_that_fails_after_a_migration_does_not_hide_it(
    monkeypatch: pytest.MonkeyPatch, aws: Any, error: Exception
) -> None:
    """Credentials may end while a migration runs."""
    deregister = aws.ecs.deregister_task_definition = Mock(return_value={})
    monkeypatch.setattr(planning, "_overtaken_refusals", Mock(side_effect=[(), error]))
    with pytest.raises(UnreachableError) as raised:
        begin(monkeypatch, aws, pytest.fail, migrate=("migrate",))
    assert "The migration has run, and its changes stay; nothing was released." in raised.value.advice
    deregister.assert_called_once_with(taskDefinition="arn:f:2")


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(
    "error",
    [
        LOST,
        client_error("InternalServerError", operation="CreateDeployment", status=500),
        client_error("ThrottlingException", operation="GetDeployment"),
    ],
)
def test_the_revision_of_a_deployment_that_may_have_begun_stays(
    monkeypatch: pytest.MonkeyPatch, aws: Any, error: Exception
) -> None:
    """ECS starts no task of a deregistered revision."""
    deregister = aws.ecs.deregister_task_definition = Mock(return_value={})
    monkeypatch.setattr(planning, "_check_after_migration", lambda *_: None)
    with pytest.raises(type(error)):
        begin(monkeypatch, aws, Mock(side_effect=error), migrate=("migrate",))
    deregister.assert_not_called()


@pytest.mark.usefixtures("running")
def test_the_revision_of_an_exercise_that_was_ended_stays(monkeypatch: pytest.MonkeyPatch, aws: Any) -> None:
    """CodeDeploy may have the deployment already, and ECS starts no task of a deregistered revision."""
    deregister = aws.ecs.deregister_task_definition = Mock(return_value={})
    with pytest.raises(SystemExit):
        begin(monkeypatch, aws, Mock(side_effect=SystemExit(143)))
    deregister.assert_not_called()


def begin(monkeypatch: pytest.MonkeyPatch, aws: Any, create: Any, migrate: tuple[str, ...] = ()) -> None:
    revision = SimpleNamespace(arn="arn:f:2", name="f:2")
    monkeypatch.setattr(planning, "read_databases", lambda _: SimpleNamespace(restoring=""))
    monkeypatch.setattr(planning, "busy_stack_refusals", lambda *_, **__: ())
    service = SimpleNamespace(desired=1, primary=SimpleNamespace(revision=revision))
    monkeypatch.setattr(planning, "read_definition", lambda *_: {"containerDefinitions": []})
    monkeypatch.setattr(planning, "migrate", lambda *_, **__: setattr(service, "desired", 0))  # a schedule pauses it
    monkeypatch.setattr(planning, "read_running_service", lambda *_: service)
    monkeypatch.setattr(planning, "register_revision", lambda *_, **__: revision)
    monkeypatch.setattr(planning, "create_deployment", create)
    plan: Any = SimpleNamespace(
        refusals=(),
        running=SimpleNamespace(container_port=80, revision=revision),
        image=SimpleNamespace(uri="api:2"),
        like="arn:f:1",
        migrate=migrate,
        mode=SimpleNamespace(configuration="all"),
        hook=None,
        watch_alarms=True,
        back=False,
        caller=SimpleNamespace(identity="me"),
    )
    planning.begin_release(aws, plan, show=lambda _: None)


@pytest.mark.parametrize("ends", [KeyboardInterrupt(), LOST, client_error("ThrottlingException"), RefusedError("no")])
def test_whatever_ends_a_release_before_it_began_lets_the_tasks_scale(
    monkeypatch: pytest.MonkeyPatch, aws: Any, target: Target, running: list[str], ends: BaseException
) -> None:
    def create(*_: Any) -> str:
        assert target.suspended
        raise ends

    with pytest.raises(type(ends)):
        begin(monkeypatch, aws, create)
    assert not target.suspended


def test_a_pause_that_begins_during_the_migration_keeps_the_release_from_beginning(
    monkeypatch: pytest.MonkeyPatch, aws: Any, target: Target, running: list[str]
) -> None:
    deregistered: list[str] = []
    aws.ecs.deregister_task_definition = lambda **named: deregistered.append(named["taskDefinition"])
    with pytest.raises(FailedError, match="the migration has run") as refused:
        begin(monkeypatch, aws, pytest.fail, migrate=("migrate",))
    assert "hannibal resume" in str(refused.value)
    assert deregistered == ["arn:f:2"]
    assert not target.suspended


def test_one_that_codedeploy_has_all_the_same_keeps_them_still(
    monkeypatch: pytest.MonkeyPatch, aws: Any, target: Target, running: list[str]
) -> None:
    def create(*_: Any) -> str:
        running.append("d-1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin(monkeypatch, aws, create)
    assert target.suspended


def test_a_network_that_stays_lost_hides_no_cause(
    monkeypatch: pytest.MonkeyPatch, aws: Any, target: Target, running: list[str]
) -> None:
    def create(*_: Any) -> str:
        target.unreachable = True
        raise client_error("ExpiredTokenException")

    with pytest.raises(Exception, match="ExpiredToken"):
        begin(monkeypatch, aws, create)


def pick_up(monkeypatch: pytest.MonkeyPatch, aws: Any) -> None:
    monkeypatch.setattr("ops.release.history.newest_deployment", lambda _: None)
    monkeypatch.setattr("ops.release.watch.complete_record", lambda _: False)
    monkeypatch.setattr(Session, "checked_caller", lambda _: None)
    command._pick_up(Session(aws=aws, console=Console(), json=False, dry_run=False, yes=True))


def test_wait_lets_the_tasks_scale_also_where_nothing_was_released_in_this_month(
    monkeypatch: pytest.MonkeyPatch, aws: Any, target: Target, running: list[str]
) -> None:
    """That is what `status` and the doctor advise after a command that was killed before CodeDeploy had a release."""
    target.suspended = True
    pick_up(monkeypatch, aws)
    assert not target.suspended
    with pytest.raises(RefusedError, match="nothing was released"):
        pick_up(monkeypatch, aws)


def test_one_direction_that_is_held_is_not_both(monkeypatch: pytest.MonkeyPatch, aws: Any, target: Target) -> None:
    """By hand one may be suspended alone; a release needs both still."""
    monkeypatch.setattr(autoscaling, "read_scaling", lambda _: SimpleNamespace(held=True))
    autoscaling.suspend_scaling(aws)
    assert target.suspended
