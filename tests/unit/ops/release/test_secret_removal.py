"""A secret is removed only when no task needs it; also one that another operator has removed meanwhile."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings.file import load_settings
from ops.aws.clients import Aws
from ops.errors import RefusedError
from ops.release import secret_removal
from ops.release.secret_removal import plan_removal, remove
from ops.service.secrets import StoredSecret
from tests.support.aws import aws_of
from tests.support.boto_model import service_model
from tests.support.fake_clients import NotFoundError
from tests.support.synthesis import changed

SETTINGS = load_settings("dev")
PATH = SETTINGS.names.kept_secret("jwt")
ARN = f"arn:aws:ssm:ap-northeast-1:123456789012:parameter{PATH}"
DEFINITION = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/"


class Running:
    """The secret `jwt`, and a service of versions whose tasks get a value each."""

    meta = SimpleNamespace(service_model=service_model("ecs"))

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.values = {"api:7": f"{ARN}-old"}
        self.deployed: str | None = "api:7"
        self.serving: tuple[str, ...] | None = ("api:7",)
        self.status, self.desired, self.secrets = "ACTIVE", 1, dict[str, Any]()
        monkeypatch.setattr(secret_removal, "deployed_revision", lambda _: self.deployed and DEFINITION + self.deployed)

    def describe_services(self, **_: Any) -> Any:
        sets = [
            {"taskDefinition": DEFINITION + name, "status": "ACTIVE" if number else "PRIMARY"}
            for number, name in enumerate(self.serving or ())
        ]
        service = {"status": self.status, "desiredCount": self.desired, "taskSets": sets}
        return {"services": [] if self.serving is None else [service]}

    def describe_task_definition(self, taskDefinition: str) -> Any:  # noqa: N803 - boto3's name
        secret = {"name": "JWT_SECRET", "valueFrom": self.values[taskDefinition.removeprefix(DEFINITION)]}
        containers = [{"name": "metrics"}, {"name": "api", "image": "api", "secrets": [secret]}]
        return {"taskDefinition": {"taskDefinitionArn": taskDefinition, "containerDefinitions": containers}}

    @property
    def aws(self) -> Aws:
        parameters = [{"Name": PATH, "LastModifiedDate": datetime(2026, 11, 1, tzinfo=UTC)}]
        ssm = SimpleNamespace(describe_parameters=lambda **_: {"Parameters": parameters})
        return aws_of(ecs=self, ssm=ssm, settings=changed(SETTINGS, service={"secrets": self.secrets}))


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    return Running(monkeypatch)


def refusal(running: Running) -> str:
    with pytest.raises(RefusedError, match=r"^jwt is what") as refused:
        plan_removal(running.aws, "jwt")
    return f"{refused.value} {' '.join(refused.value.advice)}"


@pytest.mark.parametrize("source", [{"kept": "jwt"}, {"parameter": PATH}])
@pytest.mark.parametrize(("serving", "desired"), [(None, 1), (("api:7",), 1), (("api:7",), 0)])
def test_what_the_settings_name_is_not_removed(
    running: Running, source: dict[str, str], serving: tuple[str, ...] | None, desired: int
) -> None:
    running.secrets, running.serving, running.desired = {"JWT_SECRET": source}, serving, desired
    said = refusal(running)
    assert "JWT_SECRET of the container api" in said
    assert ("`hannibal resume` first. Take it out" in said) is (desired == 0)


@pytest.mark.parametrize("value", [ARN, PATH])
@pytest.mark.parametrize("desired", [1, 0])
def test_what_deployed_settings_name_is_not_removed(running: Running, value: str, desired: int) -> None:
    """Another version may serve, after a rollback: the next release ships what is deployed."""
    running.values |= {"api:8": value}
    running.deployed, running.desired = "api:8", desired
    said = refusal(running)
    assert "tasks of api:8 get" in said
    assert ("`hannibal resume` first. Deploy" in said) is (desired == 0)
    assert "Deploy settings that do not name it, and at once `hannibal release --configuration`." in said


@pytest.mark.parametrize("desired", [1, 0])
def test_what_running_tasks_get_is_not_removed(running: Running, desired: int) -> None:
    """The deployed settings name it no longer, and nothing was released since: a task that ends starts no more."""
    running.values |= {"api:6": ARN}
    running.serving, running.desired = ("api:6",), desired
    said = refusal(running)
    assert "tasks of api:6 get" in said
    assert ("After `hannibal resume` has begun: " in said) is (desired == 0)
    assert "`hannibal release --configuration --ignore-alarms`" in said
    assert said.endswith("Remove it when the earlier tasks have ended.")


def test_what_only_an_ending_version_gets_is_waited_for(running: Running) -> None:
    """The release that was advised has begun, and nothing is left to do but to wait."""
    running.values |= {"api:6": ARN}
    running.serving = ("api:7", "api:6")
    said = refusal(running)
    assert "tasks of api:6 get" in said
    assert said.endswith("without it Remove it when the earlier tasks have ended.")


@pytest.mark.parametrize("value", [f"{ARN}-old", "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:jwt"])
def test_what_no_task_gets_is_removed(running: Running, value: str) -> None:
    running.values["api:7"] = value
    assert plan_removal(running.aws, "jwt").name == "jwt"


@pytest.mark.parametrize(("serving", "status"), [(None, "ACTIVE"), (("api:7",), "DRAINING")])
def test_between_two_months_no_task_gets_any(running: Running, serving: tuple[str, ...] | None, status: str) -> None:
    running.values["api:7"] = ARN
    running.serving, running.status = serving, status
    assert plan_removal(running.aws, "jwt").name == "jwt"


def test_a_secret_that_is_gone_already_is_removed() -> None:
    asked = list[str]()

    def delete(Name: str) -> None:  # noqa: N803 - boto3's name
        asked.append(Name)
        raise NotFoundError

    ssm = SimpleNamespace(delete_parameter=delete, exceptions=SimpleNamespace(ParameterNotFound=NotFoundError))
    remove(aws_of(ssm=ssm), StoredSecret(name="jwt", version=1, changed=datetime.now(UTC), by="who"))
    assert asked == [PATH]
