"""How tasks reach the internet, and that it ends with the month."""

import json

from tests.support.compute_stack import ComputeTemplates, dev, prod

ROUTE = "AWS::EC2::Route"


def test_with_public_addresses_nothing_bills_for_the_way_out() -> None:
    for kind in ("AWS::EC2::NatGateway", "AWS::EC2::EIP", ROUTE):
        assert not dev().of_type(kind)


def test_there_is_one_nat_gateway_in_a_public_subnet_with_an_address_of_its_own() -> None:
    gateway = prod().properties("AWS::EC2::NatGateway")
    address, _ = prod().one("AWS::EC2::EIP")
    assert gateway["AllocationId"] == {"Fn::GetAtt": [address, "AllocationId"]}
    assert "publicSubnet1" in json.dumps(gateway["SubnetId"])


def test_each_app_subnet_has_a_default_route_to_the_gateway() -> None:
    gateway, _ = prod().one("AWS::EC2::NatGateway")
    routes = [route["Properties"] for route in prod().of_type(ROUTE).values()]
    assert len(routes) == len(prod().settings.network.availability_zones)
    assert all(route["NatGatewayId"] == {"Fn::GetAtt": [gateway, "NatGatewayId"]} for route in routes)
    assert all(route["DestinationCidrBlock"] == "0.0.0.0/0" for route in routes)
    tables = {json.dumps(route["RouteTableId"]) for route in routes}
    assert len(tables) == len(routes)
    assert all("appSubnet" in table for table in tables)


def network_of(compute: ComputeTemplates) -> dict[str, object]:
    service = compute.properties("AWS::ECS::Service")
    return dict(service["NetworkConfiguration"]["AwsvpcConfiguration"])


def test_tasks_stand_in_public_subnets_only_where_they_have_public_addresses() -> None:
    public, private = network_of(dev()), network_of(prod())
    assert public["AssignPublicIp"] == "ENABLED"
    assert json.dumps(public["Subnets"]).count("publicSubnet") == 2
    assert private["AssignPublicIp"] == "DISABLED"
    assert json.dumps(private["Subnets"]).count("appSubnet") == 2


def test_the_service_waits_for_its_way_out() -> None:
    _, service = prod().one("AWS::ECS::Service")
    assert set(prod().of_type(ROUTE)) <= set(service["DependsOn"])
