"""The revision of a deployment."""

import hashlib
import json

import pytest

from embedded_aws.codedeploy.app_spec import parse, read, revision_of
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
