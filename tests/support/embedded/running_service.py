"""A service behind a load balancer, made through the API, with only what tests of ECS and CodeDeploy need."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import urllib3

from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import LIMIT_SECONDS, wait_for

PORT = 3000
BLUE_IMAGE = "example/api:blue"
# Actions of the managed policy AmazonECSTaskExecutionRolePolicy, and reading secrets.
STARTS_TASKS = (
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameters",
)
_HTTP = urllib3.PoolManager(retries=False, maxsize=4)


def document(statement: dict[str, Any]) -> str:
    """A policy document with one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class RunningService:
    """Network, load balancer with two listeners, two target groups, cluster and service under CODE_DEPLOY."""

    unhealthy_after = 2  # health checks that fail in a row

    def __init__(self, server: EmbeddedAws, name: str, *, desired_count: int = 1, image: str = BLUE_IMAGE) -> None:
        self.server = server
        self.name = name
        session = server.session()
        self.ec2: Any = session.client("ec2")
        self.elb: Any = session.client("elbv2")
        self.ecs: Any = session.client("ecs")
        self.logs: Any = session.client("logs")
        self.execution_role = self.create_execution_role(name)
        self._make_network()
        self._make_load_balancer()
        self.cluster = self.ecs.create_cluster(clusterName=name)["cluster"]["clusterName"]
        self.logs.create_log_group(logGroupName=f"/ecs/{name}")
        self.register(image)
        self.ecs.create_service(**self.service_request(desired_count=desired_count))

    def create_execution_role(self, name: str, *allowed: str) -> str:
        """A role that may start tasks, or has only the given permissions."""
        iam = self.server.session().client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = iam.create_role(RoleName=f"{name}-execution", AssumeRolePolicyDocument=document(trust))["Role"]
        may = {"Effect": "Allow", "Action": list(allowed or STARTS_TASKS), "Resource": "*"}
        iam.put_role_policy(RoleName=role["RoleName"], PolicyName="start", PolicyDocument=document(may))
        return str(role["Arn"])

    def _make_network(self) -> None:
        self.vpc = self.ec2.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(VpcId=self.vpc, InternetGatewayId=gateway)
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.42.{n}.0/24", AvailabilityZone=f"ap-northeast-1{z}")[
                "Subnet"
            ]["SubnetId"]
            for n, z in enumerate("ac")
        ]
        self.group = self.ec2.create_security_group(VpcId=self.vpc, GroupName=self.name, Description="tasks")["GroupId"]

    def _make_load_balancer(self) -> None:
        balancer = self.elb.create_load_balancer(Name=self.name, Subnets=self.subnets)["LoadBalancers"][0]
        self.load_balancer = balancer["LoadBalancerArn"]
        self.blue = self.create_target_group(f"{self.name}-blue")
        self.green = self.create_target_group(f"{self.name}-green")
        self.production = self.create_listener(80, self.blue)
        self.test = self.create_listener(9000, self.green)

    def create_target_group(self, name: str) -> str:
        arn: str = self.elb.create_target_group(
            Name=name,
            Protocol="HTTP",
            Port=PORT,
            VpcId=self.vpc,
            TargetType="ip",
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=10,
            UnhealthyThresholdCount=self.unhealthy_after,
        )["TargetGroups"][0]["TargetGroupArn"]
        return arn

    def create_listener(self, port: int, target_group: str) -> str:
        arn: str = self.elb.create_listener(
            LoadBalancerArn=self.load_balancer,
            Port=port,
            Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group}],
        )["Listeners"][0]["ListenerArn"]
        return arn

    def definition_request(self, image: str, **container: Any) -> dict[str, Any]:
        return {
            "family": self.name,
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": self.execution_role,
            "containerDefinitions": [
                {
                    "name": "api",
                    "image": image,
                    "portMappings": [{"containerPort": PORT}],
                    "healthCheck": {"command": ["CMD", "true"]},
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": f"/ecs/{self.name}",
                            "awslogs-region": "ap-northeast-1",
                            "awslogs-stream-prefix": "api",
                        },
                    },
                    **container,
                }
            ],
        }

    def register(self, image: str, **container: Any) -> str:
        request = self.definition_request(image, **container)
        arn: str = self.ecs.register_task_definition(**request)["taskDefinition"]["taskDefinitionArn"]
        return arn

    def service_request(self, *, desired_count: int = 1) -> dict[str, Any]:
        return {
            "cluster": self.name,
            "serviceName": self.name,
            "taskDefinition": self.name,
            "desiredCount": desired_count,
            "launchType": "FARGATE",
            "deploymentController": {"type": "CODE_DEPLOY"},
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": [self.group]}},
            "loadBalancers": [{"targetGroupArn": self.blue, "containerName": "api", "containerPort": PORT}],
        }

    def describe(self) -> Any:
        return self.ecs.describe_services(cluster=self.name, services=[self.name])["services"][0]

    def tasks(self, *, status: str = "RUNNING") -> list[Any]:
        arns = self.ecs.list_tasks(cluster=self.name, desiredStatus=status)["taskArns"]
        return list(self.ecs.describe_tasks(cluster=self.name, tasks=arns)["tasks"]) if arns else []

    def wait_until_steady(self) -> None:
        wait_for(lambda: {ts["stabilityStatus"] for ts in self.describe()["taskSets"]} == {"STEADY_STATE"})

    def targets(self, group: str) -> list[Any]:
        return list(self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"])

    def weights(self, listener: str) -> dict[str, int]:
        """Weight of each target group of a listener whose weight is above 0."""
        action = self.elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"][0]
        groups = action["ForwardConfig"]["TargetGroups"]
        return {group["TargetGroupArn"]: group["Weight"] for group in groups if group["Weight"]}

    def url(self, port: int = 80) -> str:
        listeners = control(self.server, "GET", "listeners")
        return next(str(x["url"]) for x in listeners if x["load_balancer"] == self.name and x["port"] == port)

    def log_lines(self) -> list[str]:
        return [e["message"] for e in self.logs.filter_log_events(logGroupName=f"/ecs/{self.name}")["events"]]

    def answers(self, count: int) -> Counter[str]:
        """Number of answers by image, or by status where it is not 200, for so many requests."""
        url = self.url(80)
        return Counter(answer["image"] if status == 200 else str(status) for status, answer in map(get, [url] * count))


def get(url: str, method: str = "GET", headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and JSON of an answer, or its text where it is not JSON."""
    answer = _HTTP.request(method, url, headers=headers, timeout=LIMIT_SECONDS)
    return answer.status, answer.json() if answer.headers["content-type"] == "application/json" else answer.data


def control(server: EmbeddedAws, method: str, path: str, body: Any = None) -> Any:
    """Call the server's own paths."""
    data = json.dumps(body).encode() if body else None
    answer = _HTTP.request(method, f"{server.endpoint}/_hannibal/{path}", body=data, timeout=LIMIT_SECONDS)
    assert answer.status == 200, answer.data
    return answer.json()


def client_error(call: Callable[[], Any]) -> tuple[str, str]:
    """Code and message of a call's error."""
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call was not refused")
