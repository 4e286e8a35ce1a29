"""The templates of EdgeStack and of the stack with its buckets."""

from typing import Any

from aws_cdk.assertions import Template

from constructs_lib.edge.distribution import ApiOrigin
from installation import names
from installation.settings import Settings
from stacks.ephemeral.edge import EdgeStack
from stacks.persistent.artifact import ArtifactStack
from tests.conftest import new_app

DOMAIN = "app.example.com"


EDGE_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/edge"


ORIGIN_CERTIFICATE = "arn:aws:acm:ap-northeast-1:123456789012:certificate/origin"


HEADER = "{{resolve:secretsmanager:of-the-month:SecretString:::}}"


class Edge:
    """Templates of EdgeStack and of the stack with its buckets."""

    def __init__(self, settings: Settings) -> None:
        app = new_app()
        artifact = ArtifactStack(app, names.ARTIFACT_STACK, settings=settings)
        tls = settings.load_balancer.certificate_arn is not None
        idle_seconds = settings.load_balancer.idle_timeout_seconds
        api = ApiOrigin(address="balancer.example.com", header=HEADER, tls=tls, idle_seconds=idle_seconds)
        stack = EdgeStack(app, names.EDGE_STACK, settings=settings, artifact=artifact, api=api)
        self.template = Template.from_stack(stack)
        self.artifact = Template.from_stack(artifact)

    def properties(self, kind: str) -> dict[str, Any]:
        """Properties of the one resource of a type."""
        (resource,) = self.template.find_resources(f"AWS::CloudFront::{kind}").values()
        properties: dict[str, Any] = resource["Properties"]
        return properties

    @property
    def distribution(self) -> dict[str, Any]:
        configuration: dict[str, Any] = self.properties("Distribution")["DistributionConfig"]
        return configuration

    def origin(self, behaviour: dict[str, Any]) -> dict[str, Any]:
        """The origin of a behaviour."""
        (found,) = [o for o in self.distribution["Origins"] if o["Id"] == behaviour["TargetOriginId"]]
        origin: dict[str, Any] = found
        return origin
