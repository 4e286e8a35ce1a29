"""What a release changes besides the image."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from installation.settings import Settings
from ops.errors import FailedError
from ops.release.configuration import deployed_revision, differences, require_deployed_revision
from tests.support.fakes import FakeAccount

PREFIX = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/"
DEFINITION: dict[str, Any] = {
    "family": "f",
    "cpu": "256",
    "volumes": [{"name": "scratch"}],
    "containerDefinitions": [
        {
            "name": "api",
            "image": "api:1",
            "essential": True,
            "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": ""}],
            "secrets": [{"name": "DATABASE_URL", "valueFrom": "arn:secret:url"}],
            "portMappings": [{"containerPort": 3000, "protocol": "tcp"}],
            "healthCheck": {"command": ["CMD", "true"], "retries": 3},
        },
        {"name": "certificates", "image": "tool:1", "essential": False},
    ],
}
Change = Callable[[dict[str, Any]], Any]


def found(change: Change) -> list[str]:
    after = copy.deepcopy(DEFINITION)
    change(after)
    listed = differences(DEFINITION, after, container="api")
    return [f"{each.what}: {each.before or 'new'} -> {each.after or 'gone'}" for each in listed]


def api(definition: dict[str, Any]) -> dict[str, Any]:
    container: dict[str, Any] = definition["containerDefinitions"][0]
    return container


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda it: it.update(tags=[{"key": "a", "value": "b"}], family="g"),
        lambda it: api(it).update(image="api:2"),
        lambda it: it["containerDefinitions"].reverse(),
        lambda it: api(it)["environment"].reverse(),
        lambda it: api(it).update(mountPoints=[], dnsServers=None),
    ],
)
def test_the_image_and_what_only_looks_different_is_left_out(change: Change) -> None:
    assert found(change) == []


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (lambda it: it.update(cpu="512"), ["cpu: 256 -> 512"]),
        (lambda it: api(it)["environment"][0].update(value="2"), ["api environment A: 1 -> 2"]),
        (lambda it: api(it)["environment"].pop(), ['api environment B: "" -> gone']),
        (
            lambda it: api(it)["secrets"].append({"name": "KEY", "valueFrom": "arn:parameter"}),
            ["api secrets KEY: new -> arn:parameter"],
        ),
        (lambda it: api(it)["healthCheck"].update(retries=5), ["api healthCheck retries: 3 -> 5"]),
        (
            lambda it: api(it)["healthCheck"].update(command=["CMD", "no"]),
            ['api healthCheck command: ["CMD", "true"] -> ["CMD", "no"]'],
        ),
        (
            lambda it: api(it)["portMappings"][0].update(protocol="udp"),
            ["api portMappings 3000 protocol: tcp -> udp"],
        ),
        (lambda it: it["containerDefinitions"][1].update(image="tool:2"), ["certificates image: tool:1 -> tool:2"]),
        (
            lambda it: it["containerDefinitions"].append({"name": "proxy", "image": "p:1"}),
            ["proxy image: new -> p:1"],
        ),
        (lambda it: it["volumes"].append({"name": "more"}), ["volumes more: new -> there"]),
    ],
)
def test_every_other_difference_is_named(change: Change, lines: list[str]) -> None:
    assert found(change) == lines


def test_the_deployed_revision_is_the_one_of_the_stack(account: FakeAccount, settings: Settings) -> None:
    project = settings.names
    aws = account.aws(settings)
    assert deployed_revision(aws) is None
    account.add_stack("ComputeStack")
    with pytest.raises(FailedError, match="has no task definition of the family nestjs-hannibal-3-api-task"):
        require_deployed_revision(aws)
    account.resources["ComputeStack"] = [
        {
            "LogicalResourceId": name,
            "PhysicalResourceId": f"{PREFIX}{name}:4",
            "ResourceType": "AWS::ECS::TaskDefinition",
            "ResourceStatus": "UPDATE_COMPLETE",
        }
        for name in ("another", project.task_family)
    ]
    assert require_deployed_revision(aws) == f"{PREFIX}{project.task_family}:4"
