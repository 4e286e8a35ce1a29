"""NetworkStack: the network that outlives the months, and who may talk to whom."""

import re
from ipaddress import IPv4Network
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Match, Template
from pydantic import ValidationError

from installation import names
from installation.settings import Settings
from installation.settings.file import load_settings
from stacks.persistent.network import NetworkStack
from tests.conftest import new_app
from tests.support.synthesis import Synthesized, changed

CERTIFICATE = "arn:aws:acm:ap-northeast-1:123456789012:certificate/c"
DOMAIN = {"domain": "hannibal.example.com", "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/c"}
Rule = tuple[str, int, str]


@pytest.fixture(scope="module")
def network(settings: Settings) -> Synthesized:
    return Synthesized(NetworkStack, names.NETWORK_STACK, settings)


@pytest.fixture(scope="module")
def guarded(settings: Settings) -> Synthesized:
    """With a certificate, an allowed range and three zones."""
    return Synthesized(
        NetworkStack,
        names.NETWORK_STACK,
        changed(
            settings,
            network={
                "allowed_ingress": ("203.0.113.0/24",),
                "availability_zones": ("ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"),
            },
            load_balancer={"certificate_arn": CERTIFICATE},
            edge=DOMAIN,
        ),
    )


def subnets(network: Synthesized) -> dict[tuple[str, str], str]:
    """Address range by tier and zone."""
    found = {}
    for properties in network.properties("AWS::EC2::Subnet"):
        tier = next(tag["Value"] for tag in properties["Tags"] if tag["Key"] == "aws-cdk:subnet-name")
        found[tier, properties["AvailabilityZone"]] = properties["CidrBlock"]
    return found


def group_named(network: Synthesized, name: str) -> str:
    """Logical id of a security group."""
    of_it = re.compile(rf"SecurityGroups{name}[0-9A-F]{{8}}")
    return next(key for key in network.of_type("AWS::EC2::SecurityGroup") if of_it.fullmatch(key))


def rules(network: Synthesized, group: str, kind: str) -> set[Rule]:
    """Rules of a group as (protocol, port, other side); the other side is a range, list or logical id."""
    found = set()
    for rule in network.properties(f"AWS::EC2::SecurityGroup{kind}"):
        if rule["GroupId"]["Fn::GetAtt"][0] == group_named(network, group):
            assert rule["FromPort"] == rule["ToPort"]
            found.add((rule["IpProtocol"], rule["FromPort"], other_side(rule)))
    return found


def other_side(rule: dict[str, Any]) -> str:
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    side = group["Fn::GetAtt"][0] if group else rule.get("CidrIp") or rule["SourcePrefixListId"]
    return str(side)


def test_each_tier_has_a_subnet_in_each_zone_of_the_settings(network: Synthesized) -> None:
    assert set(subnets(network)) == {
        (tier, zone) for tier in ("public", "app", "data") for zone in ("ap-northeast-1a", "ap-northeast-1c")
    }


def test_a_third_zone_moves_no_subnet(network: Synthesized, guarded: Synthesized) -> None:
    before, after = subnets(network), subnets(guarded)

    assert len(after) == 9
    assert {key: after[key] for key in before} == before


def test_subnets_lie_in_the_range_of_the_settings(network: Synthesized, settings: Settings) -> None:
    whole = IPv4Network(settings.network.cidr)

    assert all(IPv4Network(cidr).subnet_of(whole) for cidr in subnets(network).values())


def test_only_the_public_tier_has_a_default_route(network: Synthesized) -> None:
    routes = network.properties("AWS::EC2::Route")

    assert len(routes) == 2
    assert all("publicSubnet" in route["RouteTableId"]["Ref"] and "GatewayId" in route for route in routes)


def test_nothing_that_bills_by_the_hour_is_in_it(network: Synthesized) -> None:
    network.template.resource_count_is("AWS::EC2::NatGateway", 0)
    network.template.resource_count_is("AWS::EC2::EIP", 0)
    network.template.has_resource_properties("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"})
    network.template.resource_count_is("AWS::EC2::VPCEndpoint", 1)


def test_every_route_table_reaches_s3_by_the_gateway(network: Synthesized) -> None:
    (endpoint,) = network.properties("AWS::EC2::VPCEndpoint")

    assert {table["Ref"] for table in endpoint["RouteTableIds"]} == set(network.of_type("AWS::EC2::RouteTable"))


def test_no_subnet_gives_public_addresses_unasked(network: Synthesized) -> None:
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in network.properties("AWS::EC2::Subnet"))


def test_its_only_function_is_the_probe_in_the_app_tier(network: Synthesized) -> None:
    (function,) = network.properties("AWS::Lambda::Function")
    assert function["FunctionName"] == "nestjs-hannibal-3-probe-release"
    placement = function["VpcConfig"]
    assert [group["Fn::GetAtt"][0] for group in placement["SecurityGroupIds"]] == [group_named(network, "Probe")]
    assert len(placement["SubnetIds"]) == 2
    assert all("appSubnet" in subnet["Ref"] for subnet in placement["SubnetIds"])


def test_the_probe_reaches_the_test_listener_and_nothing_else(network: Synthesized) -> None:
    assert rules(network, "Probe", "Egress") == {("tcp", 9000, group_named(network, "LoadBalancer"))}
    assert rules(network, "Probe", "Ingress") == set()


def test_without_verification_there_is_no_probe(settings: Settings) -> None:
    without = Synthesized(NetworkStack, names.NETWORK_STACK, changed(settings, release={"verify_path": None}))

    without.template.resource_count_is("AWS::Lambda::Function", 0)
    without.template.resource_count_is("AWS::EC2::SecurityGroup", 4)
    assert rules(without, "LoadBalancer", "Ingress") == {("tcp", 80, "pl-58a04531")}


def test_all_traffic_is_logged_for_as_long_as_settings_say(network: Synthesized, settings: Settings) -> None:
    network.template.has_resource_properties(
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": "/vpc/nestjs-hannibal-3",
            "RetentionInDays": settings.network.flow_log_retention_days,
        },
    )
    network.template.has_resource_properties(
        "AWS::EC2::FlowLog", {"ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": Match.any_value()}
    )


def test_load_balancer_is_reached_from_cloudfront_and_the_probe_only(network: Synthesized) -> None:
    assert rules(network, "LoadBalancer", "Ingress") == {
        ("tcp", 80, "pl-58a04531"),
        ("tcp", 9000, group_named(network, "Probe")),
    }


def test_with_a_certificate_cloudfront_uses_https_and_allowed_ranges_reach_every_listener(
    guarded: Synthesized,
) -> None:
    assert rules(guarded, "LoadBalancer", "Ingress") == {
        *(("tcp", port, "203.0.113.0/24") for port in (80, 9000)),
        ("tcp", 9000, group_named(guarded, "Probe")),
    }
    assert rules(guarded, "LoadBalancerTls", "Ingress") == {("tcp", 443, "pl-58a04531"), ("tcp", 443, "203.0.113.0/24")}
    assert rules(guarded, "LoadBalancerTls", "Egress") == set()


def test_a_certificate_that_comes_or_goes_changes_no_rule_and_makes_none_in_a_full_group(
    settings: Settings, network: Synthesized
) -> None:
    """CloudFormation makes the new rule before it takes the old one away: both would be 110 of the 60 rules."""
    certified = Synthesized(
        NetworkStack,
        names.NETWORK_STACK,
        changed(settings, load_balancer={"certificate_arn": CERTIFICATE}, edge=DOMAIN),
    )
    kind = "AWS::EC2::SecurityGroupIngress"
    before, after = network.of_type(kind), certified.of_type(kind)

    assert {key: it["Properties"] for key, it in before.items() if key in after} == {
        key: it["Properties"] for key, it in after.items()
    }
    (gone,) = before.keys() - after.keys()
    assert before[gone]["Properties"]["FromPort"] == 80
    assert rules(network, "LoadBalancerTls", "Ingress") == {("tcp", 443, "pl-58a04531")}


@pytest.mark.parametrize("certificate", [None, CERTIFICATE])
def test_a_load_balancer_carries_the_group_for_tls_with_a_certificate(
    settings: Settings, certificate: str | None
) -> None:
    made = NetworkStack(
        new_app(),
        names.NETWORK_STACK,
        settings=changed(settings, load_balancer={"certificate_arn": certificate}, edge=DOMAIN),
    )

    assert len(made.load_balancer_security_groups) == (2 if certificate else 1)


def test_requests_and_queries_go_one_way(network: Synthesized) -> None:
    load_balancer, service, database = (group_named(network, name) for name in ("LoadBalancer", "Service", "Database"))

    assert rules(network, "LoadBalancer", "Egress") == {("tcp", 3000, service)}
    assert rules(network, "Service", "Ingress") == {("tcp", 3000, load_balancer)}
    assert rules(network, "Service", "Egress") == {("tcp", 5432, database), ("tcp", 443, "0.0.0.0/0")}
    assert rules(network, "Database", "Ingress") == {("tcp", 5432, service)}
    assert rules(network, "Database", "Egress") == set()


def test_no_group_is_created_with_ec2s_rule_to_everywhere(network: Synthesized) -> None:
    for group in network.properties("AWS::EC2::SecurityGroup"):
        (egress,) = group["SecurityGroupEgress"]
        assert egress["CidrIp"] == "255.255.255.255/32"
        assert "SecurityGroupIngress" not in group


def test_no_rule_lets_everybody_in(network: Synthesized, guarded: Synthesized) -> None:
    for synthesized in (network, guarded):
        for rule in synthesized.properties("AWS::EC2::SecurityGroupIngress"):
            assert rule.get("CidrIp") != "0.0.0.0/0"
            assert "CidrIpv6" not in rule


def test_another_stack_cannot_add_a_rule(settings: Settings) -> None:
    app = new_app()
    stack = NetworkStack(app, names.NETWORK_STACK, settings=settings)
    other = cdk.Stack(app, "Other", env=cdk.Environment(region=settings.region))
    foreign = ec2.SecurityGroup(other, "Group", vpc=stack.vpc)

    stack.database_security_group.connections.allow_from(foreign, ec2.Port.tcp(5432))

    assert len(Template.from_stack(stack).find_resources("AWS::EC2::SecurityGroupIngress")) == 5


@pytest.mark.parametrize(
    "output",
    [
        "VpcId",
        "PublicSubnets",
        "AppSubnets",
        "DataSubnets",
        "DatabaseSecurityGroupId",
        "ServiceSecurityGroupId",
        "LoadBalancerSecurityGroupId",
        "DefaultSecurityGroupId",
        "FlowLogGroup",
    ],
)
def test_it_prints_what_runbook_commands_need(network: Synthesized, output: str) -> None:
    assert output in network.json["Outputs"]


def test_production_has_the_same_network() -> None:
    production = Synthesized(NetworkStack, names.NETWORK_STACK, load_settings("prod"))

    # The NAT gateway of production belongs to the month, not to the network.
    production.template.resource_count_is("AWS::EC2::NatGateway", 0)
    assert rules(production, "LoadBalancer", "Ingress") == {
        ("tcp", 80, "pl-58a04531"),
        ("tcp", 9000, group_named(production, "Probe")),
    }


@pytest.mark.parametrize("certificate", [None, CERTIFICATE])
def test_more_ranges_than_a_group_has_rules_for_are_refused(settings: Settings, certificate: str | None) -> None:
    """The same number with and without TLS, so that a certificate may come and go."""
    ranges = tuple(f"203.0.113.{number}/32" for number in range(3))
    https = changed(settings, load_balancer={"certificate_arn": certificate}, edge=DOMAIN)

    changed(https, network={"allowed_ingress": ranges[:2]})
    with pytest.raises(ValidationError, match="allowed_ingress: at most 2 ranges"):
        changed(https, network={"allowed_ingress": ranges})


@pytest.mark.parametrize("port", [80, 443])
def test_the_test_listener_has_a_port_of_its_own(settings: Settings, port: int) -> None:
    with pytest.raises(ValidationError, match="test_port"):
        changed(settings, load_balancer={"test_port": port})
