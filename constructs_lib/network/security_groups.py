"""The security groups of load balancer, service and database, with all of their rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from installation.settings import Settings

HTTP = 80
HTTPS = 443
POSTGRESQL = 5432
ANYWHERE = "0.0.0.0/0"

# Means "no egress". A group that has no egress rule in its own resource is created with one to everywhere
# (CloudFormation, AWS::EC2::SecurityGroup), and separate rule resources come later and do not remove it. CDK's
# `SecurityGroup` drops this rule as soon as it writes a separate one, so the groups here are L1 resources.
NO_EGRESS = ec2.CfnSecurityGroup.EgressProperty(
    ip_protocol="icmp", cidr_ip="255.255.255.255/32", from_port=252, to_port=86, description="Nothing"
)


class SecurityGroups(Construct):
    """Three groups: load balancer, service, database. Each reaches the next one on one port.

    The load balancer has a second group for TLS, with CloudFront's rule for HTTPS. It always exists and opens nothing
    until a load balancer uses it. One group is not enough: CloudFront's prefix list counts as 55 of the 60 rules that
    a group may have, so a rule for another port could not be created before the old one is deleted, as CloudFormation
    does it (decision record 42).

    All rules are here, in the stack that outlives the month. Other stacks get read-only views of
    the groups, to which no CDK construct can add a rule: a load balancer or a service that did so would make a
    persistent stack change with an ephemeral one.

    The function that checks a new release through the test listener has a group of its own, which reaches the load
    balancer on the test port and nothing else.

    Attributes:
        load_balancer: groups of the load balancer, with the group for TLS where it has a certificate.
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self._vpc = vpc
        load_balancer = self._group("LoadBalancer", "Load balancer: reached from CloudFront and allowed ranges")
        tls = self._group("LoadBalancerTls", "Load balancer with TLS: reached from CloudFront and allowed ranges")
        service = self._group("Service", "Tasks of the API: reached from the load balancer")
        database = self._group("Database", "Database: reached from the service, reaches nothing")

        if not settings.encrypts_origin:
            self._allow_cloudfront(load_balancer, HTTP, settings)
        self._allow_cloudfront(tls, HTTPS, settings)
        self._allow_ranges(load_balancer, (HTTP, settings.load_balancer.test_port), settings)
        self._allow_ranges(tls, (HTTPS,), settings)
        self._connect(load_balancer, service, port=settings.service.port, purpose="Requests and health checks")
        self._connect(service, database, port=POSTGRESQL, purpose="Queries")
        # Not DNS: security groups do not filter traffic to the VPC's own resolver (Amazon VPC user guide, "Security
        # groups").
        self._egress(service, "Internet", HTTPS, "AWS APIs, images, and services that the API calls", cidr_ip=ANYWHERE)
        self.probe = self._probe(load_balancer, settings) if settings.release.verify_path else None
        self.load_balancer = tuple(
            self._view(group) for group in ((load_balancer, tls) if settings.encrypts_origin else (load_balancer,))
        )
        self.service = self._view(service)
        self.database = self._view(database)

    def _probe(self, load_balancer: ec2.CfnSecurityGroup, settings: Settings) -> ec2.ISecurityGroup:
        probe = self._group("Probe", "Function that looks at a release: reaches the test listener")
        self._connect(probe, load_balancer, port=settings.load_balancer.test_port, purpose="Look at a release")
        return self._view(probe)

    def _group(self, construct_id: str, description: str) -> ec2.CfnSecurityGroup:
        return ec2.CfnSecurityGroup(
            self,
            construct_id,
            vpc_id=self._vpc.vpc_id,
            group_description=description,
            security_group_egress=[NO_EGRESS],
        )

    def _view(self, group: ec2.CfnSecurityGroup) -> ec2.ISecurityGroup:
        return ec2.SecurityGroup.from_security_group_id(
            self, f"{group.node.id}View", group.attr_group_id, mutable=False
        )

    def _connect(self, source: ec2.CfnSecurityGroup, target: ec2.CfnSecurityGroup, *, port: int, purpose: str) -> None:
        """One direction only: the source may open connections to the target, and groups are stateful."""
        self._egress(source, target.node.id, port, purpose, destination_security_group_id=target.attr_group_id)
        self._ingress(target, source.node.id, port, purpose, source_security_group_id=source.attr_group_id)

    def _egress(self, group: ec2.CfnSecurityGroup, target: str, port: int, purpose: str, **where: str) -> None:
        ec2.CfnSecurityGroupEgress(self, f"{group.node.id}To{target}", **_rule(group, port, purpose, where))

    def _ingress(self, group: ec2.CfnSecurityGroup, source: str, port: int, purpose: str, **where: str) -> None:
        ec2.CfnSecurityGroupIngress(self, f"{group.node.id}From{source}", **_rule(group, port, purpose, where))

    def _allow_cloudfront(self, group: ec2.CfnSecurityGroup, port: int, settings: Settings) -> None:
        # CloudFront never asks for the redirect, so with a certificate it needs no port 80.
        prefix_list = settings.network.cloudfront_prefix_list_id
        self._ingress(group, "CloudFront", port, "CloudFront to production", source_prefix_list_id=prefix_list)

    def _allow_ranges(self, group: ec2.CfnSecurityGroup, ports: Iterable[int], settings: Settings) -> None:
        for cidr in settings.network.allowed_ingress:
            for port in ports:
                source = f"{cidr.replace('/', '-')}Port{port}"
                self._ingress(group, source, port, "Allowed range", cidr_ip=cidr)


def _rule(group: ec2.CfnSecurityGroup, port: int, purpose: str, peer: Mapping[str, str]) -> dict[str, Any]:
    return {
        "group_id": group.attr_group_id,
        "ip_protocol": "tcp",
        "from_port": port,
        "to_port": port,
        "description": purpose,
        **peer,
    }
