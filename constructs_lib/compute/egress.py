"""How tasks reach the internet during a month."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from constructs_lib.network.network import APP_TIER, PUBLIC_TIER
from installation.settings import Settings


class Egress(Construct):
    """The subnets of tasks, and their way to the internet.

    With ``public_ip`` tasks are in public subnets with an address of their own; the service's security group lets
    only the load balancer in. With ``nat_gateway`` they are in the app tier, and its default routes lead to
    one NAT gateway. All of it is deleted with the month, so the routes are made here: the VPC construct's own NAT
    support would put them into the stack that outlives it.

    Whatever needs the internet depends on this construct.

    Args:
        settings: ``network.egress``; NAT gateway and address have the project's name in the console.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id)
        self.assign_public_ip = settings.network.egress == "public_ip"
        tier = PUBLIC_TIER if self.assign_public_ip else APP_TIER
        self.subnets = ec2.SubnetSelection(subnet_group_name=tier)
        if not self.assign_public_ip:
            self._nat_gateway(vpc, settings.project)

    def _nat_gateway(self, vpc: ec2.IVpc, name: str) -> None:
        tags = [{"key": "Name", "value": name}]
        address = ec2.CfnEIP(self, "Address", domain="vpc", tags=tags)
        # One gateway, not one per zone: a second costs 45 USD a month, and when its zone fails running tasks still
        # serve and still reach the database; only calls to the internet fail.
        gateway = ec2.CfnNatGateway(
            self,
            "NatGateway",
            subnet_id=vpc.select_subnets(subnet_group_name=PUBLIC_TIER).subnets[0].subnet_id,
            allocation_id=address.attr_allocation_id,
            connectivity_type="public",
            tags=tags,
        )
        for number, subnet in enumerate(vpc.select_subnets(subnet_group_name=APP_TIER).subnets, start=1):
            ec2.CfnRoute(
                self,
                f"DefaultRoute{number}",
                route_table_id=subnet.route_table.route_table_id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateway.attr_nat_gateway_id,
            )
