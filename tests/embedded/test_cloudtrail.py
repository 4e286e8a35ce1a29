"""Calls that clients make, as the trail of the embedded AWS records them: files, log lines, metric, alarm."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

BUCKET = "recorded"
LOG_GROUP = "/recorded"
ROLE = "HannibalCICDRole-Dev"
ACCOUNT = "000000000000"

Event = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """A server that records, and delivers at once."""
    folder = tmp_path_factory.mktemp("recording")
    made = EmbeddedAws(folder, options=("--cloudtrail", "--clock-factor", "60"))
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def session(server: EmbeddedAws) -> boto3.Session:
    return server.session()


def keys(session: boto3.Session) -> list[str]:
    contents = session.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [content["Key"] for content in contents]


def read(session: boto3.Session, key: str) -> list[Event]:
    body = session.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    records: list[Event] = json.loads(gzip.decompress(body))["Records"]
    return records


def recorded(session: boto3.Session) -> list[Event]:
    return [event for key in keys(session) for event in read(session, key)]


@pytest.fixture(scope="module")
def events(server: EmbeddedAws, session: boto3.Session) -> list[Event]:
    """What was recorded of the calls below, once the last has arrived."""
    _make_trail(session)
    _make_alarm(session)
    iam = session.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    arn = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    credentials = session.client("sts").assume_role(RoleArn=arn, RoleSessionName="release")["Credentials"]
    role = boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name="ap-northeast-1",
    )
    role.client("ec2", endpoint_url=server.endpoint).describe_vpcs()
    role.client("lambda", endpoint_url=server.endpoint).list_functions()
    with pytest.raises(ClientError):
        role.client("ec2", endpoint_url=server.endpoint).describe_security_groups(GroupIds=["sg-00000000000000000"])
    s3 = session.client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key="data", Body=b"")
    session.client("secretsmanager").create_secret(Name="recorded", SecretString="not to be seen")
    session.client("ssm").put_parameter(Name="/recorded", Value="not to be seen", Type="SecureString")
    session.client("cloudtrail").stop_logging(Name="recorded")
    session.client("cloudtrail").start_logging(Name="recorded")
    s3.delete_object(Bucket=BUCKET, Key="data")
    session.client("ec2").describe_regions()
    wait_for(lambda: any(event["eventName"] == "DescribeRegions" for event in recorded(session)))
    return recorded(session)


def _make_trail(session: boto3.Session) -> None:
    s3 = session.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": "*",
    }
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Statement": [statement]}))
    session.client("logs").create_log_group(logGroupName=LOG_GROUP)
    trust = statement | {"Action": "sts:AssumeRole"}
    del trust["Resource"]
    session.client("iam").create_role(RoleName="trail", AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    session.client("cloudtrail").create_trail(
        Name="recorded",
        S3BucketName=BUCKET,
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:ap-northeast-1:{ACCOUNT}:log-group:{LOG_GROUP}:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/trail",
    )
    session.client("cloudtrail").start_logging(Name="recorded")


def _make_alarm(session: boto3.Session) -> None:
    session.client("logs").put_metric_filter(
        logGroupName=LOG_GROUP,
        filterName="stopped",
        filterPattern='{ ($.eventSource = cloudtrail.amazonaws.com) && ($.eventName = "StopLogging") }',
        metricTransformations=[{"metricNamespace": "Audit", "metricName": "Stopped", "metricValue": "1"}],
    )
    session.client("cloudwatch").put_metric_alarm(
        AlarmName="stopped",
        Namespace="Audit",
        MetricName="Stopped",
        Statistic="Sum",
        Period=180,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )


def one(events: list[Event], name: str) -> Event:
    return next(event for event in events if event["eventName"] == name)


def test_a_session_of_a_role_is_recorded_with_its_role(events: list[Event]) -> None:
    event = one(events, "DescribeVpcs")
    identity = event["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/release"
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert (issuer["type"], issuer["userName"]) == ("Role", ROLE)
    assert issuer["arn"] == f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    assert (event["eventSource"], event["awsRegion"]) == ("ec2.amazonaws.com", "ap-northeast-1")
    assert event["readOnly"] is True


def test_the_account_itself_is_recorded_as_root(events: list[Event]) -> None:
    assert one(events, "CreateRole")["userIdentity"]["type"] == "Root"
    assert one(events, "CreateRole")["requestParameters"]["roleName"] == ROLE


def test_global_services_are_recorded_in_us_east_1(session: boto3.Session, events: list[Event]) -> None:
    assert one(events, "CreateRole")["awsRegion"] == "us-east-1"
    places = [key for key in keys(session) if any(e["eventName"] == "CreateRole" for e in read(session, key))]
    (key,) = places
    assert key.startswith(f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2")
    assert key.rpartition("/")[2].startswith(f"{ACCOUNT}_CloudTrail_us-east-1_")
    assert key.endswith(".json.gz")


def test_a_refused_call_is_recorded_with_its_error(events: list[Event]) -> None:
    event = one(events, "DescribeSecurityGroups")
    assert event["errorCode"] == "Client.InvalidGroup.NotFound"
    assert "sg-00000000000000000" in event["errorMessage"]


def test_names_are_cloudtrails_own(events: list[Event]) -> None:
    names = {event["eventName"] for event in events}
    assert {"ListFunctions20150331", "PutBucketVersioning", "AssumeRole", "StopLogging", "CreateSecret"} <= names
    # Data events are not recorded by default, and log lines and metrics never.
    assert not {"PutObject", "DeleteObject", "ListObjectsV2", "PutLogEvents"} & names


def test_secrets_are_hidden(events: list[Event]) -> None:
    parameters = one(events, "CreateSecret")["requestParameters"]
    assert parameters["secretString"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert one(events, "PutParameter")["requestParameters"]["value"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert "not to be seen" not in json.dumps(events)


def test_the_same_events_are_in_the_log_group(session: boto3.Session, events: list[Event]) -> None:
    pattern = f'{{ $.userIdentity.sessionContext.sessionIssuer.userName = "{ROLE}" }}'
    lines = session.client("logs").filter_log_events(logGroupName=LOG_GROUP, filterPattern=pattern)["events"]
    ids = {event["eventID"] for event in events if event["userIdentity"]["type"] == "AssumedRole"}
    assert {json.loads(line["message"])["eventID"] for line in lines} == ids


def test_a_call_sets_off_the_alarm_and_it_ends_without_further_calls(
    session: boto3.Session, events: list[Event]
) -> None:
    client = session.client("cloudwatch")

    def state() -> str:
        value: str = client.describe_alarms(AlarmNames=["stopped"])["MetricAlarms"][0]["StateValue"]
        return value

    history = client.describe_alarm_history(AlarmName="stopped", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert any("to ALARM" in item["HistorySummary"] for item in history)
    # Three minutes are three seconds here.
    wait_for(lambda: state() == "OK")


def test_lookup_shows_them_too(session: boto3.Session, events: list[Event]) -> None:
    attributes: Any = [{"AttributeKey": "EventName", "AttributeValue": "CreateRole"}]
    found = session.client("cloudtrail").lookup_events(LookupAttributes=attributes)["Events"]
    assert json.loads(found[0]["CloudTrailEvent"])["eventID"] == one(events, "CreateRole")["eventID"]
