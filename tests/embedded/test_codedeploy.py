"""Deployments from their creation to their end: traffic, hooks, alarms, stops, rollbacks, refusals."""

import hashlib
import io
import json
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.embedded.test_refused_templates import role
from tests.support.embedded.releasing import CANARY, ReleasingService
from tests.support.embedded.running_service import BLUE_IMAGE, client_error, control, get
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded
# Five minutes of canary take two and a half seconds.
CLOCK_FACTOR = "120"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    server = EmbeddedAws(tmp_path_factory.mktemp("codedeploy"), options=("--clock-factor", CLOCK_FACTOR))
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def service(server: EmbeddedAws) -> ReleasingService:
    return ReleasingService(server, "shop")


@pytest.fixture
def faults(server: EmbeddedAws) -> Iterator[Callable[..., Any]]:
    yield lambda **fault: control(server, "POST", "faults", fault)
    control(server, "DELETE", "faults")


@pytest.fixture
def alarm_is_over(service: ReleasingService) -> Iterator[None]:
    yield
    service.cloudwatch.set_alarm_state(AlarmName=service.alarm, StateValue="OK", StateReason="the test is over")


class Traffic:
    """Asks the load balancer again and again, and counts who answers."""

    def __init__(self, url: str) -> None:
        self.answers: Counter[str] = Counter()
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self._ended.wait(0.01):
            status, answer = get(self._url)
            self.answers[answer["image"] if status == 200 else str(status)] += 1

    def __enter__(self) -> "Traffic":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def test_blue_green_moves_all_traffic_and_no_request_fails(service: ReleasingService) -> None:
    before, live, idle = service.describe()["taskSets"][0], service.live_group(), service.idle_group()
    with Traffic(service.url()) as traffic:
        deployment = service.release("example/api:1")
        wait_for(lambda: service.weights(service.test) == {idle: 100})
        assert get(service.url(9000))[1]["image"] == "example/api:1"
        info = service.wait_for_end(deployment)
        wait_for(lambda: "example/api:1" in traffic.answers, "the new version answers")
    assert (info["status"], info["creator"]) == ("Succeeded", "user")
    assert info["deploymentOverview"]["Succeeded"] == 1
    assert info["completeTime"] > info["startTime"] >= info["createTime"]
    assert service.weights(service.production) == service.weights(service.test) == {idle: 100}
    assert set(traffic.answers) == {BLUE_IMAGE, "example/api:1"}
    assert service.answers(20) == {"example/api:1": 20}
    assert set(service.events(deployment).values()) == {"Succeeded"}
    blue, green = service.target(deployment)["taskSetsInfo"]
    assert (blue["identifer"], blue["taskSetLabel"], blue["trafficWeight"]) == (before["id"], "Blue", 0.0)
    assert (green["taskSetLabel"], green["trafficWeight"], green["status"]) == ("Green", 100.0, "PRIMARY")
    wait_for(lambda: len(service.describe()["taskSets"]) == 1)
    described = service.describe()
    assert described["taskSets"][0]["externalId"] == deployment
    assert described["taskSets"][0]["startedBy"] == "CODE_DEPLOY"
    assert described["taskDefinition"].endswith("task-definition/shop:2")
    assert described["loadBalancers"][0]["targetGroupArn"] == idle
    assert [task["containers"][0]["image"] for task in service.tasks()] == ["example/api:1"]
    wait_for(lambda: service.targets(live) == [])


def test_a_canary_gets_a_tenth_first(service: ReleasingService) -> None:
    live, idle, image = service.live_group(), service.idle_group(), get(service.url())[1]["image"]
    with service.held():
        deployment = service.release("example/api:2", deploymentConfigName=CANARY)
        service.wait_for_weights(deployment, {live: 90, idle: 10})
        answers = service.answers(400)
        weights = {s["taskSetLabel"]: s["trafficWeight"] for s in service.target(deployment)["taskSetsInfo"]}
        assert weights == {"Blue": 90.0, "Green": 10.0}
        assert {s["status"] for s in service.describe()["taskSets"]} == {"PRIMARY", "ACTIVE"}
        assert set(answers) == {image, "example/api:2"}
        assert 15 <= answers["example/api:2"] <= 70
    assert service.wait_for_end(deployment)["status"] == "Succeeded"
    following = service.release("example/api:2b")
    assert service.wait_for_end(following)["previousRevision"] == service.info(deployment)["revision"]


def test_a_deployment_without_a_capacity_strategy_takes_it_from_the_service(service: ReleasingService) -> None:
    spot = [{"CapacityProvider": "FARGATE_SPOT", "Base": 0, "Weight": 1}]
    for strategy in (spot, None):
        named: dict[str, Any] = {"CapacityProviderStrategy": strategy} if strategy else {}
        revision = service.revision(service.register("example/api:capacity"), **named)
        deployment = service.release("example/api:capacity", revision=revision)
        assert service.wait_for_end(deployment)["status"] == "Succeeded"
        described = service.describe()
        if strategy:
            (item,) = described["capacityProviderStrategy"]
            assert (item["capacityProvider"], item["weight"]) == ("FARGATE_SPOT", 1)
            assert "launchType" not in described
        else:
            assert described.get("capacityProviderStrategy", []) == []
            assert described["launchType"] == "FARGATE"


def test_a_second_deployment_is_refused_while_one_runs(service: ReleasingService) -> None:
    with service.held():
        deployment = service.release("example/api:3", deploymentConfigName=CANARY)
        assert client_error(lambda: service.release("example/api:4")) == (
            "DeploymentLimitExceededException",
            f"The Deployment Group 'group' already has an active Deployment '{deployment}'",
        )
        service.deploy.stop_deployment(deploymentId=deployment)
    service.wait_for_end(service.wait_for_end(deployment)["rollbackInfo"]["rollbackDeploymentId"])


def test_an_alarm_during_the_shift_rolls_back(
    service: ReleasingService, faults: Callable[..., Any], alarm_is_over: None
) -> None:
    live, idle, image = service.live_group(), service.idle_group(), get(service.url())[1]["image"]
    with Traffic(service.url()) as traffic, service.held():
        deployment = service.release("example/api:5", deploymentConfigName=CANARY)
        service.wait_for_weights(deployment, {live: 90, idle: 10})

        # What is set by hand holds for half a second here, which may be too short for CodeDeploy to see it.
        faults(kind="alarm_stays", pattern=service.alarm)
        service.cloudwatch.set_alarm_state(AlarmName=service.alarm, StateValue="ALARM", StateReason="a test")
        info = service.wait_for_end(deployment)
        assert service.weights(service.production) == {live: 100}
        back = service.wait_for_end(info["rollbackInfo"]["rollbackDeploymentId"])
    assert info["status"] == "Stopped"
    assert info["errorInformation"] == {
        "code": "ALARM_ACTIVE",
        "message": "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, "
        "and the affected deployments have been stopped. Activated alarms: <shop-errors>",
    }
    assert info["rollbackInfo"]["rollbackMessage"] == (
        f"Deployment {deployment} terminated. Automatic rollback is triggered with a DeploymentId "
        f"{back['deploymentId']}."
    )
    assert (back["status"], back["creator"]) == ("Succeeded", "codeDeployRollback")
    assert back["deploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    assert back["rollbackInfo"]["rollbackTriggeringDeploymentId"] == deployment
    events = service.events(deployment)
    assert (events["BeforeAllowTraffic"], events["AllowTraffic"], events["AfterAllowTraffic"]) == (
        "Succeeded",
        "Failed",
        "Skipped",
    )
    assert set(traffic.answers) <= {image, "example/api:5"}
    assert service.answers(10) == {image: 10}
    wait_for(lambda: len(service.describe()["taskSets"]) == 1)


def test_an_alarm_can_be_ordered_for_a_share_of_traffic(
    service: ReleasingService, faults: Callable[..., Any], alarm_is_over: None
) -> None:
    faults(kind="alarm", pattern=service.alarm, at_percent=10)
    info = service.wait_for_end(service.release("example/api:6", deploymentConfigName=CANARY))
    assert info["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert service.events(info["deploymentId"])["AllowTraffic"] == "Failed"
    service.wait_for_end(info["rollbackInfo"]["rollbackDeploymentId"])


def test_a_stop_with_rollback_gives_traffic_back(service: ReleasingService) -> None:
    live, idle, image = service.live_group(), service.idle_group(), get(service.url())[1]["image"]
    with service.held():
        deployment = service.release("example/api:7", deploymentConfigName=CANARY)
        service.wait_for_weights(deployment, {live: 90, idle: 10})
        answer = service.deploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
        assert answer["status"] == "Pending"
        info = service.wait_for_end(deployment)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    service.wait_for_end(info["rollbackInfo"]["rollbackDeploymentId"])
    assert service.weights(service.production) == service.weights(service.test) == {live: 100}
    assert service.answers(10) == {image: 10}
    assert client_error(lambda: service.deploy.stop_deployment(deploymentId=deployment))[0] == (
        "DeploymentAlreadyCompletedException"
    )


def test_a_rollback_is_possible_until_the_old_tasks_end(service: ReleasingService) -> None:
    live, idle, image = service.live_group(), service.idle_group(), get(service.url())[1]["image"]
    group = service.group_request()["blueGreenDeploymentConfiguration"]
    group["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"] = 2880
    update = {"applicationName": "shop", "currentDeploymentGroupName": "group"}
    service.deploy.update_deployment_group(**update, blueGreenDeploymentConfiguration=group)
    deployment = service.release("example/api:8")
    wait_for(lambda: bool(service.info(deployment)["instanceTerminationWaitTimeStarted"]))
    assert service.weights(service.production) == {idle: 100}
    assert service.describe()["loadBalancers"][0]["targetGroupArn"] == idle
    service.deploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    service.wait_for_end(service.wait_for_end(deployment)["rollbackInfo"]["rollbackDeploymentId"])
    assert service.live_group() == live
    assert service.answers(10) == {image: 10}
    deployment = service.release("example/api:9")
    wait_for(lambda: bool(service.info(deployment)["instanceTerminationWaitTimeStarted"]))
    service.deploy.continue_deployment(deploymentId=deployment, deploymentWaitType="TERMINATION_WAIT")
    assert service.wait_for_end(deployment)["status"] == "Succeeded"
    service.deploy.update_deployment_group(
        **update, blueGreenDeploymentConfiguration=service.group_request()["blueGreenDeploymentConfiguration"]
    )


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleasingService]:
    """A service on a clock by which an hour is three seconds."""
    server = EmbeddedAws(tmp_path_factory.mktemp("hurried"), options=("--clock-factor", "1200"))
    server.start()
    yield ReleasingService(server, "shop")
    server.close()


def test_a_task_that_is_never_healthy_gets_no_traffic(hurried: ReleasingService) -> None:
    server, service = hurried.server, hurried
    control(server, "POST", "faults", {"kind": "never_healthy", "pattern": "*:sick"})

    def replaced() -> bool:
        return any("health checks" in task["stoppedReason"] for task in service.tasks(status="STOPPED"))

    with Traffic(service.url()) as traffic:
        with service.held(at_percent=0):  # on a busy machine the hour is over before ECS has replaced a task
            deployment = service.release("example/api:sick")
            wait_for(replaced, "ECS replaces the task")
        info = service.wait_for_end(deployment)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "TIMEOUT")
    assert "replacement task set to become healthy" in info["errorInformation"]["message"]
    assert set(traffic.answers) == {BLUE_IMAGE}
    assert service.events(info["deploymentId"])["Install"] == "Failed"
    assert service.wait_for_end(info["rollbackInfo"]["rollbackDeploymentId"])["status"] == "Succeeded"


def test_a_fast_clock_leaves_containers_and_functions_the_time_that_they_need(hurried: ReleasingService) -> None:
    """A release is not rolled back because the machine takes as long for an image or a hook as by any clock."""
    control(hurried.server, "POST", "faults", {"kind": "cannot_pull", "pattern": "*:slow"})
    hook = _hook(hurried, "slow", "Succeeded", seconds=4)
    deployment = hurried.release("example/api:slow", [{"AfterAllowTestTraffic": hook}])
    time.sleep(4)
    control(hurried.server, "DELETE", "faults")
    info = hurried.wait_for_end(deployment)
    assert info["status"] == "Succeeded", info["errorInformation"]


def test_a_function_that_comes_back_and_says_nothing_is_waited_for_by_the_clock(hurried: ReleasingService) -> None:
    mute = _function(hurried, "mute", "def handler(event, context):\n    return None\n")
    info = hurried.wait_for_end(hurried.release("example/api:mute", [{"AfterAllowTestTraffic": mute}]))
    assert info["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    hurried.wait_for_end(info["rollbackInfo"]["rollbackDeploymentId"])


def _hook(service: ReleasingService, name: str, status: str, *, seconds: float = 0) -> str:
    code = f"""
import time, boto3
def handler(event, context):
    time.sleep({seconds})
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status={status!r},
    )
"""
    return _function(service, name, code)


def _function(service: ReleasingService, name: str, code: str) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", code)
    service.server.session().client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/hook",
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )
    return name


def test_hooks_run_and_are_obeyed(service: ReleasingService) -> None:
    good, bad = _hook(service, "says-yes", "Succeeded"), _hook(service, "says-no", "Failed")
    live = service.live_group()
    hooks = [{"AfterAllowTestTraffic": good}, {"BeforeAllowTraffic": bad}]
    info = service.wait_for_end(service.release("example/api:10", hooks))
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "HOOK_EXECUTION_FAILURE")
    events = {e["lifecycleEventName"]: e for e in service.target(info["deploymentId"])["lifecycleEvents"]}
    assert events["AfterAllowTestTraffic"]["diagnostics"]["errorCode"] == "Success"
    assert events["BeforeAllowTraffic"]["status"] == "Failed"
    assert events["BeforeAllowTraffic"]["diagnostics"]["scriptName"] == bad
    assert events["AllowTraffic"]["status"] == "Skipped"
    service.wait_for_end(info["rollbackInfo"]["rollbackDeploymentId"])
    assert service.weights(service.production) == service.weights(service.test) == {live: 100}


def test_a_hook_reaches_the_test_listener_by_its_name(service: ReleasingService) -> None:
    """The replacement answers there before production traffic reaches it, and with its own image."""
    (balancer,) = service.elb.describe_load_balancers(LoadBalancerArns=[service.load_balancer])["LoadBalancers"]
    code = f"""
import json, urllib.request, boto3
def handler(event, context):
    with urllib.request.urlopen("http://{balancer["DNSName"]}:9000/probe", timeout=60) as answer:
        good = json.load(answer)["image"] == "example/api:probed"
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if good else "Failed",
    )
"""
    hook = _function(service, "looks", code)
    info = service.wait_for_end(service.release("example/api:probed", [{"AfterAllowTestTraffic": hook}]))
    assert info["status"] == "Succeeded", info["errorInformation"]


def test_a_failing_hook_can_be_ordered(service: ReleasingService, faults: Callable[..., Any]) -> None:
    faults(kind="hook_fails", pattern="probe-*")
    info = service.wait_for_end(service.release("example/api:11", [{"AfterAllowTestTraffic": "probe-1"}]))
    assert info["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    service.wait_for_end(info["rollbackInfo"]["rollbackDeploymentId"])


def test_a_deployment_goes_on_after_a_restart(new_embedded_aws: Callable[..., EmbeddedAws]) -> None:
    server = new_embedded_aws("--clock-factor", "60")
    server.start()
    service = ReleasingService(server, "shop")
    with service.held():
        deployment = service.release("example/api:later", deploymentConfigName=CANARY)
        service.wait_for_weights(deployment, {service.blue: 90, service.green: 10})
        server.end()
        server.start()
    info = service.wait_for_end(deployment)
    assert info["status"] == "Succeeded"
    assert service.weights(service.production) == {service.green: 100}
    service.wait_until_steady()
    assert service.answers(5) == {"example/api:later": 5}


def test_a_deployment_ends_whose_service_was_deleted(new_embedded_aws: Callable[..., EmbeddedAws]) -> None:
    server = new_embedded_aws("--clock-factor", "60")
    server.start()
    service = ReleasingService(server, "shop")
    control(server, "POST", "faults", {"kind": "never_healthy", "pattern": "*:sick"})
    with service.held(at_percent=0):
        deployment = service.release("example/api:sick")
        wait_for(lambda: service.info(deployment)["status"] == "InProgress")
        service.ecs.delete_service(cluster="shop", service="shop", force=True)
        info = service.wait_for_end(deployment)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "INVALID_ECS_SERVICE")


def test_deployments_are_listed_newest_first(service: ReleasingService) -> None:
    listed = service.deploy.list_deployments(applicationName="shop", deploymentGroupName="group")["deployments"]
    times = [service.info(deployment)["createTime"] for deployment in listed]
    assert times == sorted(times, reverse=True)
    succeeded = service.deploy.list_deployments(
        applicationName="shop", deploymentGroupName="group", includeOnlyStatuses=["Succeeded"]
    )
    assert {service.info(d)["status"] for d in succeeded["deployments"]} == {"Succeeded"}
    group = service.deploy.get_deployment_group(applicationName="shop", deploymentGroupName="group")
    assert group["deploymentGroupInfo"]["lastAttemptedDeployment"]["deploymentId"] == listed[0]
    assert group["deploymentGroupInfo"]["targetRevision"]["revisionType"] == "AppSpecContent"


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"applicationName": "other"}, "ApplicationDoesNotExistException", "No application found for name: other"),
        (
            {"deploymentGroupName": "other"},
            "DeploymentGroupDoesNotExistException",
            "No Deployment Group found for name: other",
        ),
        (
            {"deploymentConfigName": "Fast"},
            "DeploymentConfigDoesNotExistException",
            "No Deployment Configuration found for name: Fast",
        ),
        (
            {"revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "a: 1"}}},
            "InvalidRevisionException",
            "not valid for an ECS deployment",
        ),
        (
            {"revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "a: 1", "sha256": "0"}}},
            "InvalidRevisionException",
            "SHA256",
        ),
        ({"description": "d" * 257}, "DescriptionTooLongException", "The description is too long."),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(
    service: ReleasingService, change: dict[str, Any], code: str, text: str
) -> None:
    request = {"applicationName": "shop", "deploymentGroupName": "group", "revision": service.revision("shop")}
    found, message = client_error(lambda: service.deploy.create_deployment(**(request | change)))
    assert found == code
    assert text in message


def test_a_name_that_is_too_long_is_refused_before_anything_is_looked_at(service: ReleasingService) -> None:
    request = {"applicationName": "a" * 101, "computePlatform": "Server"}
    found, message = client_error(lambda: service.deploy.create_application(**request))
    assert found == "ValidationException"
    assert message.endswith("Member must have length less than or equal to 100")


def test_a_revision_may_carry_its_digest(service: ReleasingService) -> None:
    content = service.revision(service.register("example/api:12"))["appSpecContent"]["content"]
    string = {"content": content, "sha256": hashlib.sha256(content.encode()).hexdigest()}
    revision = {"revisionType": "String", "string": string}
    request = {"applicationName": "shop", "deploymentGroupName": "group", "revision": revision}
    deployment = service.deploy.create_deployment(**request)["deploymentId"]
    assert service.wait_for_end(deployment)["status"] == "Succeeded"


def test_a_deployment_names_its_app_spec_by_the_digest_alone(service: ReleasingService) -> None:
    asked = service.revision(service.register("example/api:13"))
    request = {"applicationName": "shop", "deploymentGroupName": "group"}
    deployment = service.deploy.create_deployment(**request, revision=asked)["deploymentId"]
    service.wait_for_end(deployment)
    named = service.info(deployment)["revision"]
    assert named["appSpecContent"].keys() == {"sha256"}
    (again,) = service.deploy.batch_get_deployments(deploymentIds=[deployment])["deploymentsInfo"]
    assert again["revision"] == named
    found = service.deploy.get_application_revision(applicationName="shop", revision=named)["revision"]
    assert found["appSpecContent"]["content"] == asked["appSpecContent"]["content"]
    repeated = service.deploy.create_deployment(**request, revision=named)["deploymentId"]
    assert service.wait_for_end(repeated)["status"] == "Succeeded"
    other = {**named, "appSpecContent": {"sha256": "0" * 64}}
    code, _ = client_error(lambda: service.deploy.get_application_revision(applicationName="shop", revision=other))
    assert code == "RevisionDoesNotExistException"


def test_a_task_definition_that_does_not_exist_fails_the_deployment(service: ReleasingService) -> None:
    request = {"applicationName": "shop", "deploymentGroupName": "group", "revision": service.revision("no-such:1")}
    info = service.wait_for_end(service.deploy.create_deployment(**request)["deploymentId"])
    assert info["errorInformation"]["code"] == "ECS_UPDATE_ERROR"
    assert "TaskDefinition not found." in info["errorInformation"]["message"]
    service.wait_for_end(info["rollbackInfo"]["rollbackDeploymentId"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ecsServices": [{"clusterName": "shop", "serviceName": "none"}]}, "InvalidECSServiceException"),
        ({"loadBalancerInfo": {"targetGroupPairInfoList": []}}, "InvalidLoadBalancerInfoException"),
        ({"deploymentStyle": {"deploymentType": "IN_PLACE"}}, "InvalidDeploymentStyleException"),
        ({"alarmConfiguration": {"enabled": True, "alarms": []}}, "InvalidAlarmConfigException"),
        ({"deploymentConfigName": "Fast"}, "DeploymentConfigDoesNotExistException"),
        ({"serviceRoleArn": ""}, "RoleRequiredException"),
    ],
)
def test_a_group_that_cannot_release_is_refused(service: ReleasingService, change: dict[str, Any], code: str) -> None:
    request = service.group_request(deploymentGroupName="second") | change
    assert client_error(lambda: service.deploy.create_deployment_group(**request))[0] == code


def test_a_group_needs_a_service_under_code_deploy(service: ReleasingService) -> None:
    request = service.service_request(desired_count=0) | {
        "serviceName": "rolling",
        "deploymentController": {"type": "ECS"},
        "loadBalancers": [],
    }
    service.ecs.create_service(**request)
    group = service.group_request(
        deploymentGroupName="second", ecsServices=[{"clusterName": "shop", "serviceName": "rolling"}]
    )
    assert client_error(lambda: service.deploy.create_deployment_group(**group)) == (
        "InvalidECSServiceException",
        "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.",
    )


def test_configurations_can_be_made(service: ReleasingService) -> None:
    linear = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 50, "linearInterval": 1}}
    service.deploy.create_deployment_config(
        deploymentConfigName="halves", computePlatform="ECS", trafficRoutingConfig=linear
    )
    live, idle = service.live_group(), service.idle_group()
    with service.held(at_percent=50):
        deployment = service.release("example/api:13", deploymentConfigName="halves")
        service.wait_for_weights(deployment, {live: 50, idle: 50})
    assert service.wait_for_end(deployment)["status"] == "Succeeded"


def test_templates_make_application_and_group(service: ReleasingService) -> None:
    cloudformation = service.server.session().client("cloudformation")
    group = service.group_request()
    pair = group["loadBalancerInfo"]["targetGroupPairInfoList"][0]
    template = {
        "Resources": {
            **role("codedeploy.amazonaws.com"),
            "App": {"Type": "AWS::CodeDeploy::Application", "Properties": {"ComputePlatform": "ECS"}},
            "Group": {
                "Type": "AWS::CodeDeploy::DeploymentGroup",
                "Properties": {
                    "ApplicationName": {"Ref": "App"},
                    "ServiceRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                    "ECSServices": [{"ClusterName": "shop", "ServiceName": "shop"}],
                    "DeploymentStyle": {
                        "DeploymentType": "BLUE_GREEN",
                        "DeploymentOption": "WITH_TRAFFIC_CONTROL",
                    },
                    "BlueGreenDeploymentConfiguration": {
                        "TerminateBlueInstancesOnDeploymentSuccess": {
                            "Action": "TERMINATE",
                            "TerminationWaitTimeInMinutes": "1",
                        }
                    },
                    "LoadBalancerInfo": {
                        "TargetGroupPairInfoList": [
                            {
                                "TargetGroups": [{"Name": g["name"]} for g in pair["targetGroups"]],
                                "ProdTrafficRoute": {"ListenerArns": [service.production]},
                            }
                        ]
                    },
                },
            },
        },
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("App", "Group")},
    }
    cloudformation.create_stack(
        StackName="releases", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="releases", WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )
    stack = cloudformation.describe_stacks(StackName="releases")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    info = service.deploy.get_deployment_group(applicationName=outputs["App"], deploymentGroupName=outputs["Group"])[
        "deploymentGroupInfo"
    ]
    assert info["ecsServices"] == [{"clusterName": "shop", "serviceName": "shop"}]
    terminate = info["blueGreenDeploymentConfiguration"]["terminateBlueInstancesOnDeploymentSuccess"]
    assert terminate == {"action": "TERMINATE", "terminationWaitTimeInMinutes": 1}
    cloudformation.delete_stack(StackName="releases")
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName="releases", WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )
    assert outputs["App"] not in service.deploy.list_applications()["applications"]
