"""The template of EdgeStack, with what belongs to it in the stack that its buckets are in."""

from typing import Any

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Template

from installation import names
from installation.settings import Settings
from stacks.ephemeral.edge import EdgeStack
from stacks.persistent.artifact import ArtifactStack
from tests.conftest import new_app

DOMAIN = "app.example.com"


EDGE_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/edge"


ORIGIN_CERTIFICATE = "arn:aws:acm:ap-northeast-1:123456789012:certificate/origin"


HEADER = "{{resolve:secretsmanager:of-the-month:SecretString:::}}"


BALANCER = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/x/1"


class Edge:
    """Templates of EdgeStack and of the stack that its buckets are in."""

    def __init__(self, settings: Settings) -> None:
        app = new_app()
        artifact = ArtifactStack(app, names.ARTIFACT_STACK, settings=settings)
        balancer = elbv2.ApplicationLoadBalancer.from_application_load_balancer_attributes(
            artifact,
            "LoadBalancer",
            load_balancer_arn=BALANCER,
            security_group_id="sg-1",
            load_balancer_dns_name="balancer.example.com",
        )
        stack = EdgeStack(
            app,
            names.EDGE_STACK,
            settings=settings,
            artifact=artifact,
            load_balancer=balancer,
            origin_header=HEADER,
        )
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
