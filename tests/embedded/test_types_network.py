"""Resource types of the network that the embedded AWS adds: rules, addresses, gateways, flow logs."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.embedded.changing_stacks import Resources, Stacks
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import Outcome, wait

pytestmark = pytest.mark.embedded

CLOUDFRONT = "pl-58a04531"


def _groups() -> Resources:
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.77.0.0/16"}},
        **{
            name: {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {
                    "GroupDescription": name,
                    "VpcId": {"Ref": "Vpc"},
                    "SecurityGroupEgress": [
                        {"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32"}
                    ],
                },
            }
            for name in ("Front", "Back")
        },
    }


def _rule(direction: str, peer: dict[str, Any], *, group: str = "Back", port: int = 3000) -> dict[str, Any]:
    properties = {"GroupId": {"Ref": group}, "IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}
    return {"Type": f"AWS::EC2::SecurityGroup{direction}", "Properties": properties}


def test_rules_between_groups_stand_on_their_own(session: boto3.Session, stacks: Stacks) -> None:
    resources = _groups() | {
        "In": _rule("Ingress", {"SourceSecurityGroupId": {"Ref": "Front"}, "Description": "from the front"}),
        "FromCloudFront": _rule("Ingress", {"SourcePrefixListId": CLOUDFRONT}, group="Front", port=80),
        "Out": _rule("Egress", {"DestinationSecurityGroupId": {"Ref": "Back"}}, group="Front"),
    }
    name = stacks.create(resources)
    client = session.client("ec2")
    front, back = (stacks.physical(name, one) for one in ("Front", "Back"))
    groups = client.describe_security_groups(GroupIds=[front, back])["SecurityGroups"]
    by_id = {group["GroupId"]: group for group in groups}
    pair = by_id[back]["IpPermissions"][0]["UserIdGroupPairs"][0]
    assert (pair["GroupId"], pair["Description"]) == (front, "from the front")
    assert by_id[front]["IpPermissions"][0]["PrefixListIds"] == [{"PrefixListId": CLOUDFRONT}]
    assert back in {pair["GroupId"] for one in by_id[front]["IpPermissionsEgress"] for pair in one["UserIdGroupPairs"]}
    rule_id = stacks.physical(name, "FromCloudFront")
    rule = client.describe_security_group_rules(SecurityGroupRuleIds=[rule_id])["SecurityGroupRules"][0]
    assert rule["PrefixListId"] == CLOUDFRONT

    resources["In"]["Properties"]["Description"] = "from anywhere"
    resources["Out"]["Properties"]["ToPort"] = 3001
    stacks.update(name, resources)
    groups = client.describe_security_groups(GroupIds=[front, back])["SecurityGroups"]
    by_id = {group["GroupId"]: group for group in groups}
    assert by_id[back]["IpPermissions"][0]["UserIdGroupPairs"][0]["Description"] == "from anywhere"
    assert [one["ToPort"] for one in by_id[front]["IpPermissionsEgress"]] == [86, 3001]
    stacks.update(name, {key: one for key, one in resources.items() if key != "In"})
    assert not client.describe_security_groups(GroupIds=[back])["SecurityGroups"][0]["IpPermissions"]


def test_reverting_drift_makes_only_what_nothing_names_by_another_id(session: boto3.Session, stacks: Stacks) -> None:
    ec2, cloudformation = session.client("ec2"), session.client("cloudformation")
    stack_id = stacks.create(_groups() | {"In": _rule("Ingress", {"SourceSecurityGroupId": {"Ref": "Front"}})})
    vpc, front, back, rule = (stacks.physical(stack_id, it) for it in ("Vpc", "Front", "Back", "In"))

    def revert(name: str) -> Outcome:
        change_set: Any = {"StackName": stack_id.split("/")[1], "ChangeSetName": name}
        cloudformation.create_change_set(**change_set, UsePreviousTemplate=True, DeploymentMode="REVERT_DRIFT")
        cloudformation.execute_change_set(**change_set)
        return wait(cloudformation, stack_id)

    def groups() -> set[str]:
        found = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
        return {it["GroupId"] for it in found if it["GroupName"] != "default"}

    ec2.revoke_security_group_ingress(GroupId=back, SecurityGroupRuleIds=[rule])
    assert revert("rule").status == "UPDATE_COMPLETE"
    assert ec2.describe_security_groups(GroupIds=[back])["SecurityGroups"][0]["IpPermissions"]

    ec2.revoke_security_group_ingress(GroupId=back, SecurityGroupRuleIds=[stacks.physical(stack_id, "In")])
    ec2.delete_security_group(GroupId=front)
    outcome = revert("group")
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "would get another id" in outcome.reasons["Front"]
    assert groups() == {back}


def test_a_failed_reversal_of_drift_leaves_the_ids_that_were(session: boto3.Session, stacks: Stacks) -> None:
    ec2, cloudformation = session.client("ec2"), session.client("cloudformation")
    resources = _groups() | {"In": _rule("Ingress", {"CidrIp": "10.0.0.0/8"})}
    resources["Late"] = resources["Front"] | {"DependsOn": "In"}
    resources["Named"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "Late"}}}
    stack_id = stacks.create(resources)
    back, late, rule = (stacks.physical(stack_id, it) for it in ("Back", "Late", "In"))
    ec2.revoke_security_group_ingress(GroupId=back, SecurityGroupRuleIds=[rule])
    ec2.delete_security_group(GroupId=late)
    change_set: Any = {"StackName": stack_id.split("/")[1], "ChangeSetName": "revert"}
    cloudformation.create_change_set(**change_set, UsePreviousTemplate=True, DeploymentMode="REVERT_DRIFT")
    cloudformation.execute_change_set(**change_set)
    outcome = wait(cloudformation, stack_id)
    assert (outcome.status, list(outcome.reasons)) == ("UPDATE_ROLLBACK_COMPLETE", ["Late"])
    assert not ec2.describe_security_groups(GroupIds=[back])["SecurityGroups"][0]["IpPermissions"]
    assert stacks.physical(stack_id, "In") == rule


def test_reverting_drift_makes_a_role_again_whose_arn_is_named(session: boto3.Session, stacks: Stacks) -> None:
    iam, cloudformation = session.client("iam"), session.client("cloudformation")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    policy = {"Version": "2012-10-17", "Statement": [trust]}
    name = f"named-{uuid4().hex[:8]}"
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": policy}}
    parameter = {"Type": "String", "Value": {"Fn::GetAtt": ["Role", "Arn"]}}
    stack_id = stacks.create({"Role": role, "Named": {"Type": "AWS::SSM::Parameter", "Properties": parameter}})
    iam.delete_role(RoleName=name)
    change_set: Any = {
        "StackName": stack_id.split("/")[1],
        "ChangeSetName": "revert",
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }
    cloudformation.create_change_set(**change_set, UsePreviousTemplate=True, DeploymentMode="REVERT_DRIFT")
    cloudformation.execute_change_set(StackName=change_set["StackName"], ChangeSetName="revert")
    assert wait(cloudformation, stack_id).status == "UPDATE_COMPLETE"
    assert iam.get_role(RoleName=name)["Role"]["RoleName"] == name


@pytest.mark.parametrize(
    ("peer", "message"),
    [
        ({"SourceSecurityGroupId": {"Ref": "Front"}}, "already exists"),
        ({"SourcePrefixListId": "pl-00000000"}, "The prefix list ID 'pl-00000000' does not exist"),
        ({"SourceSecurityGroupId": "sg-00000000"}, "The security group 'sg-00000000' does not exist"),
    ],
)
def test_a_rule_that_aws_would_not_take_is_refused(stacks: Stacks, peer: dict[str, Any], message: str) -> None:
    first = _rule("Ingress", {"SourceSecurityGroupId": {"Ref": "Front"}})
    second = _rule("Ingress", peer) | {"DependsOn": "First"}
    assert message in stacks.failure(_groups() | {"First": first, "Second": second})


def test_the_prefix_list_of_cloudfront_takes_55_of_60_rules(session: boto3.Session, stacks: Stacks) -> None:
    client = session.client("ec2")
    name = "com.amazonaws.global.cloudfront.origin-facing"
    filters: Any = [{"Name": "prefix-list-name", "Values": [name]}]
    lists = client.describe_managed_prefix_lists(Filters=filters)["PrefixLists"]
    assert [(one["PrefixListId"], one["MaxEntries"]) for one in lists] == [(CLOUDFRONT, 55)]
    assert client.get_managed_prefix_list_entries(PrefixListId=CLOUDFRONT)["Entries"]

    first = _rule("Ingress", {"SourcePrefixListId": CLOUDFRONT}, port=80)
    second = _rule("Ingress", {"SourcePrefixListId": CLOUDFRONT}, port=443) | {"DependsOn": "First"}
    reason = stacks.failure(_groups() | {"First": first, "Second": second})
    assert "The maximum number of rules per security group has been reached." in reason
    assert "HandlerErrorCode: ServiceLimitExceeded" in reason
    inline = _groups()
    inline["Back"]["Properties"]["SecurityGroupIngress"] = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "SourcePrefixListId": CLOUDFRONT} for port in (80, 443)
    ]
    assert "The maximum number of rules per security group has been reached." in stacks.failure(inline)


def test_each_region_has_its_list_of_cloudfront(new_embedded_aws: Callable[..., EmbeddedAws]) -> None:
    """The settings name it, and a rule with the list of no region is refused."""
    server = new_embedded_aws("--region", "eu-central-1")
    server.start()
    client = server.session("eu-central-1").client("ec2")
    (found,) = client.describe_managed_prefix_lists(PrefixListIds=["pl-a3a144ca"])["PrefixLists"]
    assert found["PrefixListName"] == "com.amazonaws.global.cloudfront.origin-facing"


def test_the_api_refuses_rules_too(session: boto3.Session, stacks: Stacks) -> None:
    name = stacks.create(_groups())
    client = session.client("ec2")
    permission: Any = {
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 80,
        "PrefixListIds": [{"PrefixListId": CLOUDFRONT}],
    }
    group = stacks.physical(name, "Back")
    client.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    for changes, code in (
        ({}, "InvalidPermission.Duplicate"),
        ({"FromPort": 443, "ToPort": 443}, "RulesPerSecurityGroupLimitExceeded"),
    ):
        with pytest.raises(ClientError) as caught:
            client.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission | changes])
        assert caught.value.response["Error"]["Code"] == code


def test_a_rule_is_revoked_by_what_it_says_and_one_that_is_not_there_is_refused(
    session: boto3.Session, stacks: Stacks
) -> None:
    described = {"SourceSecurityGroupId": {"Ref": "Front"}, "Description": "from the front"}
    name = stacks.create(_groups() | {"In": _rule("Ingress", described)})
    client = session.client("ec2")
    back, front = stacks.physical(name, "Back"), stacks.physical(name, "Front")
    permission: Any = {"IpProtocol": "tcp", "FromPort": 3000, "ToPort": 3000, "UserIdGroupPairs": [{"GroupId": front}]}
    with pytest.raises(ClientError, match=r"InvalidPermission\.NotFound"):
        client.revoke_security_group_ingress(GroupId=back, IpPermissions=[permission | {"FromPort": 22, "ToPort": 22}])
    client.revoke_security_group_ingress(GroupId=back, IpPermissions=[permission])
    assert client.describe_security_groups(GroupIds=[back])["SecurityGroups"][0]["IpPermissions"] == []


def _gateway() -> Resources:
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.78.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.78.0.0/24"}},
        "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc", "Tags": [{"Key": "A", "Value": "1"}]}},
        "Internet": {"Type": "AWS::EC2::InternetGateway"},
        "Attached": {
            "Type": "AWS::EC2::VPCGatewayAttachment",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "InternetGatewayId": {"Ref": "Internet"}},
        },
        "Gateway": {
            "Type": "AWS::EC2::NatGateway",
            "DependsOn": "Attached",
            "Properties": {
                "SubnetId": {"Ref": "Subnet"},
                "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]},
                "Tags": [{"Key": "Name", "Value": "nat"}],
            },
        },
        "Logs": {
            "Type": "AWS::EC2::FlowLog",
            "Properties": {
                "ResourceId": {"Ref": "Vpc"},
                "ResourceType": "VPC",
                "TrafficType": "REJECT",
                "LogGroupName": "/flow",
                "DeliverLogsPermissionArn": "arn:aws:iam::000000000000:role/flow",
            },
        },
    }


def test_a_nat_gateway_holds_its_address_until_it_is_deleted(session: boto3.Session, stacks: Stacks) -> None:
    resources = _gateway()
    name = stacks.create(resources, {"Ip": {"Ref": "Address"}})
    client = session.client("ec2")
    gateway_id = stacks.physical(name, "Gateway")
    gateway = client.describe_nat_gateways(NatGatewayIds=[gateway_id])["NatGateways"][0]
    address = gateway["NatGatewayAddresses"][0]
    assert address["PublicIp"] == stacks.outputs(name)["Ip"] == stacks.physical(name, "Address")
    assert {"Key": "Name", "Value": "nat"} in gateway["Tags"]
    allocations = [address["AllocationId"]]
    assert {"Key": "A", "Value": "1"} in client.describe_addresses(AllocationIds=allocations)["Addresses"][0]["Tags"]
    with pytest.raises(ClientError, match="is in use"):
        client.release_address(AllocationId=address["AllocationId"])
    log = client.describe_flow_logs(FlowLogIds=[stacks.physical(name, "Logs")])["FlowLogs"][0]
    assert log["TrafficType"] == "REJECT"
    twice = resources | {"Again": resources["Logs"] | {"DependsOn": "Logs"}}
    del twice["Gateway"]
    assert "There is an existing Flow Log with the same configuration" in stacks.failure(twice)

    stacks.delete(name)
    assert client.describe_nat_gateways(NatGatewayIds=[gateway_id])["NatGateways"][0]["State"] == "deleted"
    assert not client.describe_addresses(AllocationIds=allocations)["Addresses"]


def test_a_repeated_request_makes_one_nat_gateway(session: boto3.Session) -> None:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.90.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.90.0.0/24")["Subnet"]["SubnetId"]
    request: Any = {"SubnetId": subnet, "ConnectivityType": "private", "ClientToken": "one"}
    made = [ec2.create_nat_gateway(**request)["NatGateway"]["NatGatewayId"] for _ in range(2)]
    assert made[0] == made[1]
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        ec2.create_nat_gateway(**request | {"PrivateIpAddress": "10.90.0.9"})
    assert len(ec2.describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NatGateways"]) == 1
    ec2.delete_nat_gateway(NatGatewayId=made[0])


@pytest.mark.parametrize(
    ("allocation", "message"),
    [
        (None, "The request must include the AllocationId parameter."),
        ("eipalloc-0", "The allocation ID 'eipalloc-0' does not exist"),
    ],
)
def test_a_nat_gateway_without_an_address_is_refused(stacks: Stacks, allocation: str | None, message: str) -> None:
    resources = _gateway()
    resources["Gateway"]["Properties"]["AllocationId"] = allocation or {"Ref": "AWS::NoValue"}
    assert message in stacks.failure(resources)
