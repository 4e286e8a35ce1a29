"""Services, target groups and listeners that CloudFormation makes, changes and deletes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.embedded.running_service import BLUE_IMAGE, PORT, RunningService, client_error, get
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded
STACK = "compute"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    server = EmbeddedAws(tmp_path_factory.mktemp("ecs_templates"), options=("--clock-factor", "60"))
    server.start()
    yield server
    server.close()


class Stack:
    """A cluster, a target group, a listener and a service; network and load balancer are those of another service."""

    def __init__(self, around: RunningService) -> None:
        self.around = around
        self.cloudformation: Any = around.server.session().client("cloudformation")

    def template(self, **service: Any) -> str:
        around = self.around
        group = {
            "TargetType": "ip",
            "Protocol": "HTTP",
            "Port": PORT,
            "VpcId": around.vpc,
            "HealthCheckPath": "/health",
        }
        groups = [{"TargetGroupArn": {"Ref": name}, "Weight": weight} for name, weight in (("Blue", 1), ("Green", 0))]
        listener = {
            "LoadBalancerArn": around.load_balancer,
            "Port": 8080,
            "Protocol": "HTTP",
            "DefaultActions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        }
        container = {
            "Name": "api",
            "Image": BLUE_IMAGE,
            "PortMappings": [{"ContainerPort": PORT}],
            "Secrets": [{"Name": "TOKEN", "ValueFrom": {"Ref": "Secret"}}],
        }
        definition = {
            "Family": "templated",
            "RequiresCompatibilities": ["FARGATE"],
            "NetworkMode": "awsvpc",
            "Cpu": "256",
            "Memory": "512",
            "ExecutionRoleArn": around.execution_role,
            "ContainerDefinitions": [container],
        }
        properties = {
            "Cluster": {"Ref": "Cluster"},
            "ServiceName": "templated",
            "TaskDefinition": "templated",
            "DesiredCount": 2,
            "LaunchType": "FARGATE",
            "HealthCheckGracePeriodSeconds": 60,
            "DeploymentController": {"Type": "CODE_DEPLOY"},
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": around.subnets}},
            "LoadBalancers": [{"TargetGroupArn": {"Ref": "Blue"}, "ContainerName": "api", "ContainerPort": PORT}],
            **service,
        }
        resources = {
            "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "templated"}},
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "word"}},
            "Blue": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": group},
            "Green": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": group},
            "Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": listener},
            "Definition": {"Type": "AWS::ECS::TaskDefinition", "Properties": definition},
            "Service": {
                "Type": "AWS::ECS::Service",
                "Properties": properties,
                "DependsOn": ["Definition", "Listener"],
            },
        }
        outputs = {name: {"Value": {"Ref": name}} for name in ("Blue", "Listener", "Service")}
        return json.dumps({"Resources": resources, "Outputs": outputs})

    def wait(self) -> str:
        def ended() -> bool:
            return not self.status().endswith("_IN_PROGRESS")

        wait_for(ended)
        return self.status()

    def status(self) -> str:
        summaries = self.cloudformation.list_stacks()["StackSummaries"]
        return next(str(s["StackStatus"]) for s in summaries if s["StackName"] == STACK)

    def create(self) -> str:
        self.cloudformation.create_stack(StackName=STACK, TemplateBody=self.template())
        return self.wait()

    def update(self, **service: Any) -> str:
        self.cloudformation.update_stack(StackName=STACK, TemplateBody=self.template(**service))
        return self.wait()

    def delete(self) -> str:
        self.cloudformation.delete_stack(StackName=STACK)
        return self.wait()

    def outputs(self) -> dict[str, str]:
        stack = self.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def reason(self, status: str) -> str:
        events = self.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        return next(str(e["ResourceStatusReason"]) for e in events if e["ResourceStatus"] == status)


@pytest.fixture(scope="module")
def stack(server: EmbeddedAws) -> Stack:
    stack = Stack(RunningService(server, "around"))
    assert stack.create() == "CREATE_COMPLETE", stack.reason("CREATE_FAILED")
    return stack


def _service(stack: Stack) -> Any:
    return stack.around.ecs.describe_services(cluster="templated", services=["templated"])["services"][0]


def test_a_stack_is_complete_when_its_service_is_steady(stack: Stack) -> None:
    service = _service(stack)
    assert stack.outputs()["Service"] == service["serviceArn"]
    assert service["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert service["healthCheckGracePeriodSeconds"] == 60
    assert (service["runningCount"], service["taskSets"][0]["stabilityStatus"]) == (2, "STEADY_STATE")
    (definition,) = stack.around.ecs.describe_task_definition(taskDefinition="templated")["taskDefinition"][
        "containerDefinitions"
    ]
    assert definition["secrets"][0]["valueFrom"].startswith("arn:aws:secretsmanager:")


def test_cloudformation_tags_a_task_definition_and_nobody_else_may_tag_it_so(stack: Stack) -> None:
    ecs = stack.around.ecs
    described = ecs.describe_task_definition(taskDefinition="templated", include=["TAGS"])
    tags = {tag["key"]: tag["value"] for tag in described["tags"]}
    assert tags["aws:cloudformation:stack-name"] == STACK
    assert {"aws:cloudformation:stack-id", "aws:cloudformation:logical-id"} <= tags.keys()
    request = stack.around.definition_request(BLUE_IMAGE) | {"tags": described["tags"]}
    code, message = client_error(lambda: ecs.register_task_definition(**request))
    assert (code, message) == (
        "InvalidParameterException",
        "aws: prefixed tag key names are not allowed for external use.",
    )


def test_a_listener_keeps_the_weights_of_its_template(stack: Stack) -> None:
    outputs = stack.outputs()
    assert stack.around.weights(outputs["Listener"]) == {outputs["Blue"]: 1}
    assert {get(stack.around.url(8080))[1]["image"] for _ in range(10)} == {BLUE_IMAGE}


@pytest.mark.parametrize("change", [{"TaskDefinition": "around"}, {"DesiredCount": 3}])
def test_what_a_service_runs_cannot_be_changed_by_a_stack(stack: Stack, change: dict[str, Any]) -> None:
    """Not even its count: CloudFormation sends the task definition along with everything else."""
    assert stack.update(**change) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Unable to update task definition on services with a CODE_DEPLOY deployment controller." in stack.reason(
        "UPDATE_FAILED"
    )
    assert _service(stack)["desiredCount"] == 2


def test_tags_of_a_service_may_change(stack: Stack) -> None:
    assert stack.update(Tags=[{"Key": "Team", "Value": "blue"}]) == "UPDATE_COMPLETE"
    tags = stack.around.ecs.list_tags_for_resource(resourceArn=stack.outputs()["Service"])["tags"]
    assert {"key": "Team", "value": "blue"} in tags


def test_a_deleted_stack_leaves_no_task(stack: Stack) -> None:
    assert stack.delete() == "DELETE_COMPLETE"
    clusters = stack.around.ecs.describe_clusters(clusters=["templated"])
    assert clusters["clusters"] == []
    groups = stack.around.elb.describe_target_groups()["TargetGroups"]
    assert {group["TargetGroupName"] for group in groups} == {"around-blue", "around-green"}


def test_a_rolling_service_replaces_its_tasks(stack: Stack) -> None:
    around = stack.around
    request = around.service_request() | {"serviceName": "rolling", "deploymentController": {"type": "ECS"}}
    around.ecs.create_service(**request | {"loadBalancers": []})

    def images() -> list[str]:
        arns = around.ecs.list_tasks(cluster="around", serviceName="rolling")["taskArns"]
        tasks = around.ecs.describe_tasks(cluster="around", tasks=arns)["tasks"] if arns else []
        return [task["containers"][0]["image"] for task in tasks if task["lastStatus"] == "RUNNING"]

    wait_for(lambda: images() == [BLUE_IMAGE])
    around.ecs.update_service(cluster="around", service="rolling", taskDefinition=around.register("example/api:rolled"))
    wait_for(lambda: images() == ["example/api:rolled"])
