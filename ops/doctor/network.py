"""Network paths: from tasks to the internet, from the load balancer to tasks, from tasks to the database."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ops.aws.clients import Aws
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence, Remediation

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import IpPermissionOutputTypeDef, NatGatewayTypeDef, RouteTableTypeDef

HTTPS = 443
# RDS for PostgreSQL listens here; an instance's endpoint on the embedded AWS has a port of this machine instead.
POSTGRESQL = 5432
_EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where tasks run."""

    subnets: tuple[str, ...]  # ids of their subnets
    security_groups: tuple[str, ...]  # ids of their security groups
    public_address: bool  # whether each gets a public address


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A missing part of a network path."""

    text: str  # where, in one sentence
    remediation: str  # the command that restores it


# -- to the internet -------------------------------------------------------------------------------------------
def missing_egress(aws: Aws, place: Placement) -> tuple[Missing, ...]:
    """Why tasks do not reach the internet, which they need for image and secrets; empty if they do."""
    missing_parts = [missing for subnet in place.subnets for missing in _missing_route(aws, subnet, place)]
    if not _allows_port(_permissions(aws, place.security_groups, egress=True), HTTPS):
        peer = f"IpRanges='[{{CidrIp={_EVERYWHERE}}}]'"
        missing_parts.append(_rule("egress", place.security_groups[0], "of the tasks allows no egress", HTTPS, peer))
    return tuple(dict.fromkeys(missing_parts))  # two subnets may have the same NAT gateway


def _missing_route(aws: Aws, subnet: str, place: Placement) -> Iterator[Missing]:
    table = _route_table(aws, subnet)
    if table is None:
        yield Missing(
            text=f"subnet {subnet} has no route table", remediation=f"aws ec2 describe-subnets --subnet-ids {subnet}"
        )
        return
    identifier = table.get("RouteTableId", "")
    route = next((one for one in table.get("Routes", []) if one.get("DestinationCidrBlock") == _EVERYWHERE), None)
    if route is None:
        yield Missing(
            text=f"route table {identifier} of subnet {subnet} has no route to {_EVERYWHERE}",
            remediation=_create_route(aws, table, public=place.public_address),
        )
    elif route.get("State") == "blackhole":
        target = route.get("NatGatewayId") or route.get("GatewayId") or route.get("NetworkInterfaceId") or "nothing"
        yield Missing(
            text=f"the route of {identifier} to {_EVERYWHERE} leads to {target}, which is gone",
            remediation=_lead_again(aws, table, place, target),
        )
    elif route.get("GatewayId", "").startswith("igw-") and not place.public_address:
        yield Missing(
            text=f"subnet {subnet} has a route to an internet gateway, but tasks get no public address for answers",
            remediation=_replace_route(aws, table, place),
        )
    elif "NatGatewayId" in route:
        yield from _nat_gateway(aws, table, place, route["NatGatewayId"])


def _lead_again(aws: Aws, table: "RouteTableTypeDef", place: Placement, target: str) -> str:
    """The command for a route whose target is gone, or is an internet gateway that was only detached.

    The state `blackhole` means both (Amazon VPC user guide, "Route tables").
    """
    vpc = table.get("VpcId", "")
    if not target.startswith("igw-") or _internet_gateway(aws, "attachment.vpc-id", vpc):
        return _replace_route(aws, table, place)
    if _internet_gateway(aws, "internet-gateway-id", target):
        return f"aws ec2 attach-internet-gateway --internet-gateway-id {target} --vpc-id {vpc}"
    return _drift(aws)


def _internet_gateway(aws: Aws, name: str, value: str) -> str:
    """The id of an internet gateway by a filter; empty where none matches."""
    found = aws.ec2.describe_internet_gateways(Filters=[{"Name": name, "Values": [value]}])["InternetGateways"]
    return next((one.get("InternetGatewayId", "") for one in found), "")


def _drift(aws: Aws) -> str:
    return f"hannibal drift --env {aws.settings.environment}"


def _nat_gateway(aws: Aws, table: "RouteTableTypeDef", place: Placement, identifier: str) -> Iterator[Missing]:
    gateways = aws.ec2.describe_nat_gateways(NatGatewayIds=[identifier])["NatGateways"]
    state = next((gateway.get("State", "") for gateway in gateways), "gone")
    if state != "available":
        again = _wait(identifier) if state == "pending" else _replace_route(aws, table, place)
        yield Missing(text=f"NAT gateway {identifier} is {state}", remediation=again)


def _wait(gateway: str) -> str:
    return f"aws ec2 wait nat-gateway-available --nat-gateway-ids {gateway}"


def _new_month(aws: Aws) -> str:
    """What makes a NAT gateway again: a deployment would not, because CloudFormation sees no difference."""
    environment = aws.settings.environment
    return f"hannibal stop --env {environment} && hannibal start --env {environment}"


def _route_table(aws: Aws, subnet: str) -> "RouteTableTypeDef | None":
    """The route table of a subnet: its own, or the VPC's main one (Amazon VPC user guide, "Subnet route tables")."""
    own = aws.ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["RouteTables"]
    if own:
        return own[0]
    subnets = aws.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    main = aws.ec2.describe_route_tables(
        Filters=[
            {"Name": "vpc-id", "Values": [one.get("VpcId", "") for one in subnets]},
            {"Name": "association.main", "Values": ["true"]},
        ]
    )["RouteTables"]
    return main[0] if main else None


def _replace_route(aws: Aws, table: "RouteTableTypeDef", place: Placement) -> str:
    return _create_route(aws, table, public=place.public_address).replace("create-route", "replace-route")


def _is_of_tasks_alone(aws: Aws, table: "RouteTableTypeDef") -> bool:
    """Whether a table has subnets of the tier for tasks only; the VPC's main table may have others that name none."""
    subnets = [one.get("SubnetId", "") for one in table.get("Associations", [])]
    if not all(subnets) or not {one.get("SubnetId") for one in _nat_gateways(aws, table)}.isdisjoint(subnets):
        return False
    found = aws.ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
    # The CDK's tag: subnets of every tier look alike otherwise, since none of them gives addresses itself.
    return all({"Key": "aws-cdk:subnet-name", "Value": "app"} in one.get("Tags", []) for one in found)


def _nat_gateways(aws: Aws, table: "RouteTableTypeDef") -> "list[NatGatewayTypeDef]":
    return aws.ec2.describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [table.get("VpcId", "")]}])[
        "NatGateways"
    ]


def _create_route(aws: Aws, table: "RouteTableTypeDef", *, public: bool) -> str:
    command = f"aws ec2 create-route --route-table-id {table.get('RouteTableId', '')}"
    command += f" --destination-cidr-block {_EVERYWHERE}"
    if public:
        target = _internet_gateway(aws, "attachment.vpc-id", table.get("VpcId", "")) or "IGW_ID"
        return f"{command} --gateway-id {target}"
    if not _is_of_tasks_alone(aws, table):
        return _drift(aws)  # the load balancer, or the NAT gateway, would lose its own way to the internet
    gateways = {one.get("State"): one.get("NatGatewayId", "") for one in _nat_gateways(aws, table)}
    if target := gateways.get("available", ""):
        return f"{command} --nat-gateway-id {target}"
    if target := gateways.get("pending", ""):
        return f"{_wait(target)} && {command} --nat-gateway-id {target}"
    return _new_month(aws)


# -- between security groups -----------------------------------------------------------------------------------
def missing_rules(aws: Aws, sources: Sequence[str], targets: Sequence[str], port: int) -> tuple[Missing, ...]:
    """The missing rules, egress or ingress, for connections from one security group to another."""
    if not sources or not targets:
        return ()
    source, target = sources[0], targets[0]
    found = []
    if not _allows_port(_permissions(aws, sources, egress=True), port, targets):
        found.append(_rule("egress", source, f"allows no egress to {target}", port, _group_as_peer(target)))
    if not _allows_port(_permissions(aws, targets, egress=False), port, sources):
        found.append(_rule("ingress", target, f"allows no ingress from {source}", port, _group_as_peer(source)))
    return tuple(found)


def missing_ingress_of_cloudfront(aws: Aws, groups: Sequence[str], port: int) -> tuple[Missing, ...]:
    """The missing rule for connections from CloudFront to the load balancer's port."""
    prefix_list = aws.settings.network.cloudfront_prefix_list_id
    if not groups:
        return ()
    permissions = {group: _permissions(aws, [group], egress=False) for group in groups}
    if any(_allows_port(listed, port, (prefix_list,)) for listed in permissions.values()):
        return ()
    # A prefix list counts as many rules, of which a group may have few.
    group = min(permissions, key=lambda one: len(permissions[one]))
    peer = f"PrefixListIds='[{{PrefixListId={prefix_list}}}]'"
    return (_rule("ingress", group, f"allows no ingress from {prefix_list}", port, peer),)


def _rule(direction: str, group: str, words: str, port: int, peer: str) -> Missing:
    """A rule that a group lacks: `words` say what it does not allow, `peer` is the other side in the AWS CLI's form."""
    return Missing(
        text=f"security group {group} {words} on port {port}",
        remediation=f"aws ec2 authorize-security-group-{direction} --group-id {group} --ip-permissions "
        f"IpProtocol=tcp,FromPort={port},ToPort={port},{peer}",
    )


def _group_as_peer(other: str) -> str:
    return f"UserIdGroupPairs='[{{GroupId={other}}}]'"


def _permissions(aws: Aws, groups: Sequence[str], *, egress: bool) -> "list[IpPermissionOutputTypeDef]":
    described = aws.ec2.describe_security_groups(GroupIds=list(groups))["SecurityGroups"]
    key: Literal["IpPermissionsEgress", "IpPermissions"] = "IpPermissionsEgress" if egress else "IpPermissions"
    return [permission for group in described for permission in group.get(key, [])]


def _allows_port(permissions: "Iterable[IpPermissionOutputTypeDef]", port: int, peers: Collection[str] = ()) -> bool:
    """Whether a rule allows TCP on a port for one of some security groups and prefix lists, or for every address."""
    return any(
        _covers_port(permission, port)
        and (
            any(pair.get("GroupId") in peers for pair in permission.get("UserIdGroupPairs", []))
            or any(one.get("PrefixListId") in peers for one in permission.get("PrefixListIds", []))
            or any(one.get("CidrIp") == _EVERYWHERE for one in permission.get("IpRanges", []))
        )
        for permission in permissions
    )


def _covers_port(permission: "IpPermissionOutputTypeDef", port: int) -> bool:
    """Whether a rule covers a TCP port; protocol -1 means all protocols, without ports."""
    protocol, first, last = permission.get("IpProtocol"), permission.get("FromPort", 0), permission.get("ToPort", 0)
    return protocol == "-1" or (protocol == "tcp" and first <= port <= last)


# -- as findings -----------------------------------------------------------------------------------------------
def note_missing(examiner: Examiner, cause: str, missing: tuple[Missing, ...], *symptoms: Evidence) -> None:
    """Note missing parts of a path. CloudFormation restores nothing unless a template changes, so a person does."""
    examiner.add_finding(
        cause,
        *(Evidence("network", one.text) for one in missing),
        *symptoms,
        first=tuple(Remediation("open it again", one.remediation) for one in missing),
    )
