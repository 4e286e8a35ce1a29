"""Parts of the container service and the load balancer that need no server."""

import time
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from embedded_aws.core.faults import Fault, Faults
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecs.cloudformation import convert
from embedded_aws.ecs.definition_rules import check_task_definition
from embedded_aws.ecs.images import CannotPullError, digest_of, split
from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.health import matches
from embedded_aws.load_balancer.targets import TargetBoard, TargetKey


def test_a_template_becomes_a_request() -> None:
    model = ServiceModel(Loader().load_service_model("ecs", "service-2"), "ecs")
    shape = model.operation_model("RegisterTaskDefinition").input_shape
    assert shape is not None
    template = {
        "Family": "api",
        "Unknown": 1,
        "ContainerDefinitions": [
            {
                "Name": "api",
                "PortMappings": [{"ContainerPort": "3000"}],
                "ReadonlyRootFilesystem": "true",
                "Secrets": [{"Name": "DATABASE_URL", "ValueFrom": "arn"}],
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "/ecs/api", "Max": 4}},
                "DockerLabels": {"Team": "blue"},
            }
        ],
    }
    assert convert(template, shape) == {
        "family": "api",
        "containerDefinitions": [
            {
                "name": "api",
                "portMappings": [{"containerPort": 3000}],
                "readonlyRootFilesystem": True,
                "secrets": [{"name": "DATABASE_URL", "valueFrom": "arn"}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/api", "Max": "4"}},
                "dockerLabels": {"Team": "blue"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("node", ("node", None, None)),
        ("node:22", ("node", "22", None)),
        ("localhost:5000/api", ("localhost:5000/api", None, None)),
        ("localhost:5000/api:v1@sha256:ab", ("localhost:5000/api", "v1", "sha256:ab")),
        ("api@sha256:ab", ("api", None, "sha256:ab")),
    ],
)
def test_the_parts_of_an_image(image: str, parts: tuple[str, str | None, str | None]) -> None:
    assert split(image) == parts


def test_the_digest_of_an_image() -> None:
    faults = Faults()
    assert digest_of("api@sha256:ab", faults) == "sha256:ab"
    assert digest_of("api:1", faults) == digest_of("api:1", faults) != digest_of("api:2", faults)
    faults.order(Fault(kind="cannot_pull", pattern="api:*"))
    with pytest.raises(CannotPullError, match="api:1: not found"):
        digest_of("api:1", faults)
    faults.clear()
    assert digest_of("api:1", faults)


@pytest.mark.parametrize(
    ("matcher", "good", "bad"), [("200", 200, 204), ("200,302", 302, 301), ("200-299,404", 204, 300)]
)
def test_a_matcher_of_status_codes(matcher: str, good: int, bad: int) -> None:
    assert matches(good, matcher)
    assert not matches(bad, matcher)


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


GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/unit/1"


@pytest.fixture
def board() -> Any:
    """Two targets in a group that one listener uses."""
    emulator.target_groups[GROUP] = {"HealthyThresholdCount": 3, "UnhealthyThresholdCount": 2, "Port": 80}
    emulator.targets[GROUP] = [{"Id": "10.0.0.1", "Port": 80}, {"Id": "10.0.0.2", "Port": 80}]
    emulator.target_group_attributes[GROUP] = [{"Key": "deregistration_delay.timeout_seconds", "Value": "6"}]
    action = {"Type": "forward", "TargetGroupArn": GROUP}
    emulator.listeners["listener"] = {"LoadBalancerArn": "balancer", "DefaultActions": [action]}
    yield TargetBoard(clock_factor=60.0)
    for store in (emulator.target_groups, emulator.targets, emulator.target_group_attributes):
        store.pop(GROUP, None)
    emulator.listeners.pop("listener", None)


FIRST, SECOND = TargetKey(GROUP, "10.0.0.1", 80), TargetKey(GROUP, "10.0.0.2", 80)
FAILURE = ("Target.Timeout", "Request timed out")


def _state(board: TargetBoard, key: TargetKey) -> str:
    return dict(board.states(GROUP))[key].state


def test_a_new_target_serves_after_one_check_and_a_sick_one_after_its_threshold(board: TargetBoard) -> None:
    assert _state(board, FIRST) == "initial"
    board.record_check(FIRST, None)
    assert _state(board, FIRST) == "healthy"
    board.record_check(FIRST, FAILURE)
    assert _state(board, FIRST) == "healthy"
    board.record_check(FIRST, FAILURE)
    assert _state(board, FIRST) == "unhealthy"
    for expected in ("unhealthy", "unhealthy", "healthy"):
        board.record_check(FIRST, None)
        assert _state(board, FIRST) == expected


def test_a_program_that_starts_is_unhealthy_only_after_its_time(board: TargetBoard) -> None:
    """A fast clock checks a new target often; a program of an image does not start faster for it."""
    board.let_start(FIRST.address, seconds=3600)
    board.refresh()
    for key in (FIRST, SECOND):
        for _ in range(5):
            board.record_check(key, FAILURE)
    assert (_state(board, FIRST), _state(board, SECOND)) == ("initial", "unhealthy")
    board.record_check(FIRST, None)
    board.record_check(FIRST, FAILURE)
    board.record_check(FIRST, FAILURE)
    assert _state(board, FIRST) == "unhealthy", "it has started; what fails now counts"


def test_a_program_that_never_starts_is_unhealthy_in_the_end(board: TargetBoard) -> None:
    board.let_start(FIRST.address, seconds=0)
    board.refresh()
    board.record_check(FIRST, FAILURE)
    board.record_check(FIRST, FAILURE)
    assert _state(board, FIRST) == "unhealthy"


def _chosen(board: TargetBoard, count: int = 6) -> set[str]:
    chosen = set()
    for _ in range(count):
        with board.borrow(GROUP) as key:
            assert key is not None
            chosen.add(key.address)
    return chosen


def test_healthy_targets_are_chosen_and_all_where_none_is(board: TargetBoard) -> None:
    board.refresh()
    assert _chosen(board) == {"10.0.0.1", "10.0.0.2"}
    board.record_check(SECOND, None)
    assert _chosen(board) == {"10.0.0.2"}
    emulator.targets[GROUP] = []
    with board.borrow(GROUP) as key:
        assert key is None


def test_a_target_that_leaves_drains_and_keeps_its_requests(board: TargetBoard) -> None:
    board.refresh()
    emulator.targets[GROUP] = [{"Id": "10.0.0.1", "Port": 80}]
    with board.borrow(GROUP) as key:
        emulator.targets[GROUP] = []
        assert _state(board, FIRST) == "draining"
        assert key == FIRST
        assert not board.wait_until_idle("10.0.0.1", timeout_seconds=0.01)
    assert board.wait_until_idle("10.0.0.1", timeout_seconds=0.01)
    time.sleep(0.15)  # six seconds at sixty times the speed of life
    assert board.states(GROUP) == []
