"""The rules of task definitions for Fargate."""

from typing import Any

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs.definition_rules import check_task_definition, task_size


def _fargate(**change: Any) -> dict[str, Any]:
    container = {"name": "api", "image": "api:1", "portMappings": [{"containerPort": 80, "hostPort": 80}]}
    return {
        "family": "api",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "512",
        "memory": "1024",
        "containerDefinitions": [container | change.pop("container", {})],
        **change,
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cpu": ""}, "Fargate requires that 'cpu' be defined at the task level."),
        ({"memory": "1536"}, "No Fargate configuration exists for given values."),
        ({"cpu": "much"}, "No Fargate configuration exists for given values."),
        ({"family": "my api"}, "Family contains invalid characters."),
        ({"ephemeralStorage": {"sizeInGiB": 20}}, "EphemeralStorage must be between 21 and 200 GiB."),
        ({"containerDefinitions": []}, "A task definition has 1 to 10 containers, and not 0."),
        ({"container": {"name": "my api"}}, "Container.name contains invalid characters."),
        ({"container": {"image": ""}}, "Container.image should not be null or empty."),
        (
            {"container": {"portMappings": [{"containerPort": 70000}]}},
            "The containerPort 70000 is not between 0 and 65535.",
        ),
        ({"container": {"cpu": 1024}}, "The cpu of container api is greater than that of the task."),
        (
            {"container": {"dependsOn": [{"containerName": "api", "condition": "START"}]}},
            "Container api cannot depend on itself.",
        ),
        ({"container": {"privileged": True}}, "Fargate does not support privileged containers."),
        (
            {"container": {"portMappings": [{"containerPort": 80, "hostPort": 81}]}},
            "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
        ),
        (
            {"container": {"secrets": [{"name": "A", "valueFrom": "b"}]}},
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
        ),
        (
            {"container": {"image": "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/api:1"}},
            "Fargate requires task definition to have execution role ARN to support ECR images.",
        ),
        (
            {"container": {"dependsOn": [{"containerName": "files", "condition": "START"}]}},
            "Cannot depend on container + 'files' because it does not exist",
        ),
        (
            {"container": {"dependsOn": [{"containerName": "api", "condition": "SUCCESS"}]}},
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
        ),
        (
            {"container": {"dependsOn": [{"containerName": "api", "condition": "HEALTHY"}]}},
            "Container api must have a health check for a HEALTHY condition.",
        ),
        (
            {"containerDefinitions": [{"name": "api", "image": "a"}, {"name": "api", "image": "b"}]},
            "Container names must be unique: api.",
        ),
        ({"container": {"essential": False}}, "A task definition must have at least one essential container."),
        (
            {
                "executionRoleArn": "arn",
                "container": {
                    "environment": [{"name": "A", "value": "x"}],
                    "secrets": [{"name": "A", "valueFrom": "arn"}],
                },
            },
            (
                "The secret name must be unique and not shared with any new or existing environment variables set on "
                "the container, such as 'A'."
            ),
        ),
        (
            {
                "executionRoleArn": "arn",
                "container": {"secrets": [{"name": "A", "valueFrom": "a"}, {"name": "A", "valueFrom": "b"}]},
            },
            "Duplicate secret names found: A. Each secret name must be unique.",
        ),
        (
            {"container": {"healthCheck": {"command": ["curl", "-f"]}}},
            "The health check command must begin with CMD or CMD-SHELL.",
        ),
        (
            {"container": {"healthCheck": {"command": ["CMD", "a"], "interval": 1}}},
            "The health check interval must be between 5 and 300.",
        ),
        ({"container": {"mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]}}, "Unknown volume 'v'."),
        (
            {"container": {"stopTimeout": 121}},
            "The stopTimeout of container api must be at most 120 seconds on Fargate.",
        ),
        (
            {"container": {"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}}},
            "Fargate does not support adding the capabilities NET_ADMIN.",
        ),
        ({"container": {"memory": 2048}}, "The memory of container api is greater than that of the task."),
        (
            {"container": {"logConfiguration": {"logDriver": "json-file"}}},
            "Fargate does not support the log driver json-file.",
        ),
        (
            {"container": {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}}}},
            "Log driver awslogs requires option 'awslogs-region'.",
        ),
    ],
)
def test_a_task_definition_keeps_the_rules_of_fargate(change: dict[str, Any], message: str) -> None:
    check_task_definition(_fargate())
    with pytest.raises(Refusal) as refusal:
        check_task_definition(_fargate(**change))
    assert (refusal.value.code, refusal.value.message) == ("ClientException", message)


def test_a_size_may_have_units() -> None:
    assert task_size({"cpu": ".5 vCPU", "memory": "2GB"}) == {"cpu": "512", "memory": "2048"}
    assert task_size({"cpu": "512"}) == {}
