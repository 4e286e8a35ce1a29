"""The load balancer, its listeners and its two target groups."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.network.network import PUBLIC_TIER
from constructs_lib.network.security_groups import HTTP, HTTPS
from installation.names import ORIGIN_HEADER
from installation.settings import Settings
from installation.settings.service import ServiceSettings

# A new task serves after two good answers, so 20 seconds at the least; three bad ones take a target out.
HEALTH_INTERVAL = cdk.Duration.seconds(10)
HEALTH_TIMEOUT = cdk.Duration.seconds(5)
HEALTHY_ANSWERS = 2
UNHEALTHY_ANSWERS = 3


class LoadBalancer(Construct):
    """Load balancer, production and test listener, blue and green target group.

    Both listeners begin at blue. From then on they belong to CodeDeploy: a release moves the test listener and then
    production to the other group, the default action and the rule that forwards, and a template that changes one of
    them would move it back (aws-cdk #36649).

    The production listener answers 403 to a request without the header of our distribution. The test listener has no
    such rule; its security group lets in the release probe and the allowed ranges.

    Listeners open no port: the security group, which outlives the month, decides who may reach them.

    Args:
        settings: ports and timeout, and the targets' port and health path.
        log_bucket: bucket of its access logs; the bucket's own policy lets load balancers write.
        certificate_arn: certificate of the listeners; None for HTTP.
        origin_header: value of the header that our distribution sends.

    Attributes:
        forwarding_rule: the rule of production that CodeDeploy shifts beside the default action.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        security_groups: Sequence[ec2.ISecurityGroup],
        log_bucket: s3.IBucket,
        certificate_arn: str | None,
        origin_header: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._certificate = certificate_arn
        names, service = settings.names, settings.service
        self.load_balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            load_balancer_name=names.load_balancer,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name=PUBLIC_TIER),
            internet_facing=True,
            security_group=security_groups[0],
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elbv2.DesyncMitigationMode.STRICTEST,
            idle_timeout=cdk.Duration.seconds(settings.load_balancer.idle_timeout_seconds),
            # It is deleted at every month's end, by plain `cdk destroy`; it holds nothing that could be lost.
            deletion_protection=False,
        )
        for more in security_groups[1:]:
            self.load_balancer.add_security_group(more)
        # Not by log_access_logs(), which would write a statement for this load balancer into the policy of a bucket
        # that outlives it.
        self.load_balancer.set_attribute("access_logs.s3.enabled", "true")
        self.load_balancer.set_attribute("access_logs.s3.bucket", log_bucket.bucket_name)
        self.blue = self._target_group("Blue", names.blue_target_group, vpc, service)
        self.green = self._target_group("Green", names.green_target_group, vpc, service)
        production_port = HTTPS if self._certificate else HTTP
        self.production_listener = self._listener("Production", production_port, self._forward())
        test_port = settings.load_balancer.test_port
        self.test_listener = self._listener("Test", test_port, elbv2.ListenerAction.forward([self.blue]))
        self.forwarding_rule = self._require_origin_header(origin_header)
        for listener in (self.production_listener, self.test_listener):
            # A release moves it to green, which the template does not show. Without this, green could be deleted first
            # at month's end, and Elastic Load Balancing refuses that while a listener uses it (ResourceInUse).
            listener.node.add_dependency(self.green)
        if self._certificate:
            self.load_balancer.add_redirect(open=False)

    def _target_group(
        self, construct_id: str, name: str, vpc: ec2.IVpc, service: ServiceSettings
    ) -> elbv2.ApplicationTargetGroup:
        return elbv2.ApplicationTargetGroup(
            self,
            construct_id,
            target_group_name=name,
            vpc=vpc,
            target_type=elbv2.TargetType.IP,
            protocol=elbv2.ApplicationProtocol.HTTP,
            port=service.port,
            deregistration_delay=cdk.Duration.seconds(service.deregistration_delay_seconds),
            health_check=elbv2.HealthCheck(
                path=service.health_path,
                healthy_http_codes="200",
                interval=HEALTH_INTERVAL,
                timeout=HEALTH_TIMEOUT,
                healthy_threshold_count=HEALTHY_ANSWERS,
                unhealthy_threshold_count=UNHEALTHY_ANSWERS,
            ),
        )

    def _forward(self) -> elbv2.ListenerAction:
        """To blue, and to green when CodeDeploy shifts: it changes every action of the listener that names a group."""
        weights = ((self.blue, 100), (self.green, 0))
        groups = [elbv2.WeightedTargetGroup(target_group=group, weight=weight) for group, weight in weights]
        return elbv2.ListenerAction.weighted_forward(groups)

    def _require_origin_header(self, origin_header: str) -> elbv2.ApplicationListenerRule:
        # The default action, which no request reaches, keeps the groups: CodeDeploy looks for them there.
        rule = elbv2.ApplicationListenerRule(
            self,
            "FromDistribution",
            listener=self.production_listener,
            priority=10,
            conditions=[elbv2.ListenerCondition.http_header(ORIGIN_HEADER, [origin_header])],
            action=self._forward(),
        )
        elbv2.ApplicationListenerRule(
            self,
            "FromElsewhere",
            listener=self.production_listener,
            priority=20,
            conditions=[elbv2.ListenerCondition.path_patterns(["*"])],
            action=elbv2.ListenerAction.fixed_response(
                403, content_type="text/plain", message_body="Ask by the address that users know."
            ),
        )
        return rule

    def _listener(self, construct_id: str, port: int, action: elbv2.ListenerAction) -> elbv2.ApplicationListener:
        """A listener with TLS where there is a certificate.

        Without one it speaks HTTP. That is acceptable only because CloudFront is in front: users have TLS up to the
        edge, and only CloudFront and the allowed ranges reach the load balancer. A certificate needs
        a domain, and not every installation has one.
        """
        certificate = self._certificate
        return self.load_balancer.add_listener(
            construct_id,
            port=port,
            protocol=elbv2.ApplicationProtocol.HTTPS if certificate else elbv2.ApplicationProtocol.HTTP,
            open=False,
            default_action=action,
            certificates=[elbv2.ListenerCertificate.from_arn(certificate)] if certificate else None,
            ssl_policy=elbv2.SslPolicy.TLS13_12_RES_PQ if certificate else None,
        )
