"""Resource types that the embedded AWS adds: through CloudFormation, and as the services show them."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.embedded.changing_stacks import Resources, Stacks
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded

TRUSTING = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}


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
            "Properties": {"RoleName": bucket, "AssumeRolePolicyDocument": {"Statement": TRUSTING}},
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
        (
            # CloudTrail says for no account that it assumes the role.
            lambda resources: resources["Role"]["Properties"].update(
                AssumeRolePolicyDocument={
                    "Statement": TRUSTING | {"Condition": {"StringEquals": {"aws:SourceAccount": "000000000000"}}}
                }
            ),
            "Access denied. Check the trust relationships for your role.",
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
    assert "WorkGroup types-group is not empty" in stacks.deletion_failure(name)
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
    body = json.dumps({"Resources": {"Satellite": {"Type": "AWS::GroundStation::Config", "Properties": {}}}})
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::GroundStation::Config\]"):
        client.create_stack(StackName="types-unknown", TemplateBody=body)
