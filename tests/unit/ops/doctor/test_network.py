"""Routes and security groups, as EC2 describes them."""

from types import SimpleNamespace
from typing import Any

import pytest

from ops.doctor.network import Missing, Placement, missing_egress, missing_ingress_of_cloudfront, missing_rules
from tests.support.aws import aws_of

ANYWHERE = "0.0.0.0/0"
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": ANYWHERE}]}
EVERYTHING = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}
TO_GATEWAY = {"DestinationCidrBlock": ANYWHERE, "GatewayId": "igw-1", "State": "active"}
TO_NAT = {"DestinationCidrBlock": ANYWHERE, "NatGatewayId": "nat-1", "State": "active"}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}


class Ec2:
    """One VPC with one subnet and one route table, which is the subnet's own or the VPC's main one."""

    def __init__(
        self,
        routes: list[dict[str, str]],
        *,
        main: bool = False,
        nat: str = "available",
        beside: tuple[str, ...] = (),
        attached: str = "igw-1",
        groups: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        self._table: dict[str, Any] = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [LOCAL, *routes]}
        own: dict[str, Any] = {"Main": True} if main else {"SubnetId": "subnet-1"}
        self._table["Associations"] = [own, *({"SubnetId": one} for one in beside)]
        self._main = main
        self._nat = nat
        self._attached = attached
        self._groups = groups or {"sg-tasks": {"IpPermissionsEgress": [HTTPS]}}

    def describe_route_tables(self, Filters: list[Any]) -> Any:  # noqa: N803 - boto3's name
        by_subnet = Filters[0]["Name"] == "association.subnet-id"
        return {"RouteTables": [self._table] if by_subnet != self._main else []}

    def describe_subnets(self, SubnetIds: list[str]) -> Any:  # noqa: N803 - boto3's name
        tiers = {"subnet-1": "app", "subnet-nat": "app", "subnet-public": "public"}
        tags = {one: [{"Key": "aws-cdk:subnet-name", "Value": tiers[one]}] for one in SubnetIds}
        return {"Subnets": [{"SubnetId": one, "VpcId": "vpc-1", "Tags": tags[one]} for one in SubnetIds]}

    def describe_nat_gateways(self, **_: Any) -> Any:
        return {"NatGateways": [{"NatGatewayId": "nat-1", "SubnetId": "subnet-nat", "State": self._nat}]}

    def describe_internet_gateways(self, Filters: list[Any]) -> Any:  # noqa: N803 - boto3's name
        asked = Filters[0]["Name"] == "attachment.vpc-id"
        found = [self._attached] if asked else [one for one in Filters[0]["Values"] if one == "igw-1"]
        return {"InternetGateways": [{"InternetGatewayId": one} for one in found if one]}

    def describe_security_groups(self, GroupIds: list[str]) -> Any:  # noqa: N803
        return {"SecurityGroups": [self._groups.get(group, {}) for group in GroupIds]}


def egress(*, public: bool = True, **network: Any) -> tuple[Missing, ...]:
    place = Placement(subnets=("subnet-1",), security_groups=("sg-tasks",), public_address=public)
    return missing_egress(aws_of(ec2=Ec2(**network)), place)


@pytest.mark.parametrize(
    "network",
    [
        {"routes": [TO_GATEWAY]},
        {"routes": [TO_GATEWAY], "main": True},
        {"routes": [TO_NAT], "public": False},
        {"routes": [TO_GATEWAY], "groups": {"sg-tasks": {"IpPermissionsEgress": [EVERYTHING]}}},
    ],
)
def test_routes_that_lead_to_the_internet(network: dict[str, Any]) -> None:
    assert egress(**network) == ()


@pytest.mark.parametrize(
    ("network", "text", "remediation"),
    [
        (
            {"routes": []},
            "has no route",
            "create-route --route-table-id rtb-1 --destination-cidr-block 0.0.0.0/0 --gateway-id igw-1",
        ),
        ({"routes": [], "public": False}, "has no route", "--nat-gateway-id nat-1"),
        ({"routes": [TO_NAT | {"State": "blackhole"}], "public": False}, "nat-1, which is gone", "replace-route"),
        (
            {"routes": [TO_GATEWAY | {"State": "blackhole"}], "attached": ""},
            "igw-1, which",
            "attach-internet-gateway --internet-gateway-id igw-1",
        ),
        (
            {"routes": [TO_GATEWAY | {"GatewayId": "igw-deleted", "State": "blackhole"}]},
            "igw-deleted, which",
            "replace-route --route-table-id rtb-1 --destination-cidr-block 0.0.0.0/0 --gateway-id igw-1",
        ),
        (
            {"routes": [TO_GATEWAY | {"GatewayId": "igw-deleted", "State": "blackhole"}], "attached": ""},
            "igw-deleted, which",
            "hannibal drift --env dev",
        ),
        ({"routes": [TO_GATEWAY], "public": False}, "no public address", "replace-route --route-table-id rtb-1"),
        # The load balancer would lose its way to the internet, or the NAT gateway its own.
        *(
            ({"routes": [TO_GATEWAY], "public": False, "beside": (beside,)}, "no public", "hannibal drift --env dev")
            for beside in ("subnet-public", "subnet-nat")
        ),
        ({"routes": [TO_GATEWAY], "public": False, "main": True}, "no public", "hannibal drift --env dev"),
        ({"routes": [], "public": False, "beside": ("subnet-public",)}, "has no route", "hannibal drift --env dev"),
        *(
            (
                {"routes": routes, "public": False, "nat": "pending"},
                "nat-1, which is gone" if routes else "has no route",
                f"wait nat-gateway-available --nat-gateway-ids nat-1 && aws ec2 {change} --route-table-id rtb-1",
            )
            for change, routes in (("create-route", []), ("replace-route", [TO_NAT | {"State": "blackhole"}]))
        ),
        (
            {"routes": [], "public": False, "nat": "deleted"},
            "has no route",
            "hannibal stop --env dev && hannibal start",
        ),
        (
            {"routes": [TO_NAT], "public": False, "nat": "failed"},
            "nat-1 is failed",
            "hannibal stop --env dev && hannibal start",
        ),
        ({"routes": [TO_NAT], "public": False, "nat": "pending"}, "nat-1 is pending", "wait nat-gateway-available"),
        (
            {"routes": [TO_GATEWAY], "groups": {"sg-tasks": {}}},
            "no egress on port 443",
            "authorize-security-group-egress",
        ),
        (
            {
                "routes": [TO_GATEWAY],
                "groups": {"sg-tasks": {"IpPermissionsEgress": [HTTPS | {"FromPort": 444, "ToPort": 444}]}},
            },
            "no egress on port 443",
            "authorize-security-group-egress",
        ),
    ],
)
def test_routes_that_do_not_lead_to_the_internet(network: dict[str, Any], text: str, remediation: str) -> None:
    (missing,) = egress(**network)
    assert text in missing.text
    assert remediation in missing.remediation


def rule(port: int, group: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": group}]}


@pytest.mark.parametrize(
    ("out", "into", "cut"),
    [
        ([rule(5432, "b")], [rule(5432, "a")], []),
        ([EVERYTHING], [rule(5432, "a")], []),
        ([rule(5432, "b")], [], ["b allows no ingress from a on port 5432"]),
        ([], [rule(5432, "a")], ["a allows no egress to b on port 5432"]),
        ([rule(5432, "b")], [rule(5433, "a")], ["b allows no ingress from a on port 5432"]),
        ([rule(5432, "b")], [rule(5432, "c")], ["b allows no ingress from a on port 5432"]),
    ],
)
def test_a_path_needs_both_rules(out: list[Any], into: list[Any], cut: list[str]) -> None:
    groups = {"a": {"IpPermissionsEgress": out}, "b": {"IpPermissions": into}}
    missing = missing_rules(aws_of(ec2=Ec2([], groups=groups)), ["a"], ["b"], 5432)
    assert [one.text.removeprefix("security group ") for one in missing] == cut
    for one in missing:
        assert (
            "--ip-permissions IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs='[{GroupId=" in one.remediation
        )


def test_what_is_not_there_has_no_path() -> None:
    assert missing_rules(aws_of(ec2=SimpleNamespace()), [], ["b"], 5432) == ()


@pytest.mark.parametrize(
    ("rules", "closed"),
    [
        (
            [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "PrefixListIds": [{"PrefixListId": "pl-58a04531"}]}],
            False,
        ),
        (
            [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "PrefixListIds": [{"PrefixListId": "pl-another"}]}],
            True,
        ),
        ([{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": ANYWHERE}]}], False),
        ([], True),
    ],
)
def test_cloudfront_reaches_the_load_balancer_or_not(rules: list[dict[str, Any]], closed: bool) -> None:
    probes = {"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 9000, "ToPort": 9000}] * 2}
    ec2 = Ec2([], groups={"sg-probes": probes, "sg-edge": {"IpPermissions": rules}})
    missing = missing_ingress_of_cloudfront(aws_of(ec2=ec2), ["sg-probes", "sg-edge"], 80)
    assert [one.text for one in missing] == (
        ["security group sg-edge allows no ingress from pl-58a04531 on port 80"] if closed else []
    )
    assert all("--group-id sg-edge" in one.remediation and "pl-58a04531" in one.remediation for one in missing)
