"""The load balancer: how requests come in, and which of two target groups answers them."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.network.network import PUBLIC_TIER
from installation.names import Names
from installation.settings_sections import LoadBalancerSettings, ServiceSettings

HTTP_PORT = 80
HTTPS_PORT = 443

# A new task serves after two good answers, so 20 seconds at the least; three bad ones take a target out.
HEALTH_INTERVAL = cdk.Duration.seconds(10)
HEALTH_TIMEOUT = cdk.Duration.seconds(5)
HEALTHY_ANSWERS = 2
UNHEALTHY_ANSWERS = 3


class LoadBalancer(Construct):
    """Load balancer, production and test listener, blue and green target group.

    Both listeners begin at blue. From then on they belong to CodeDeploy: a release moves the test listener and then
    production to the other group, and a template that changes a listener would move it back (aws-cdk #36649).

    Listeners open nothing: who may reach them is written in the security group, which outlives the month.

    Args:
        scope: the ephemeral stack that it lives in.
        construct_id: its id there.
        names: the installation's names.
        vpc: the network.
        security_group: group of the load balancer.
        log_bucket: bucket of its access logs; the bucket's own policy lets load balancers write.
        settings: certificate, ports and timeout.
        service: port and health path of the targets.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        log_bucket: s3.IBucket,
        settings: LoadBalancerSettings,
        service: ServiceSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._certificate = settings.certificate_arn
        self.load_balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            load_balancer_name=names.load_balancer,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name=PUBLIC_TIER),
            internet_facing=True,
            security_group=security_group,
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elbv2.DesyncMitigationMode.STRICTEST,
            idle_timeout=cdk.Duration.seconds(settings.idle_timeout_seconds),
            # It is deleted at every month's end, by plain `cdk destroy`; it holds nothing that could be lost.
            deletion_protection=False,
        )
        self._log_to(log_bucket)
        self.blue = self._target_group("Blue", names.blue_target_group, vpc, service)
        self.green = self._target_group("Green", names.green_target_group, vpc, service)
        self.production_listener = self._listener("Production", HTTPS_PORT if self._certificate else HTTP_PORT)
        self.test_listener = self._listener("Test", settings.test_port)
        for listener in (self.production_listener, self.test_listener):
            # A release moves it to green, which the template does not show. Without this, green could be deleted first
            # at month's end, and Elastic Load Balancing refuses that while a listener uses it (ResourceInUse).
            listener.node.add_dependency(self.green)
        if self._certificate:
            self.load_balancer.add_redirect(open=False)

    def _log_to(self, bucket: s3.IBucket) -> None:
        # Not by log_access_logs(), which would write a statement for this load balancer into the policy of a bucket
        # that outlives it.
        self.load_balancer.set_attribute("access_logs.s3.enabled", "true")
        self.load_balancer.set_attribute("access_logs.s3.bucket", bucket.bucket_name)

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

    def _listener(self, construct_id: str, port: int) -> elbv2.ApplicationListener:
        """A listener at blue, with TLS where there is a certificate.

        Without one it speaks HTTP, which is honest only because CloudFront stands in front: users have TLS up to the
        edge, and the way from there is closed to everybody but CloudFront and the allowed ranges. A certificate needs
        a domain, and not every installation has one.
        """
        if self._certificate is None:
            return self.load_balancer.add_listener(
                construct_id,
                port=port,
                protocol=elbv2.ApplicationProtocol.HTTP,
                open=False,
                default_target_groups=[self.blue],
            )
        return self.load_balancer.add_listener(
            construct_id,
            port=port,
            protocol=elbv2.ApplicationProtocol.HTTPS,
            open=False,
            default_target_groups=[self.blue],
            certificates=[elbv2.ListenerCertificate.from_arn(self._certificate)],
            ssl_policy=elbv2.SslPolicy.TLS13_12_RES_PQ,
        )
