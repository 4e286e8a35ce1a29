"""What CodeDeploy is told, and what it tells."""

import hashlib
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.errors import RefusedError
from ops.release.deployment import DeploymentRequest, create_deployment, image_of, state_of, stop_deployment
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW

REQUEST = DeploymentRequest(
    task_definition="arn:task:8",
    container_port=3000,
    configuration="CodeDeployDefault.ECSAllAtOnce",
    hook="verify",
    watch_alarms=True,
    back=False,
    like="family:6",
    replaced="family:7",
    who="arn:aws:sts::1:assumed-role/HannibalCICDRole-Dev/run",
)

CLUSTERS = [{"defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]}]
ECS = SimpleNamespace(describe_clusters=lambda **_: {"clusters": CLUSTERS})


def requested(settings: Settings, **change: Any) -> dict[str, Any]:
    requests: list[dict[str, Any]] = []

    def create(**request: Any) -> Any:
        requests.append(request)
        return {"deploymentId": "d-1"}

    aws = aws_of(codedeploy=SimpleNamespace(create_deployment=create), ecs=ECS, settings=settings)
    assert create_deployment(aws, DeploymentRequest(**{**vars(REQUEST), **change})) == "d-1"
    return requests[0]


def test_the_app_spec_travels_with_the_request_and_its_digest(settings: Settings) -> None:
    request = requested(settings)
    content = request["revision"]["appSpecContent"]["content"]
    assert request["revision"]["appSpecContent"]["sha256"] == hashlib.sha256(content.encode()).hexdigest()
    spec = json.loads(content)
    properties = spec["Resources"][0]["TargetService"]["Properties"]
    assert properties == {
        "TaskDefinition": "arn:task:8",
        "LoadBalancerInfo": {"ContainerName": "api", "ContainerPort": 3000},
        "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Base": 0, "Weight": 1}],
    }
    assert spec["Hooks"] == [{"AfterAllowTestTraffic": "verify"}]
    assert "Hooks" not in json.loads(requested(settings, hook=None)["revision"]["appSpecContent"]["content"])


@pytest.mark.parametrize("runs", ["arn:task:8", "arn:task:9"])
def test_a_request_that_is_repeated_after_a_lost_answer_is_no_other_release(settings: Settings, runs: str) -> None:
    """Its revision would be deregistered under it: ECS starts no tasks of one that is."""

    def create(**_: Any) -> Any:
        raise client_error("DeploymentLimitExceededException", "the group has a deployment d-1")

    content = json.dumps({"Resources": [{"TargetService": {"Properties": {"TaskDefinition": runs}}}]})
    info = {"deploymentId": "d-1", "createTime": NOW, "status": "InProgress"}
    digest = hashlib.sha256(content.encode()).hexdigest()
    named = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": digest}}
    info["revision"] = named  # its text is "always null" here (API reference, GetDeployment)

    def revision(applicationName: str, revision: Any) -> Any:  # noqa: N803
        assert (applicationName, revision) == (settings.names.codedeploy_application, named)
        return {"revision": {"appSpecContent": {"content": content, "sha256": digest}}}

    codedeploy = SimpleNamespace(
        create_deployment=create,
        get_application_revision=revision,
        get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: [{"deployments": ["d-1"]}]),
        get_deployment=lambda **_: {"deploymentInfo": info},
    )
    aws = aws_of(codedeploy=codedeploy, ecs=ECS, settings=settings)
    if runs == REQUEST.task_definition:
        assert create_deployment(aws, REQUEST) == "d-1"
    else:
        with pytest.raises(RefusedError, match="another release came first: the group has"):
            create_deployment(aws, REQUEST)


def test_alarms_are_left_out_of_it_only_on_demand(settings: Settings) -> None:
    assert "overrideAlarmConfiguration" not in requested(settings)
    assert requested(settings, watch_alarms=False)["overrideAlarmConfiguration"] == {"enabled": False}


def test_who_released_what_is_read_back_from_the_description(settings: Settings) -> None:
    for back in (False, True):
        request = requested(settings, back=back)
        info = {
            "deploymentId": "d-1",
            "status": "Succeeded",
            "createTime": NOW,
            "creator": "user",
            "description": request["description"],
            "revision": request["revision"],
        }
        state = state_of(cast("Any", info))
        assert (state.who, state.task_definition) == (REQUEST.who, "arn:task:8")
        assert (state.like, state.replaced) == ("family:6", "family:7")


def test_codedeploy_takes_the_description_however_long_the_names_are(settings: Settings) -> None:
    """256 characters (CodeDeploy user guide, "CodeDeploy quotas")."""
    who = f"arn:aws:sts::123456789012:assumed-role/{'r' * 64}/{'s' * 64}"
    family = f"{'p' * 26}-api-task"
    request = requested(settings, back=True, who=who, like=f"{family}:12345", replaced=f"{family}:12344")
    assert len(request["description"]) <= 256
    state = state_of(cast("Any", {"createTime": NOW, "description": request["description"]}))
    assert state.who.startswith(f"arn:aws:sts::123456789012:assumed-role/{'r' * 64}/ss")
    assert (state.like, state.replaced) == (f"{family}:12345", f"{family}:12344")


def test_a_deployment_of_an_earlier_version_of_this_command_is_read_too() -> None:
    info = {"status": "Succeeded", "createTime": NOW, "description": "release of api:2 by arn:me"}
    state = state_of(cast("Any", info))
    assert (state.who, state.like, state.replaced) == ("arn:me", "", "")


def test_a_deployment_from_elsewhere_is_read_as_far_as_it_goes() -> None:
    yaml = "Resources:\n  - TargetService:\n      Properties:\n        TaskDefinition: family:3\n"
    info = {"deploymentId": "d-2", "status": "Failed", "createTime": NOW, "creator": "codeDeployRollback"}
    by_hand = state_of(cast("Any", {**info, "revision": {"string": {"content": yaml}}}))
    assert (by_hand.task_definition, by_hand.who) == ("family:3", "codeDeployRollback")
    odd = ("made: 2026-02-30", "made: !!timestamp today", "made: !!int ''", "[" * 1_000)
    for content in ("", "- not a mapping", "Resources: []", "a: [", "Resources: [{S: {}}]", *odd):
        assert state_of(cast("Any", {**info, "revision": {"string": {"content": content}}})).task_definition == ""


def test_a_deployment_releases_the_image_of_its_revision(settings: Settings) -> None:
    def describe(taskDefinition: str) -> Any:  # noqa: N803
        if taskDefinition != "family:3":
            raise client_error("ClientException", "Unable to describe task definition.")
        return {"taskDefinition": {"containerDefinitions": [{"name": settings.names.container, "image": "api:2"}]}}

    aws = aws_of(ecs=SimpleNamespace(describe_task_definition=describe), settings=settings)
    one = state_of(cast("Any", {"createTime": NOW}))
    images = [image_of(aws, replace(one, task_definition=name)) for name in ("", "family:2", "family:3")]
    assert images == ["", "", "api:2"]


def _refusing(code: str) -> Any:
    def refuse(**_: Any) -> Any:
        raise client_error(code, "The Deployment Group 'dg' already has an active Deployment 'd-9'")

    return SimpleNamespace(create_deployment=refuse, stop_deployment=refuse)


def test_a_deployment_that_has_ended_cannot_be_stopped() -> None:
    """Whoever asks watches it to its end all the same: the stop may be their own, whose answer was lost."""
    assert not stop_deployment(aws_of(codedeploy=_refusing("DeploymentAlreadyCompletedException")), "d-1")
    assert stop_deployment(aws_of(codedeploy=SimpleNamespace(stop_deployment=lambda **_: {})), "d-1")
    with pytest.raises(ClientError):
        stop_deployment(aws_of(codedeploy=_refusing("DeploymentDoesNotExistException")), "d-1")
