"""What CodeDeploy computes: the steps of a shift, an AppSpec, what a policy must allow."""

import hashlib
import json
from typing import Any

import pytest

from embedded_aws.codedeploy.app_spec import parse, read, revision_of
from embedded_aws.codedeploy.applications import Applications
from embedded_aws.codedeploy.authorization import Authorization
from embedded_aws.codedeploy.configurations import Configurations, Step, steps
from embedded_aws.codedeploy.lifecycle import EVENTS, begin, break_off, end, new_events
from embedded_aws.codedeploy.store import Store
from embedded_aws.core.refusal import Refusal

APP_SPEC = """
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: api:7
        LoadBalancerInfo: {ContainerName: api, ContainerPort: 3000}
        NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1], AssignPublicIp: ENABLED}}
Hooks:
  - AfterAllowTestTraffic: probe
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ECSAllAtOnce", [Step(100.0, 0.0)]),
        ("ECSCanary10Percent5Minutes", [Step(10, 0.0), Step(100.0, 300.0)]),
        ("ECSCanary10Percent15Minutes", [Step(10, 0.0), Step(100.0, 900.0)]),
        ("ECSLinear10PercentEvery3Minutes", [Step(10.0 * n, 180.0 * (n - 1)) for n in range(1, 11)]),
    ],
)
def test_the_steps_of_the_predefined_configurations(name: str, expected: list[Step]) -> None:
    found = Configurations(Store()).find(f"CodeDeployDefault.{name}")
    assert steps(found["trafficRoutingConfig"]) == expected


def test_a_linear_shift_ends_at_all_traffic_where_the_share_does_not_divide() -> None:
    routing = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 30, "linearInterval": 2}}
    assert [step.percent for step in steps(routing)] == [30, 60, 90, 100]


@pytest.mark.parametrize(
    "routing",
    [
        {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 0, "canaryInterval": 1}},
        {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 100, "canaryInterval": 1}},
        {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 0}},
        {"type": "Sudden"},
    ],
)
def test_a_shift_that_cannot_be_planned_is_refused(routing: dict[str, Any]) -> None:
    request = {"deploymentConfigName": "own", "computePlatform": "ECS", "trafficRoutingConfig": routing}
    with pytest.raises(Refusal) as refusal:
        Configurations(Store()).create(request)
    assert refusal.value.code == "InvalidTrafficRoutingConfigurationException"


def test_an_app_spec_in_yaml_or_json() -> None:
    spec = parse(APP_SPEC)
    assert (spec.task_definition, spec.container_name, spec.container_port) == ("api:7", "api", 3000)
    assert spec.network == {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}
    assert spec.hooks == {"AfterAllowTestTraffic": "probe"}
    assert read(revision_of("api:8", "api", 3000)).task_definition == "api:8"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "version: 0.0",
        "{",
        APP_SPEC.replace("AWS::ECS::Service", "AWS::Lambda::Function"),
        APP_SPEC.replace("ContainerPort: 3000", "ContainerPort: http"),
        APP_SPEC.replace("AfterAllowTestTraffic", "AfterLunch"),
    ],
)
def test_what_is_no_app_spec_is_refused(content: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read({"revisionType": "AppSpecContent", "appSpecContent": {"content": content}})
    assert refusal.value.code == "InvalidRevisionException"


def test_a_digest_must_be_that_of_the_content() -> None:
    revision = revision_of("api:8", "api", 3000)
    content = revision["appSpecContent"]["content"]
    assert revision["appSpecContent"]["sha256"] == hashlib.sha256(content.encode()).hexdigest()
    revision["appSpecContent"]["sha256"] = "0" * 64
    with pytest.raises(Refusal, match="SHA256"):
        read(revision)
    assert json.loads(content)["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"] == "api:8"


def test_a_broken_deployment_fails_what_ran_and_skips_what_was_to_come() -> None:
    events = new_events()
    begin(events[0])
    end(events[0], "Succeeded")
    begin(events[1])
    break_off(events, {"errorCode": "ScriptFailed"})
    assert [event["status"] for event in events] == ["Succeeded", "Failed", *["Skipped"] * (len(EVENTS) - 2)]
    assert events[1]["diagnostics"] == {"errorCode": "ScriptFailed"}
    assert events[1]["endTime"] >= events[1]["startTime"]


def test_policies_are_about_application_group_and_configuration() -> None:
    store = Store()
    store.deployments["d-1"] = {"info": {"applicationName": "app", "deploymentGroupName": "group"}}
    authorization = Authorization(store, account="000000000000", region="ap-northeast-1")
    prefix = "arn:aws:codedeploy:ap-northeast-1:000000000000:"
    group = {"applicationName": "app", "deploymentGroupName": "group"}
    assert authorization.resource("CreateDeployment", group) == f"{prefix}deploymentgroup:app/group"
    assert authorization.resource("GetDeployment", {"deploymentId": "d-1"}) == f"{prefix}deploymentgroup:app/group"
    assert authorization.resource("GetApplication", group) == f"{prefix}application:app"
    assert authorization.resource("StopDeployment", {"deploymentId": "d-1"}) == "*"
    name = {"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"}
    assert (
        authorization.resource("GetDeploymentConfig", name)
        == f"{prefix}deploymentconfig:{name['deploymentConfigName']}"
    )


def test_an_application_takes_what_is_known_of_its_deployments_along() -> None:
    store = Store()
    applications = Applications(store, account="000000000000", region="ap-northeast-1")
    for name in ("shop", "other"):
        applications.create({"applicationName": name, "computePlatform": "ECS"})
        store.deployments[f"d-{name}"] = {"info": {"applicationName": name, "status": "Succeeded"}}
    applications.delete({"applicationName": "shop"})
    assert store.deployments.keys() == {"d-other"}
