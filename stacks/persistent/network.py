"""NetworkStack: the network that outlives the months."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib.network.network import APP_TIER, DATA_TIER, PUBLIC_TIER, Network
from constructs_lib.network.probe import ReleaseProbe
from constructs_lib.network.security_groups import SecurityGroups
from constructs_lib.stack import HannibalStack
from installation.settings import Settings


class NetworkStack(HannibalStack):
    """VPC in three tiers, the security groups of load balancer, service and database, and the probe of releases."""

    lifecycle = "persistent"
    purpose = "VPC in three tiers, flow logs and security groups"

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id, settings=settings)
        network = Network(self, "Network", settings=settings)
        groups = SecurityGroups(self, "SecurityGroups", vpc=network.vpc, settings=settings)
        self.vpc = network.vpc
        self.load_balancer_security_groups = groups.load_balancer
        self.service_security_group = groups.service
        self.database_security_group = groups.database
        self.release_probe = None
        if groups.probe is not None:
            probe = ReleaseProbe(self, "Probe", names=self.names, vpc=network.vpc, security_group=groups.probe)
            self.release_probe = probe.function
        self._outputs()

    def _outputs(self) -> None:
        self.output("VpcId", self.vpc.vpc_id, "The VPC")
        for tier in (PUBLIC_TIER, APP_TIER, DATA_TIER):
            subnets = self.vpc.select_subnets(subnet_group_name=tier).subnet_ids
            self.output(f"{tier.title()}Subnets", ",".join(subnets), f"Subnets of the tier {tier}")
        groups: dict[str, ec2.ISecurityGroup] = {
            "LoadBalancer": self.load_balancer_security_groups[0],
            "Service": self.service_security_group,
            "Database": self.database_security_group,
        }
        for name, group in groups.items():
            self.output(f"{name}SecurityGroupId", group.security_group_id, f"Security group: {name}")
        self.output("DefaultSecurityGroupId", self.vpc.vpc_default_security_group, "Default security group: unused")
        self.output("FlowLogGroup", self.names.flow_log_group, "Log group of the VPC's flow logs")
