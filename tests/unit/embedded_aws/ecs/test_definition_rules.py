"""The rules of task definitions for Fargate."""

from typing import Any

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs.definition_rules import check_task_definition


def _fargate(**change: Any) -> dict[str, Any]:
    container = {"name": "api", "image": "api:1", "portMappings": [{"containerPort": 80, "hostPort": 80}]}
    return {
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
    ],
)
def test_a_task_definition_keeps_the_rules_of_fargate(change: dict[str, Any], message: str) -> None:
    check_task_definition(_fargate())
    with pytest.raises(Refusal) as refusal:
        check_task_definition(_fargate(**change))
    assert (refusal.value.code, refusal.value.message) == ("ClientException", message)
