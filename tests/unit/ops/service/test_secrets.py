"""Values that Parameter Store takes, and which secrets are removed."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings.file import load_settings
from ops.aws.clients import Aws
from ops.errors import RefusedError, UnusableInputError
from ops.service.secrets import StoredSecret, plan_removal, remove, require_value
from tests.support.aws import aws_of
from tests.support.fake_clients import NotFoundError


def test_a_secret_that_is_gone_already_is_removed() -> None:
    asked = list[str]()

    def delete(Name: str) -> None:  # noqa: N803 - boto3's name
        asked.append(Name)
        raise NotFoundError

    ssm = SimpleNamespace(delete_parameter=delete, exceptions=SimpleNamespace(ParameterNotFound=NotFoundError))
    aws = aws_of(ssm=ssm)
    remove(aws, StoredSecret(name="jwt", version=1, changed=datetime.now(UTC), by="who"))
    assert asked == [aws.names.kept_secret("jwt")]


PATH = load_settings("dev").names.kept_secret("jwt")
ARN = f"arn:aws:ssm:ap-northeast-1:123456789012:parameter{PATH}"


def serving(**read_by: str) -> Aws:
    """The secret `jwt`, and a service with a task set for each revision; each reads another parameter."""
    sets = [{"taskDefinition": f"arn:aws:ecs:ap-northeast-1:123456789012:task-definition/{name}"} for name in read_by]

    def definition(taskDefinition: str) -> Any:  # noqa: N803 - boto3's name
        secret = {"name": "JWT_SECRET", "valueFrom": read_by[taskDefinition.rpartition("/")[2]]}
        containers = [{"name": "metrics"}, {"name": "api", "secrets": [secret]}]
        return {"taskDefinition": {"containerDefinitions": containers}}

    service = {"status": "ACTIVE", "taskSets": sets, "desiredCount": 0}
    ecs = SimpleNamespace(
        describe_services=lambda **_: {"services": [service] if sets else []}, describe_task_definition=definition
    )
    parameters = [{"Name": PATH, "LastModifiedDate": datetime(2026, 11, 1, tzinfo=UTC)}]
    ssm = SimpleNamespace(describe_parameters=lambda **_: {"Parameters": parameters})
    return aws_of(ecs=ecs, ssm=ssm)


@pytest.mark.parametrize("value", [ARN, PATH])
def test_what_running_tasks_read_is_not_removed(value: str) -> None:
    """The settings name it no longer, and nothing was released since: a task that ends could not start again."""
    with pytest.raises(RefusedError, match=r"^jwt is what tasks of api:7 get, and none") as refused:
        plan_removal(serving(**{"api:6": f"{ARN}-old", "api:7": value}), "jwt")
    assert "hannibal release --configuration" in refused.value.advice[0]


@pytest.mark.parametrize("read_by", [{}, {"api:7": f"{ARN}-old"}, {"api:7": "arn:aws:secretsmanager:x:1:secret:jwt"}])
def test_what_nothing_reads_is_removed(read_by: dict[str, str]) -> None:
    assert plan_removal(serving(**read_by), "jwt").name == "jwt"


def test_a_value_that_parameter_store_takes_for_a_reference_is_refused() -> None:
    with pytest.raises(UnusableInputError) as refused:
        require_value("Dear {{name}}, hunter2")
    assert "nothing was set" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert require_value('{"a":{"b":{}}}') == '{"a":{"b":{}}}'
