"""A release's task definition: like the one that runs, but for its image."""

from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from installation.settings import Settings
from ops.errors import FailedError
from ops.release.revision import KEPT, deregister_old_revisions, register_revision
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error

FAMILY = "nestjs-hannibal-3-api-task"
PREFIX = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/"
# It adds them to what a stack creates, and refuses them from everybody else.
TAGS_OF_CLOUDFORMATION = [{"key": f"aws:cloudformation:{name}", "value": name} for name in ("stack-name", "logical-id")]


@pytest.fixture
def ecs() -> Any:
    return boto3.client("ecs", region_name="ap-northeast-1", aws_access_key_id="x", aws_secret_access_key="x")


def test_everything_but_the_image_and_the_tags_of_aws_is_taken_over(ecs: Any, settings: Settings) -> None:
    described = {
        "taskDefinitionArn": f"{PREFIX}{FAMILY}:7",
        "family": FAMILY,
        "revision": 7,
        "status": "ACTIVE",
        "registeredBy": "somebody",
        "requiresAttributes": [{"name": "com.amazonaws.ecs.capability.logging-driver.awslogs"}],
        "compatibilities": ["FARGATE"],
        "cpu": "256",
        "enableFaultInjection": False,
        "runtimePlatform": {"cpuArchitecture": "ARM64"},
        "containerDefinitions": [{"name": "api", "image": "old:1", "user": "1000"}, {"name": "helper", "image": "h:1"}],
    }
    expected = {
        "family": FAMILY,
        "cpu": "256",
        "enableFaultInjection": False,
        "runtimePlatform": {"cpuArchitecture": "ARM64"},
        "containerDefinitions": [{"name": "api", "image": "new:2", "user": "1000"}, {"name": "helper", "image": "h:1"}],
        "tags": [{"key": "Project", "value": "p"}],
    }
    with Stubber(ecs) as stub:
        stub.add_response(
            "describe_task_definition",
            {"taskDefinition": described, "tags": [{"key": "Project", "value": "p"}, *TAGS_OF_CLOUDFORMATION]},
            {"taskDefinition": f"{FAMILY}:7", "include": ["TAGS"]},
        )
        made = {"taskDefinition": {"taskDefinitionArn": f"{PREFIX}{FAMILY}:8"}}
        stub.add_response("register_task_definition", made, expected)
        revision = register_revision(aws_of(ecs=ecs, settings=settings), like=f"{FAMILY}:7", image="new:2")
    assert (revision.name, revision.image) == (f"{FAMILY}:8", "new:2")


def test_a_definition_without_the_container_is_of_another_system(ecs: Any, settings: Settings) -> None:
    with Stubber(ecs) as stub:
        foreign = {"taskDefinition": {"family": "x", "containerDefinitions": [{"name": "web", "image": "w:1"}]}}
        stub.add_response("describe_task_definition", foreign)
        with pytest.raises(FailedError, match="has no container api"):
            register_revision(aws_of(ecs=ecs, settings=settings), like="x:1", image="new:2")


@pytest.mark.parametrize(("throttled", "went"), [("", (5, 3, 2)), (f"{PREFIX}{FAMILY}:3", (5, 2))])
def test_old_revisions_go_but_for_those_in_use_and_the_stacks(
    settings: Settings, throttled: str, went: tuple[int, ...]
) -> None:
    """One that stays is no failure of the release, which has succeeded: its record is written."""
    arns = [f"{PREFIX}{FAMILY}:{number}" for number in range(15, 0, -1)]
    deregistered: list[str] = []

    def list_task_definitions(sort: str = "ASC", **_: Any) -> Any:
        yield {"taskDefinitionArns": [f"{PREFIX}{FAMILY}-other:99", *(arns if sort == "DESC" else arns[::-1])]}

    def resources(**_: Any) -> Any:
        resource = {
            "LogicalResourceId": "T",
            "PhysicalResourceId": arns[-1],
            "ResourceType": "t",
            "ResourceStatus": "CREATE_COMPLETE",
        }
        yield {"StackResourceSummaries": [resource]}

    def take_away(taskDefinition: str) -> None:  # noqa: N803 - boto3's name
        if taskDefinition == throttled:
            raise client_error("ThrottlingException")
        deregistered.append(taskDefinition)

    ecs = SimpleNamespace(
        get_paginator=lambda _: SimpleNamespace(paginate=list_task_definitions), deregister_task_definition=take_away
    )
    cloudformation = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=resources))
    names = deregister_old_revisions(
        aws_of(ecs=ecs, cloudformation=cast("Any", cloudformation), settings=settings), in_use=[f"{PREFIX}{FAMILY}:4"]
    )
    assert KEPT == 10
    assert names == tuple(f"{FAMILY}:{number}" for number in went)
    assert [arn.rpartition("/")[2] for arn in deregistered] == list(names)
