"""The rules of task definitions for Fargate."""

from typing import Any

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs.definition_refusals import check_task_definition, task_size

ROLE = "arn:aws:iam::000000000000:role/execution"


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
        (
            {"container": {"cpu": 1024}},
            "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value",
        ),
        (
            {"container": {"dependsOn": [{"containerName": "api", "condition": "START"}]}},
            "Container api cannot depend on itself.",
        ),
        ({"container": {"links": ["b"]}}, "Links are not supported when networkMode=awsvpc"),
        ({"container": {"hostname": "a"}}, "hostname is not supported on container when networkMode=awsvpc"),
        (
            {"container": {"linuxParameters": {"sharedMemorySize": 64}}},
            "Fargate compatible task definitions do not support sharedMemorySize",
        ),
        (
            {"container": {"resourceRequirements": [{"type": "GPU", "value": "1"}]}},
            "Tasks using the Fargate launch type do not support GPU resource requirements",
        ),
        (
            {"volumes": [{"name": "v", "host": {"sourcePath": "/v"}}]},
            "Fargate compatible task definitions do not support sourcePath",
        ),
        (
            {"volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "task"}}]},
            "Fargate compatible task definitions do not support dockerVolumeConfiguration",
        ),
        (
            {"placementConstraints": [{"type": "memberOf", "expression": "a"}]},
            "Fargate compatible task definitions do not support constraints",
        ),
        (
            {"pidMode": "host"},
            (
                "Tasks using the Fargate launch type do not support pidMode 'host'. "
                "The supported value for pidMode is 'task'."
            ),
        ),
        ({"ipcMode": "task"}, "Tasks using the Fargate launch type do not support ipcMode."),
        (
            {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}},
            "No Fargate configuration exists for given values.",
        ),
        (
            {
                "containerDefinitions": [
                    {"name": name, "image": "a", "dependsOn": [{"containerName": other, "condition": "START"}]}
                    for name, other in (("a", "b"), ("b", "c"), ("c", "a"))
                ]
            },
            "Container dependencies should not have a cycle",
        ),
        ({"executionRoleArn": "execution"}, "Role is not valid"),
        ({"taskRoleArn": "arn:aws:iam::000000000000:user/api"}, "Role is not valid"),
        ({"taskRoleArn": ""}, "Role is not valid"),
        (
            {"container": {"repositoryCredentials": {"credentialsParameter": "a"}}},
            "Private repository authentication requires that the task definition specify a value for executionRoleArn.",
        ),
        (
            {
                "executionRoleArn": ROLE,
                "container": {
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": "g",
                            "awslogs-region": "r",
                            "awslogs-stream-prefix": "s",
                            "awslogs-endpoint": "e",
                        },
                    }
                },
            },
            "Log driver awslogs disallows options: awslogs-endpoint",
        ),
        ({"container": {"portMappings": [{"hostPort": 80}]}}, "A port mapping needs a containerPort."),
        (
            {"container": {"portMappings": [{"containerPort": 80, "name": "a"}, {"containerPort": 81, "name": "a"}]}},
            "The port mapping name a is already used",
        ),
        ({"container": {"privileged": True}}, "Fargate requires that the 'privileged' setting be 'false'"),
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
                "executionRoleArn": ROLE,
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
                "executionRoleArn": ROLE,
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
        ({"container": {"memory": 2048}}, "The 'memory' setting for container 'api' is greater than for the task."),
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


def test_a_number_stands_for_its_text_as_in_other_members() -> None:
    check_task_definition(_fargate(container={"image": 5}))
    check_task_definition(_fargate(container={"image": 5}, executionRoleArn=ROLE))


def test_a_size_may_have_units() -> None:
    assert task_size({"cpu": ".5 vCPU", "memory": "2GB"}) == {"cpu": "512", "memory": "2048"}
    assert task_size({"cpu": "512"}) == {}


def test_a_definition_of_more_than_64_kib_is_refused() -> None:
    with pytest.raises(Refusal, match=r"Actual length: '\d+'. Max allowed length is '65536' bytes."):
        check_task_definition(_fargate(container={"environment": [{"name": "A", "value": "x" * 65_536}]}))
