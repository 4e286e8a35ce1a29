"""Which of a service's events are a warning, in ECS's words, and how the containers of a stopped task ended."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.doctor import tasks
from ops.doctor.causes import cause_of
from ops.doctor.tasks import lacks_withdrawn_secret, newest_warning
from ops.service.ecs_service import StoppedTask, read_stopped
from tests.support.fakes import NOW, FakeAccount

SERVICE = "(service nestjs-hannibal-3-api, taskSet ecs-svc/0123456789012345678)"


def warnings(*messages: str) -> list[str]:
    service: Any = {"events": [{"createdAt": NOW, "message": f"{SERVICE} {message}"} for message in messages]}
    return [one.text for one in newest_warning(service, NOW - timedelta(minutes=1))]


@pytest.mark.parametrize(
    "message",
    [
        "(port 3000) is unhealthy in (target-group arn:blue) due to (reason Health checks failed).",
        "was unable to place a task. Reason: Capacity is unavailable at this time.",
        "is unable to consistently start tasks successfully.",
        "was unable to stop or start tasks during a deployment because of the service deployment configuration.",
        "failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::1:role/x').",
        "(task 0123456789) failed container health checks.",
        "operations are being throttled on elb. Will try again later.",
    ],
)
def test_the_newest_warning_is_shown(message: str) -> None:
    (told,) = warnings("has started 1 tasks: (task 0123456789).", message, "(task 1) failed container health checks.")
    assert told == f"{SERVICE} {message}"


def test_a_warning_about_the_release_before_is_no_evidence() -> None:
    earlier = (
        "(service nestjs-hannibal-3-api, taskSet ecs-svc/1) (port 3000) is unhealthy: container health checks failed."
    )
    of_service = "(service nestjs-hannibal-3-api) was unable to place a task."
    events: Any = [{"createdAt": NOW, "message": message} for message in (earlier, of_service)]

    (told,) = newest_warning({"events": events}, NOW - timedelta(minutes=1), task_set="ecs-svc/2")

    assert told.text == of_service


def test_progress_messages_of_a_service_are_no_warning() -> None:
    assert not warnings(
        "has reached a steady state.",
        "has started 1 tasks: (task 0123456789).",
        "registered 1 targets in (target-group arn:blue)",
        "has begun draining connections on 1 tasks.",
        "deregistered 1 targets in (target-group arn:blue)",
        "has stopped 1 running tasks: (task 0123456789).",
        "updated state to STEADY_STATE.",
    )


@pytest.mark.parametrize(
    ("own", "sidecar", "cause"),
    [(0, 1, "sidecar-ends"), (0, 0, "container-ends"), (1, 143, "container-exits")],
)
def test_a_sidecar_that_fails_is_not_taken_for_an_api_that_ends(
    account: FakeAccount, settings: Settings, own: int, sidecar: int, cause: str
) -> None:
    """ECS then ends the API by SIGTERM, which it may answer with 0; where the API itself fails, the others get it."""
    name = settings.names.container
    task = {
        "taskArn": "arn:aws:ecs:ap-northeast-1:123456789012:task/cluster/0123",
        "group": f"service:{settings.names.service}",
        "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": NOW,
        "containers": [{"name": name, "exitCode": own}, {"name": "proxy", "exitCode": sidecar}],
    }
    account.tasks = [task]
    (found,) = read_stopped(account.aws(settings))
    assert cause_of(found).name == cause


JWT, LONGER = "arn:aws:ssm:r:1:parameter/p/secrets/jwt", "arn:aws:ssm:r:1:parameter/p/secrets/jwt2"
DENIED = "AccessDeniedException: not authorized to perform: ssm:GetParameters on resource: "


@pytest.mark.parametrize(
    ("words", "deployed", "revision", "lacks"),
    [
        (f"{DENIED}{JWT} because", [LONGER], "t:7", True),
        (f"{DENIED}{LONGER} because", [LONGER], "t:7", False),  # of which the other is the beginning
        (f"{DENIED}{JWT} because", [JWT, LONGER], "t:7", False),
        (DENIED, [LONGER], "t:7", True),
        (DENIED, [JWT, LONGER], "t:7", False),
        (f"{DENIED}{JWT} because", [LONGER], "t:6", False),  # of a release that was taken back
    ],
)
def test_a_secret_that_the_deployed_settings_name_no_longer_is_known(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, words: str, deployed: list[str], revision: str, lacks: bool
) -> None:
    def definition(_: object, name: str) -> Any:
        read = [JWT, LONGER] if name == "arn:t:7" else deployed
        return {"containerDefinitions": [{"name": "api", "secrets": [{"name": it, "valueFrom": it} for it in read]}]}

    serving = SimpleNamespace(revision=SimpleNamespace(arn="arn:t:7", name="t:7"))
    monkeypatch.setattr(tasks, "read_serving", lambda _: serving)
    monkeypatch.setattr(tasks, "deployed_revision", lambda _: "arn:t:8")
    monkeypatch.setattr(tasks, "read_definition", definition)
    stopped = StoppedTask(
        task_id="0123456789",
        task_set="ecs-svc/1",
        revision=revision,
        image="api:7",
        stopped=NOW,
        code="TaskFailedToStart",
        reason=words,
        container_reason="",
        exit_code=None,
    )
    assert lacks_withdrawn_secret(account.aws(), stopped) is lacks
