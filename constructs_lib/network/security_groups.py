"""Who may talk to whom: the security groups of load balancer, service and database, and all of their rules."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from installation.settings import Settings

HTTP = 80
HTTPS = 443
POSTGRESQL = 5432
ANYWHERE = "0.0.0.0/0"

# Stands for "no egress". A group that has no egress rule in its own resource is created with one to everywhere
# (CloudFormation, AWS::EC2::SecurityGroup), and rules that stand alone come later and do not take it away. CDK's
# `SecurityGroup` drops this rule as soon as it writes one that stands alone, so the groups here are written out.
NO_EGRESS = ec2.CfnSecurityGroup.EgressProperty(
    ip_protocol="icmp", cidr_ip="255.255.255.255/32", from_port=252, to_port=86, description="Nothing"
)


class SecurityGroups(Construct):
    """Three groups in a line: load balancer, service, database. Each reaches the next one on one port.

    Their rules are complete here, in the stack that outlives the month. What other stacks get are read-only views of
    the groups, to which no construct of CDK can add a rule: a load balancer or a service that did so would make a
    persistent stack change with an ephemeral one.

    The function that looks at a new release through the test listener has a group of its own, which reaches the load
    balancer on the test port and nothing else.

    Args:
        scope: where the groups belong.
        construct_id: its id there.
        vpc: their VPC.
        settings: ports, and who may reach the load balancer.
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self._vpc = vpc
        load_balancer = self._group("LoadBalancer", "Load balancer: reached from CloudFront and allowed ranges")
        service = self._group("Service", "Tasks of the API: reached from the load balancer")
        database = self._group("Database", "Database: reached from the service, reaches nothing")

        self._admit_clients(load_balancer, settings)
        self._connect(load_balancer, service, port=settings.service.port, purpose="Requests and health checks")
        self._connect(service, database, port=POSTGRESQL, purpose="Queries")
        # Not DNS: no group filters what goes to the VPC's own resolver (Amazon VPC user guide, "Security groups").
        ec2.CfnSecurityGroupEgress(
            self,
            "ServiceToInternet",
            group_id=service.attr_group_id,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr_ip=ANYWHERE,
            description="AWS APIs, images, and services that the API calls",
        )
        self.probe = self._probe(load_balancer, settings) if settings.release.verify_path else None
        self.load_balancer = self._view(load_balancer)
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
        """One way only: the rules let the source open connections to the target, and answers come back."""
        ec2.CfnSecurityGroupEgress(
            self,
            f"{source.node.id}To{target.node.id}",
            group_id=source.attr_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            destination_security_group_id=target.attr_group_id,
            description=purpose,
        )
        ec2.CfnSecurityGroupIngress(
            self,
            f"{target.node.id}From{source.node.id}",
            group_id=target.attr_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            source_security_group_id=source.attr_group_id,
            description=purpose,
        )

    def _admit_clients(self, load_balancer: ec2.CfnSecurityGroup, settings: Settings) -> None:
        production = HTTPS if settings.encrypts_origin else HTTP
        # One rule only: the list counts as 55 of the 60 rules that a group may have (CloudFront developer guide,
        # "Use the CloudFront managed prefix list"). CloudFront never asks for the redirect, so it needs no port 80.
        ec2.CfnSecurityGroupIngress(
            self,
            "LoadBalancerFromCloudFront",
            group_id=load_balancer.attr_group_id,
            ip_protocol="tcp",
            from_port=production,
            to_port=production,
            source_prefix_list_id=settings.network.cloudfront_prefix_list_id,
            description="CloudFront to production",
        )
        for cidr in settings.network.allowed_ingress:
            for port in sorted({HTTP, production, settings.load_balancer.test_port}):
                ec2.CfnSecurityGroupIngress(
                    self,
                    f"LoadBalancerFrom{cidr.replace('/', '-')}Port{port}",
                    group_id=load_balancer.attr_group_id,
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    cidr_ip=cidr,
                    description="Allowed range",
                )
