"""A CodeDeploy application with its deployment group for a running service, and its deployments."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.embedded.running_service import PORT, RunningService, control
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

CANARY = "CodeDeployDefault.ECSCanary10Percent5Minutes"
ENDED = {"Succeeded", "Failed", "Stopped"}


class ReleasingService(RunningService):
    """A service with a deployment group."""

    def __init__(self, server: EmbeddedAws, name: str, **group: Any) -> None:
        super().__init__(server, name)
        session = server.session()
        self.deploy: Any = session.client("codedeploy")
        self.cloudwatch: Any = session.client("cloudwatch")
        self.alarm = f"{name}-errors"
        self.cloudwatch.put_metric_alarm(
            AlarmName=self.alarm,
            Namespace="Test",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
        )
        self.deploy.create_application(applicationName=name, computePlatform="ECS")
        self.deploy.create_deployment_group(**self.group_request(**group))
        self.wait_until_steady()

    def group_request(self, **change: Any) -> dict[str, Any]:
        return {
            "applicationName": self.name,
            "deploymentGroupName": "group",
            "serviceRoleArn": "arn:aws:iam::000000000000:role/codedeploy",
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "blueGreenDeploymentConfiguration": {
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE",
                    "terminationWaitTimeInMinutes": 1,
                },
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
            },
            "alarmConfiguration": {"enabled": True, "alarms": [{"name": self.alarm}]},
            "autoRollbackConfiguration": {
                "enabled": True,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
            },
            "loadBalancerInfo": {
                "targetGroupPairInfoList": [
                    {
                        "targetGroups": [{"name": f"{self.name}-blue"}, {"name": f"{self.name}-green"}],
                        "prodTrafficRoute": {"listenerArns": [self.production]},
                        "testTrafficRoute": {"listenerArns": [self.test]},
                    }
                ]
            },
            "ecsServices": [{"clusterName": self.name, "serviceName": self.name}],
            **change,
        }

    def revision(self, definition: str, hooks: list[dict[str, str]] | None = None, **properties: Any) -> dict[str, Any]:
        properties = {
            "TaskDefinition": definition,
            "LoadBalancerInfo": {"ContainerName": "api", "ContainerPort": PORT},
            **properties,
        }
        content = {
            "version": 0.0,
            "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}],
            "Hooks": hooks or [],
        }
        return {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}}

    def release(self, image: str, hooks: list[dict[str, str]] | None = None, **request: Any) -> str:
        """Start the release of an image, and return its deployment id."""
        revision = self.revision(self.register(image), hooks)
        request = {"applicationName": self.name, "deploymentGroupName": "group", "revision": revision, **request}
        identifier: str = self.deploy.create_deployment(**request)["deploymentId"]
        return identifier

    @contextmanager
    def held(self, at_percent: int = 10) -> Iterator[None]:
        """Stop a traffic shift there for the ``with`` block, also on a busy machine; then it continues."""
        fault = {"kind": "hold", "pattern": self.name, "at_percent": at_percent}
        control(self.server, "POST", "faults", fault)
        try:
            yield
        finally:
            control(self.server, "DELETE", "faults", fault)

    def info(self, deployment: str) -> Any:
        return self.deploy.get_deployment(deploymentId=deployment)["deploymentInfo"]

    def target(self, deployment: str) -> Any:
        return self.deploy.get_deployment_target(deploymentId=deployment, targetId=f"{self.name}:{self.name}")[
            "deploymentTarget"
        ]["ecsTarget"]

    def events(self, deployment: str) -> dict[str, str]:
        return {e["lifecycleEventName"]: e["status"] for e in self.target(deployment)["lifecycleEvents"]}

    def wait_for_end(self, deployment: str) -> Any:
        wait_for(lambda: self.info(deployment)["status"] in ENDED)
        return self.info(deployment)

    def wait_for_weights(self, deployment: str, production: dict[str, int]) -> None:
        def reached() -> bool:
            assert self.info(deployment)["status"] not in ENDED, self.info(deployment)
            return self.weights(self.production) == production

        wait_for(reached)

    def live_group(self) -> str:
        """The target group of production."""
        arn: str = self.describe()["loadBalancers"][0]["targetGroupArn"]
        return arn

    def idle_group(self) -> str:
        return self.green if self.live_group() == self.blue else self.blue
