"""Services that serve: tasks, their logs and health, what goes wrong, and what ECS refuses."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3

from tests.support.embedded.running_service import (
    BLUE_IMAGE,
    PORT,
    STARTS_TASKS,
    RunningService,
    client_error,
    control,
    document,
    get,
)
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded
SECRET = "arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:no-such-secret-AbCdEf"
RETRIEVAL = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    server = EmbeddedAws(tmp_path_factory.mktemp("ecs"), options=("--clock-factor", "60"))
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def service(server: EmbeddedAws) -> RunningService:
    service = RunningService(server, "shop", desired_count=2)
    service.wait_until_steady()
    return service


@pytest.fixture
def faults(server: EmbeddedAws) -> Iterator[Callable[..., Any]]:
    yield lambda **fault: control(server, "POST", "faults", fault)
    control(server, "DELETE", "faults")


def test_a_service_runs_its_tasks(service: RunningService) -> None:
    described = service.describe()
    assert (described["runningCount"], described["pendingCount"], described["deployments"]) == (2, 0, [])
    (task_set,) = described["taskSets"]
    assert (task_set["status"], task_set["stabilityStatus"], task_set["runningCount"]) == ("PRIMARY", "STEADY_STATE", 2)
    assert described["events"][0]["message"] == "(service shop) has reached a steady state."


def test_tasks_are_spread_over_the_zones(service: RunningService) -> None:
    assert {task["availabilityZone"] for task in service.tasks()} == {"ap-northeast-1a", "ap-northeast-1c"}


def test_a_task_looks_like_a_fargate_task(service: RunningService) -> None:
    task = service.tasks()[0]
    (container,) = task["containers"]
    assert (task["lastStatus"], task["launchType"], task["healthStatus"]) == ("RUNNING", "FARGATE", "HEALTHY")
    assert task["startedBy"] == service.describe()["taskSets"][0]["id"]
    assert "stopCode" not in task
    assert "containerInstanceArn" not in task
    details = {detail["name"]: detail["value"] for detail in task["attachments"][0]["details"]}
    assert details["subnetId"] in service.subnets
    assert details["privateIPv4Address"].startswith("10.42.")
    assert container["networkInterfaces"][0]["privateIpv4Address"] == details["privateIPv4Address"]
    assert container["imageDigest"].startswith("sha256:")
    assert (container["image"], container["healthStatus"]) == (BLUE_IMAGE, "HEALTHY")


def test_every_task_answers_with_its_image_and_itself(service: RunningService) -> None:
    answers = [get(service.url())[1] for _ in range(6)]
    assert {answer["image"] for answer in answers} == {BLUE_IMAGE}
    assert {answer["task"] for answer in answers} == {task["taskArn"].split("/")[-1] for task in service.tasks()}
    assert {answer["rows"] for answer in answers} == {"n/a"}


def test_a_task_that_was_started_without_sessions_takes_none(service: RunningService) -> None:
    task, reason = service.tasks()[0], "execute command was not enabled when the task was run"
    with pytest.raises(service.ecs.exceptions.InvalidParameterException, match=reason):
        service.ecs.execute_command(cluster=task["clusterArn"], task=task["taskArn"], command="sh", interactive=True)


def test_requests_are_lines_in_the_log_of_the_task(service: RunningService) -> None:
    get(f"{service.url()}/orders/17?full=1")
    wait_for(lambda: any("GET /orders/17?full=1 200" in line for line in service.log_lines()))
    streams = service.logs.describe_log_streams(logGroupName="/ecs/shop")["logStreams"]
    ids = {task["taskArn"].split("/")[-1] for task in service.tasks()}
    assert {f"api/api/{identifier}" for identifier in ids} <= {stream["logStreamName"] for stream in streams}
    assert any(line.startswith(f"started {BLUE_IMAGE}") for line in service.log_lines())
    assert not any("/health" in line for line in service.log_lines())


def test_a_stopped_task_is_replaced_and_says_why_it_stopped(service: RunningService) -> None:
    before = {task["taskArn"] for task in service.tasks()}
    victim = min(before)
    service.ecs.stop_task(cluster="shop", task=victim, reason="a test ended it")
    wait_for(lambda: len({task["taskArn"] for task in service.tasks()} - {victim}) == 2)
    service.wait_until_steady()
    wait_for(lambda: bool(_task(service, victim)["lastStatus"] == "STOPPED"))
    stopped = _task(service, victim)
    assert (stopped["lastStatus"], stopped["stopCode"]) == ("STOPPED", "UserInitiated")
    assert stopped["stoppedReason"] == "a test ended it"
    assert stopped["attachments"][0]["status"] == "DELETED"


def test_the_desired_count_may_change(service: RunningService) -> None:
    service.ecs.update_service(cluster="shop", service="shop", desiredCount=3)
    wait_for(lambda: len(service.tasks()) == 3)
    service.ecs.update_service(cluster="shop", service="shop", desiredCount=2)
    wait_for(lambda: len(service.tasks()) == 2)
    service.wait_until_steady()
    assert any("has stopped 1 running tasks" in event["message"] for event in service.describe()["events"])


def _run(service: RunningService, image: str, **container: Any) -> str:
    """Run one task outside the service and wait for its end."""
    definition = service.register(image, **container)
    network = {"awsvpcConfiguration": {"subnets": service.subnets}}
    arn: str = service.ecs.run_task(
        cluster="shop", taskDefinition=definition, launchType="FARGATE", networkConfiguration=network
    )["tasks"][0]["taskArn"]
    wait_for(lambda: bool(_task(service, arn)["lastStatus"] == "STOPPED"))
    return arn


def _task(service: RunningService, arn: str) -> Any:
    return service.ecs.describe_tasks(cluster="shop", tasks=[arn])["tasks"][0]


def test_a_secret_that_does_not_exist_stops_the_task(service: RunningService) -> None:
    task = _task(service, _run(service, BLUE_IMAGE, secrets=[{"name": "DATABASE_URL", "valueFrom": SECRET}]))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"] == (
        f"{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch "
        f"secret {SECRET} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the "
        "specified secret."
    )


def test_a_key_that_a_secret_lacks_stops_the_task(service: RunningService) -> None:
    client = service.server.session().client("secretsmanager")
    arn = client.create_secret(Name="shop-mail", SecretString='{"user": "x"}')["ARN"]
    task = _task(service, _run(service, BLUE_IMAGE, secrets=[{"name": "MAIL", "valueFrom": f"{arn}:password::"}]))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"] == (
        f"{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret "
        "from Secrets Manager did not contain json key password"
    )


def test_iam_compares_the_whole_arn_of_a_secret_that_is_given_by_its_name(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = service.server.session()
    session.client("secretsmanager").create_secret(Name="shop/by-name", SecretString='{"user": "x"}')
    role = service.create_execution_role("by-name", *(set(STARTS_TASKS) - {"secretsmanager:GetSecretValue"}))
    arn = "arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:shop/by-name"
    may = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": f"{arn}-??????"}
    session.client("iam").put_role_policy(
        RoleName="by-name-execution", PolicyName="secret", PolicyDocument=document(may)
    )
    monkeypatch.setattr(service, "execution_role", role)
    task = _task(service, _run(service, BLUE_IMAGE, secrets=[{"name": "MAIL", "valueFrom": f"{arn}:password::"}]))
    assert task["stoppedReason"].endswith("did not contain json key password")  # it was read


OWN_IMAGE = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/shop:1"


def _not_allowed(action: str, resource: str) -> str:
    return (
        "AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role/ROLE/TASK is not authorized to perform: "
        f"{action} on resource: {resource} because no identity-based policy allows the {action} action"
    )


_RETRIED = "service call has been retried 1 time(s): "
_PARAMETER = "arn:aws:ssm:ap-northeast-1:000000000000:parameter/shop/mail"
_STREAM = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/shop:log-stream:api/api/TASK"
_REGISTRY = OWN_IMAGE.partition("/")[0]
# What the role lacks, the container's image and secret, and why its task stops.
_LACKING = {
    "secretsmanager:GetSecretValue": (
        BLUE_IMAGE,
        SECRET,
        f"{RETRIEVAL}unable to retrieve secret from asm: {_RETRIED}failed to fetch secret {SECRET} from "
        "secrets manager: " + _not_allowed("secretsmanager:GetSecretValue", SECRET),
    ),
    "ssm:GetParameters": (
        BLUE_IMAGE,
        "/shop/mail",
        f"{RETRIEVAL}unable to retrieve secrets from ssm: {_RETRIED}" + _not_allowed("ssm:GetParameters", _PARAMETER),
    ),
    "ecr:GetAuthorizationToken": (
        OWN_IMAGE,
        None,
        f"{RETRIEVAL}unable to retrieve ecr registry auth: {_RETRIED}" + _not_allowed("ecr:GetAuthorizationToken", "*"),
    ),
    "ecr:BatchGetImage": (
        OWN_IMAGE,
        None,
        (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
            f"{OWN_IMAGE}: pulling from host {_REGISTRY} failed with status code [manifests 1]: 403 Forbidden"
        ),
    ),
    "logs:CreateLogStream": (
        BLUE_IMAGE,
        None,
        (
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
            f"failed to create Cloudwatch log stream: {_not_allowed('logs:CreateLogStream', _STREAM)} : exit status 1"
        ),
    ),
}


@pytest.mark.parametrize("lacks", _LACKING)
def test_an_execution_role_that_lacks_a_permission_stops_the_task(
    service: RunningService, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    image, secret, reason = _LACKING[lacks]
    name = f"lacks-{lacks.partition(':')[2]}"
    role = service.create_execution_role(name, *(action for action in STARTS_TASKS if action != lacks))
    monkeypatch.setattr(service, "execution_role", role)
    secrets = [{"name": "SECRET", "valueFrom": secret}] if secret else []
    arn = _run(service, image, secrets=secrets)
    task = _task(service, arn)
    assert task["stopCode"] == "TaskFailedToStart"
    identifier = arn.rpartition("/")[2]
    assert task["stoppedReason"].replace(identifier, "TASK") == reason.replace("ROLE", f"{name}-execution")


def test_a_role_that_nobody_made_starts_no_task(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "execution_role", "arn:aws:iam::000000000000:role/nobody")
    reason = _task(service, _run(service, BLUE_IMAGE))["stoppedReason"]
    assert "ECS was unable to assume the role 'arn:aws:iam::000000000000:role/nobody'" in reason


def test_an_image_that_the_own_registry_lacks_stops_the_task(service: RunningService) -> None:
    image = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/shop:missing"
    task = _task(service, _run(service, image))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError: ")
    assert task["stoppedReason"].endswith(f"{image}: not found")


def test_a_container_that_runs_out_of_memory_says_so(service: RunningService, faults: Callable[..., Any]) -> None:
    faults(kind="out_of_memory", pattern="example/api:hungry")
    task = _task(service, _run(service, "example/api:hungry"))
    assert (task["stopCode"], task["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    assert task["containers"][0]["exitCode"] == 137
    assert task["containers"][0]["reason"] == "OutOfMemoryError: Container killed due to memory usage"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"taskDefinition": "shop"}, "Unable to update task definition on services"),
        ({"forceNewDeployment": True}, "Cannot force a new deployment on services"),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}},
            "Unable to update network parameters on services",
        ),
    ],
)
def test_under_code_deploy_a_service_cannot_be_given_something_else_to_run(
    service: RunningService, change: dict[str, Any], text: str
) -> None:
    code, message = client_error(lambda: service.ecs.update_service(cluster="shop", service="shop", **change))
    assert code == "InvalidParameterException"
    assert message == (
        f"{text} with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
    )


def test_a_service_with_tasks_is_not_deleted_without_force(service: RunningService) -> None:
    assert client_error(lambda: service.ecs.delete_service(cluster="shop", service="shop")) == (
        "InvalidParameterException",
        "The service cannot be stopped while it is scaled above 0.",
    )


def test_a_cluster_with_services_is_not_deleted(service: RunningService) -> None:
    assert client_error(lambda: service.ecs.delete_cluster(cluster="shop")) == (
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
    )


def _second(service: RunningService, **change: Any) -> dict[str, Any]:
    request = service.service_request() | {"serviceName": "second"} | change
    return {name: value for name, value in request.items() if value is not None}


def test_a_service_needs_a_target_group_that_a_listener_uses(service: RunningService) -> None:
    unused = service.create_target_group("unused")
    balancers = [{"targetGroupArn": unused, "containerName": "api", "containerPort": PORT}]
    assert client_error(lambda: service.ecs.create_service(**_second(service, loadBalancers=balancers))) == (
        "InvalidParameterException",
        f"The target group with targetGroupArn {unused} does not have an associated load balancer.",
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cluster": "no-such"}, ("ClusterNotFoundException", "Cluster not found.")),
        ({"taskDefinition": "no-such"}, ("ClientException", "TaskDefinition not found.")),
        (
            {"networkConfiguration": {}},
            (
                "InvalidParameterException",
                "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
            ),
        ),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": []}}},
            ("InvalidParameterException", "subnets can not be empty."),
        ),
        (
            {"deploymentConfiguration": {"minimumHealthyPercent": 101}},
            ("InvalidParameterException", "minimumHealthyPercent must be at most 100"),
        ),
        (
            {"deploymentConfiguration": {"maximumPercent": 90}},
            ("InvalidParameterException", "maximumPercent must be at least 100"),
        ),
        (
            {
                "deploymentController": {"type": "ECS"},
                "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100},
            },
            (
                "InvalidParameterException",
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments",
            ),
        ),
        (
            {"loadBalancers": []},
            (
                "InvalidParameterException",
                "The service requires an Application Load Balancer or Network Load Balancer",
            ),
        ),
        (
            {"deploymentController": {"type": "ECS"}, "loadBalancers": [], "healthCheckGracePeriodSeconds": 1},
            (
                "InvalidParameterException",
                "Health check grace period is only valid for services configured to use load balancers",
            ),
        ),
        (
            {"launchType": None, "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]},
            (
                "InvalidParameterException",
                (
                    "The specified capacity provider strategy cannot contain a capacity provider that is not "
                    "associated with the cluster. Associate the capacity provider with the cluster or specify a valid "
                    "capacity provider and try again."
                ),
            ),
        ),
        (
            {"enableExecuteCommand": True},
            (
                "InvalidParameterException",
                (
                    "The service couldn't be created because a valid taskRoleArn is not being used. "
                    "Specify a valid task role in your task definition and try again."
                ),
            ),
        ),
    ],
)
def test_a_service_that_cannot_run_is_refused(
    service: RunningService, change: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert client_error(lambda: service.ecs.create_service(**_second(service, **change))) == expected


def test_a_service_in_two_networks_is_refused(service: RunningService) -> None:
    other = service.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = service.ec2.create_subnet(VpcId=other, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    network = service.service_request()["networkConfiguration"]["awsvpcConfiguration"]

    def made(**change: Any) -> tuple[str, str]:
        request = _second(service, networkConfiguration={"awsvpcConfiguration": network | change})
        return client_error(lambda: service.ecs.create_service(**request))

    assert made(subnets=[*network["subnets"], subnet]) == (
        "InvalidParameterException",
        "All specified subnets must be from the same VPC.",
    )
    code, message = made(subnets=[subnet])
    assert code == "InvalidParameterException"
    assert message.endswith("does not appear to belong to the same VPC as the input subnets.")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"memory": "4096"}, "No Fargate configuration exists for given values."),
        ({"networkMode": "bridge"}, "Fargate only supports network mode 'awsvpc'."),
        (
            {"executionRoleArn": ""},
            "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
        ),
    ],
)
def test_a_task_definition_that_fargate_cannot_run_is_refused(
    service: RunningService, change: dict[str, str], message: str
) -> None:
    request = service.definition_request(BLUE_IMAGE) | change
    assert client_error(lambda: service.ecs.register_task_definition(**request)) == ("ClientException", message)


def test_the_own_paths_say_what_is_wrong(server: EmbeddedAws) -> None:
    def ask(method: str, path: str, body: str = "") -> tuple[int, str]:
        answer = urllib3.request(method, f"{server.endpoint}/_hannibal/{path}", body=body)
        return answer.status, answer.data.decode()

    assert ask("GET", "faults") == (200, "[]\n")
    status, message = ask("POST", "faults", '{"kind": "earthquake"}')
    assert status == 400
    assert "never_healthy" in message
    assert ask("GET", "nothing")[0] == 404
    assert "/_hannibal/listeners" in ask("GET", "nothing")[1]


def test_a_service_survives_a_restart_of_the_server(new_embedded_aws: Callable[..., EmbeddedAws]) -> None:
    server = new_embedded_aws("--clock-factor", "60")
    server.start()
    service = RunningService(server, "shop")
    service.wait_until_steady()
    before, url = service.tasks(), service.url()
    server.end()
    server.start()
    wait_for(lambda: bool([t for t in service.tasks() if t["lastStatus"] == "RUNNING"]))
    service.wait_until_steady()
    assert service.url() == url
    assert get(url)[1]["image"] == BLUE_IMAGE
    assert {task["taskArn"] for task in service.tasks()}.isdisjoint(task["taskArn"] for task in before)
    assert [target["TargetHealth"]["State"] for target in service.targets(service.blue)] == ["healthy"]
