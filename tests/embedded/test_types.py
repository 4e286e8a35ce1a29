"""Resource types that the embedded AWS adds: through CloudFormation, and as the services show them."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.embedded.conftest import EmbeddedAws

pytestmark = pytest.mark.embedded

Resources = dict[str, dict[str, Any]]
CLOUDFRONT = "pl-58a04531"
# Whole seconds, by the type of the client; a fraction by its code.
QUICKLY: Any = {"Delay": 0.1}


class Stacks:
    """Creates and updates stacks of resources, and says why one failed."""

    def __init__(self, session: boto3.Session) -> None:
        self._client = session.client("cloudformation")
        self._made: list[str] = []

    def create(self, resources: Resources, outputs: dict[str, Any] | None = None) -> str:
        name = f"types-{uuid4().hex[:8]}"
        self._made.append(name)
        self._client.create_stack(StackName=name, TemplateBody=_template(resources, outputs))
        self._client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=QUICKLY)
        return name

    def update(self, name: str, resources: Resources) -> None:
        self._client.update_stack(StackName=name, TemplateBody=_template(resources, None))
        self._client.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig=QUICKLY)

    def delete(self, name: str) -> None:
        self._client.delete_stack(StackName=name)
        self._client.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=QUICKLY)

    def failure(self, resources: Resources) -> str:
        """Create a stack that fails, and return the reasons of its resources."""
        with pytest.raises(WaiterError):
            self.create(resources)
        events = self._client.describe_stack_events(StackName=self._made[-1])["StackEvents"]
        return "\n".join(e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "CREATE_FAILED")

    def outputs(self, name: str) -> dict[str, str]:
        stack = self._client.describe_stacks(StackName=name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def physical(self, name: str, logical_id: str) -> str:
        answer = self._client.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
        identifier: str = answer["StackResourceDetail"]["PhysicalResourceId"]
        return identifier

    def clean(self) -> None:
        for name in reversed(self._made):
            self.delete(name)


def _template(resources: Resources, outputs: dict[str, Any] | None) -> str:
    template: dict[str, Any] = {"Resources": resources}
    if outputs:
        template["Outputs"] = {key: {"Value": value} for key, value in outputs.items()}
    return json.dumps(template)


@pytest.fixture(scope="module")
def session(embedded_aws: EmbeddedAws) -> boto3.Session:
    return embedded_aws.session()


@pytest.fixture
def stacks(session: boto3.Session) -> Iterator[Stacks]:
    made = Stacks(session)
    yield made
    made.clean()


def _trail(account: str, *, selectors: bool) -> Resources:
    bucket = f"trail-{uuid4().hex[:8]}"
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": action,
            "Resource": f"arn:aws:s3:::{bucket}{path}",
        }
        for action, path in (("s3:GetBucketAcl", ""), ("s3:PutObject", f"/AWSLogs/{account}/*"))
    ]
    properties: dict[str, Any] = {
        "TrailName": f"trail-of-{bucket}",
        "S3BucketName": {"Ref": "Bucket"},
        "IsLogging": True,
        "IsMultiRegionTrail": True,
        "EnableLogFileValidation": True,
        "CloudWatchLogsLogGroupArn": {"Fn::GetAtt": ["LogGroup", "Arn"]},
        "CloudWatchLogsRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "Tags": [{"Key": "Project", "Value": "x"}],
    }
    if selectors:
        properties["EventSelectors"] = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    return {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": statements}},
        },
        "LogGroup": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": f"/trail/{bucket}"}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"RoleName": bucket, "AssumeRolePolicyDocument": {"Statement": []}},
        },
        "Trail": {"Type": "AWS::CloudTrail::Trail", "DependsOn": "Policy", "Properties": properties},
    }


def test_a_trail_writes_to_bucket_and_log_group(
    embedded_aws: EmbeddedAws, session: boto3.Session, stacks: Stacks
) -> None:
    resources = _trail(embedded_aws.account, selectors=True)
    name = stacks.create(resources, {"Arn": {"Fn::GetAtt": ["Trail", "Arn"]}, "Name": {"Ref": "Trail"}})
    client = session.client("cloudtrail")
    outputs = stacks.outputs(name)
    trail = client.get_trail(Name=outputs["Name"])["Trail"]
    assert trail["TrailARN"] == outputs["Arn"]
    assert trail["IsMultiRegionTrail"]
    assert trail["LogFileValidationEnabled"]
    assert trail["CloudWatchLogsLogGroupArn"].endswith(":*")
    assert client.get_trail_status(Name=outputs["Name"])["IsLogging"]
    assert client.get_event_selectors(TrailName=outputs["Name"])["EventSelectors"][0]["ReadWriteType"] == "WriteOnly"
    tags = client.list_tags(ResourceIdList=[outputs["Arn"]])["ResourceTagList"][0]["TagsList"]
    assert {"Key": "Project", "Value": "x"} in tags

    resources["Trail"]["Properties"]["IsLogging"] = False
    stacks.update(name, resources)
    assert not client.get_trail_status(Name=outputs["Name"])["IsLogging"]
    stacks.delete(name)
    assert outputs["Name"] not in {one["Name"] for one in client.list_trails()["Trails"]}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda resources: resources.pop("Policy"), "Incorrect S3 bucket policy is detected for bucket"),
        (
            lambda resources: resources["Trail"]["Properties"].update(CloudWatchLogsLogGroupArn="arn:aws:logs:x"),
            "CloudTrail cannot validate the specified log group ARN.",
        ),
        (
            lambda resources: resources["Trail"]["Properties"].pop("CloudWatchLogsRoleArn"),
            "You must specify a role ARN as well as a log group.",
        ),
    ],
)
def test_a_trail_that_could_not_write_is_refused(
    embedded_aws: EmbeddedAws, stacks: Stacks, spoil: Callable[[Resources], object], message: str
) -> None:
    resources = _trail(embedded_aws.account, selectors=False)
    resources["Trail"]["DependsOn"] = []
    spoil(resources)
    if "Policy" in resources:
        resources["Trail"]["DependsOn"] = "Policy"
    assert message in stacks.failure(resources)


def test_a_budget_tells_its_subscribers(embedded_aws: EmbeddedAws, session: boto3.Session, stacks: Stacks) -> None:
    topic = f"arn:aws:sns:ap-northeast-1:{embedded_aws.account}:alerts"
    resources: Resources = {
        "Budget": {
            "Type": "AWS::Budgets::Budget",
            "Properties": {
                "Budget": {
                    "BudgetName": "types-monthly",
                    "BudgetType": "COST",
                    "TimeUnit": "MONTHLY",
                    "BudgetLimit": {"Amount": 50, "Unit": "USD"},
                },
                "NotificationsWithSubscribers": [
                    {
                        "Notification": {
                            "NotificationType": kind,
                            "ComparisonOperator": "GREATER_THAN",
                            "Threshold": "100",
                        },
                        "Subscribers": [{"SubscriptionType": "SNS", "Address": topic}],
                    }
                    for kind in ("ACTUAL", "FORECASTED")
                ],
            },
        }
    }
    name = stacks.create(resources)
    client = session.client("budgets")
    where: Any = {"AccountId": embedded_aws.account, "BudgetName": "types-monthly"}
    assert client.describe_budget(**where)["Budget"]["BudgetLimit"] == {"Amount": "50", "Unit": "USD"}
    notifications = client.describe_notifications_for_budget(**where)["Notifications"]
    assert [one["NotificationType"] for one in notifications] == ["ACTUAL", "FORECASTED"]
    subscribers = client.describe_subscribers_for_notification(**where, Notification=notifications[0])["Subscribers"]
    assert subscribers == [{"SubscriptionType": "SNS", "Address": topic}]

    resources["Budget"]["Properties"]["Budget"]["BudgetLimit"]["Amount"] = 60
    stacks.update(name, resources)
    assert client.describe_budget(**where)["Budget"]["BudgetLimit"]["Amount"] == "60"
    assert len(client.describe_notifications_for_budget(**where)["Notifications"]) == 2


def test_a_second_provider_for_one_url_is_refused(session: boto3.Session, stacks: Stacks) -> None:
    provider: dict[str, Any] = {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {"Url": "https://types.example.com", "ClientIdList": ["sts.amazonaws.com"]},
    }
    name = stacks.create({"Provider": provider})
    arn = stacks.physical(name, "Provider")
    client = session.client("iam")
    found = client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert found["ClientIDList"] == ["sts.amazonaws.com"]
    reason = stacks.failure({"Other": provider})
    assert "Provider with url https://types.example.com already exists." in reason
    assert "HandlerErrorCode: AlreadyExists" in reason
    provider["Properties"]["ClientIdList"] = ["other"]
    stacks.update(name, {"Provider": provider})
    assert client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["other"]


def test_a_workgroup_with_queries_is_deleted_only_if_its_template_says_so(
    session: boto3.Session, stacks: Stacks
) -> None:
    group: dict[str, Any] = {
        "Type": "AWS::Athena::WorkGroup",
        "Properties": {
            "Name": "types-group",
            "WorkGroupConfiguration": {
                "EnforceWorkGroupConfiguration": True,
                "BytesScannedCutoffPerQuery": 10_000_000,
                "ResultConfiguration": {"OutputLocation": "s3://results/"},
            },
        },
    }
    query = {
        "Type": "AWS::Athena::NamedQuery",
        "Properties": {"Name": "all", "Database": "d", "QueryString": "SELECT 1", "WorkGroup": {"Ref": "Group"}},
    }
    name = stacks.create({"Group": group, "Query": query})
    client = session.client("athena")
    configuration = client.get_work_group(WorkGroup="types-group")["WorkGroup"]["Configuration"]
    assert configuration["EnforceWorkGroupConfiguration"]
    assert configuration["BytesScannedCutoffPerQuery"] == 10_000_000
    identifier = stacks.physical(name, "Query")
    assert client.get_named_query(NamedQueryId=identifier)["NamedQuery"]["QueryString"] == "SELECT 1"
    assert client.list_named_queries(WorkGroup="types-group")["NamedQueryIds"] == [identifier]

    mine = client.create_named_query(Name="mine", Database="d", QueryString="SELECT 2", WorkGroup="types-group")
    with pytest.raises(WaiterError):
        stacks.delete(name)
    assert client.get_work_group(WorkGroup="types-group")
    client.delete_named_query(NamedQueryId=mine["NamedQueryId"])
    stacks.delete(name)

    group["Properties"]["RecursiveDeleteOption"] = True
    name = stacks.create({"Group": group})
    client.create_named_query(Name="mine", Database="d", QueryString="SELECT 2", WorkGroup="types-group")
    stacks.delete(name)
    assert not client.list_named_queries(WorkGroup="types-group")["NamedQueryIds"]


def test_a_named_query_needs_its_workgroup(stacks: Stacks) -> None:
    query = {
        "Type": "AWS::Athena::NamedQuery",
        "Properties": {"Database": "d", "QueryString": "SELECT 1", "WorkGroup": "types-nowhere"},
    }
    assert "WorkGroup types-nowhere is not found." in stacks.failure({"Query": query})


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


def _gateway() -> Resources:
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.78.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.78.0.0/24"}},
        "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc", "Tags": [{"Key": "A", "Value": "1"}]}},
        "Gateway": {
            "Type": "AWS::EC2::NatGateway",
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


def test_an_account_has_one_services_monitor(session: boto3.Session, stacks: Stacks) -> None:
    monitor: dict[str, Any] = {
        "Type": "AWS::CE::AnomalyMonitor",
        "Properties": {"MonitorName": "types", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"},
    }
    threshold = {"Dimensions": {"Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE", "Values": ["5"]}}
    subscription = {
        "Type": "AWS::CE::AnomalySubscription",
        "Properties": {
            "SubscriptionName": "types",
            "Frequency": "DAILY",
            "MonitorArnList": [{"Ref": "Monitor"}],
            "Subscribers": [{"Type": "EMAIL", "Address": "a@example.com"}],
            "ThresholdExpression": json.dumps(threshold),
        },
    }
    name = stacks.create({"Monitor": monitor, "Subscription": subscription})
    client = session.client("ce")
    arn = stacks.physical(name, "Monitor")
    assert client.get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"][0]["MonitorName"] == "types"
    found = client.get_anomaly_subscriptions()["AnomalySubscriptions"][0]
    assert found["MonitorArnList"] == [arn]
    assert found["ThresholdExpression"] == threshold
    # CloudFormation hides the message of this one: aws-cloudformation/cloudformation-coverage-roadmap #2515.
    assert 'Resource handler returned message: "null"' in stacks.failure({"Other": monitor})
    with pytest.raises(ClientError, match="Limit exceeded on dimensional spend monitor creation"):
        client.create_anomaly_monitor(AnomalyMonitor=monitor["Properties"])


def test_a_cluster_may_use_the_capacity_of_its_association(session: boto3.Session, stacks: Stacks) -> None:
    association: dict[str, Any] = {
        "Type": "AWS::ECS::ClusterCapacityProviderAssociations",
        "Properties": {
            "Cluster": {"Ref": "Cluster"},
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}],
        },
    }
    resources: Resources = {"Cluster": {"Type": "AWS::ECS::Cluster"}, "Association": association}
    name = stacks.create(resources)
    cluster = stacks.physical(name, "Association")
    client = session.client("ecs")

    def strategy() -> list[Any]:
        found = client.describe_clusters(clusters=[cluster])["clusters"][0]
        assert found["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
        return [(item["capacityProvider"], item["weight"]) for item in found["defaultCapacityProviderStrategy"]]

    assert strategy() == [("FARGATE", 1)]
    association["Properties"]["DefaultCapacityProviderStrategy"] = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 2}]
    stacks.update(name, resources)
    assert strategy() == [("FARGATE_SPOT", 2)]


def test_an_unknown_type_is_named(session: boto3.Session) -> None:
    client = session.client("cloudformation")
    body = _template({"Satellite": {"Type": "AWS::GroundStation::Config", "Properties": {}}}, None)
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::GroundStation::Config\]"):
        client.create_stack(StackName="types-unknown", TemplateBody=body)
