"""Calls whose answers are what AWS answers: repeated, conditional, of things that others hold, and in their order."""

import base64
import hashlib
import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import create, delete, unique, wait

pytestmark = pytest.mark.embedded

TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}
REGION: Any = {"LocationConstraint": "ap-northeast-1"}


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response: Any = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def bucket(session: boto3.Session) -> str:
    name = unique("calls")
    session.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=REGION)
    return name


def test_a_stack_whose_export_is_used_stays_as_it_is(session: boto3.Session) -> None:
    stacks, name = session.client("cloudformation"), unique("calls-export")
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1"}}
    outputs = {"Name": {"Value": "1", "Export": {"Name": name}}}
    exporting = create(stacks, {"Parameter": parameter}, Outputs=outputs)
    using: dict[str, Any] = {"Type": "String", "Value": {"Fn::ImportValue": name}}
    importing = create(stacks, {"Parameter": {"Type": "AWS::SSM::Parameter", "Properties": using}})

    kept = delete(stacks, exporting.stack_id)

    assert kept.status == "CREATE_COMPLETE"
    stack = stacks.describe_stacks(StackName=exporting.stack_id)["Stacks"][0]
    importer = importing.stack_id.split("/")[1]
    reason = f"Delete canceled. Cannot delete export {name} as it is in use by {importer}."
    assert stacks.list_imports(ExportName=name)["Imports"] == [importer]
    assert stack["StackStatusReason"] == reason
    newest = stacks.describe_stack_events(StackName=exporting.stack_id)["StackEvents"][:2]
    assert [event["ResourceStatus"] for event in newest] == ["CREATE_COMPLETE", "DELETE_IN_PROGRESS"]
    assert newest[0]["ResourceStatusReason"] == reason
    tags: Any = [{"Key": "n", "Value": "1"}]
    stacks.update_stack(StackName=exporting.stack_id, UsePreviousTemplate=True, Tags=tags)
    assert wait(stacks, exporting.stack_id).status == "UPDATE_COMPLETE"
    assert "StackStatusReason" not in stacks.describe_stacks(StackName=exporting.stack_id)["Stacks"][0]
    assert delete(stacks, importing.stack_id).status == "DELETE_COMPLETE"
    assert delete(stacks, exporting.stack_id).status == "DELETE_COMPLETE"


def test_an_export_is_unique_and_stays_while_it_is_used(session: boto3.Session) -> None:
    stacks, name = session.client("cloudformation"), unique("calls-unique-export")

    def template(value: str | None) -> dict[str, Any]:
        topic: Any = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": value or "none"}}}
        return {"Resources": topic} | (
            {"Outputs": {"Name": {"Value": value, "Export": {"Name": name}}}} if value else {}
        )

    def changed(value: str | None) -> tuple[str, str]:
        stacks.update_stack(StackName=exporting.stack_id, TemplateBody=json.dumps(template(value)))
        status = wait(stacks, exporting.stack_id).status
        events = stacks.describe_stack_events(StackName=exporting.stack_id)["StackEvents"]
        reasons = (event.get("ResourceStatusReason", "") for event in events[:12])
        return status, next((it for it in reasons if "as it is in use by" in it), "")

    first = template("1")
    exporting = create(stacks, first["Resources"], Outputs=first["Outputs"])
    again = create(stacks, first["Resources"], Outputs=first["Outputs"])
    using: dict[str, Any] = {"Type": "String", "Value": {"Fn::ImportValue": name}}
    importing = create(stacks, {"Parameter": {"Type": "AWS::SSM::Parameter", "Properties": using}})

    exporter = exporting.stack_id.split("/")[1]
    assert again.status == "ROLLBACK_COMPLETE"
    assert f"Export with name {name} is already exported by stack {exporter}" in again.reasons.values()
    used = f"export {name} as it is in use by {importing.stack_id.split('/')[1]}."
    assert changed("2") == ("UPDATE_ROLLBACK_COMPLETE", f"Update canceled. Cannot update {used}")
    assert changed(None) == ("UPDATE_ROLLBACK_COMPLETE", f"Delete canceled. Cannot delete {used}")
    delete(stacks, importing.stack_id)
    assert changed("2")[0] == "UPDATE_COMPLETE"
    assert changed(None)[0] == "UPDATE_COMPLETE"
    assert create(stacks, first["Resources"], Outputs=first["Outputs"]).status == "CREATE_COMPLETE"


def test_a_template_is_read_at_both_forms_of_address(session: boto3.Session, bucket: str) -> None:
    template = json.dumps({"Resources": TOPIC})
    stacks = session.client("cloudformation")
    session.client("s3").put_object(Bucket=bucket, Key="a/the template.json", Body=template.encode())

    for host in (f"{bucket}.s3.ap-northeast-1.amazonaws.com", f"s3.ap-northeast-1.amazonaws.com/{bucket}"):
        stacks.validate_template(TemplateURL=f"https://{host}/a/the%20template.json")
        with pytest.raises(ClientError, match=r"S3 error: The specified key does not exist\.$"):
            stacks.validate_template(TemplateURL=f"https://{host}/a/none.json")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"Fn::Equals": [{"Ref": ["x"]}, "a"]}, "every Ref object must have a single String value"),
        ({"Fn::Equals": [{"Ref": {"Ref": "x"}}, "a"]}, "every Ref object must have a single String value"),
        ({"Condition": "None"}, "cannot be evaluated"),
        ({"Condition": "C"}, "cannot be evaluated"),
        ({"Fn::Not": []}, "cannot be evaluated"),
        ({"Fn::And": 1}, "cannot be evaluated"),
    ],
)
def test_a_condition_that_is_none_is_refused(session: boto3.Session, condition: Any, said: str) -> None:
    stacks = session.client("cloudformation")
    template = json.dumps({"Resources": TOPIC, "Conditions": {"C": condition}})
    request: Any = {"StackName": unique("calls-condition"), "TemplateBody": template}
    for call in (
        lambda: stacks.create_stack(**request),
        lambda: stacks.create_change_set(**request, ChangeSetName="one", ChangeSetType="CREATE"),
    ):
        with pytest.raises(ClientError, match=said) as error:
            call()
        assert refusal(error) == ("ValidationError", 400)


def test_a_change_set_is_found_by_its_stack_s_arn(session: boto3.Session) -> None:
    stacks, name = session.client("cloudformation"), unique("calls-change-set")
    template = json.dumps({"Resources": TOPIC})
    made = stacks.create_change_set(StackName=name, ChangeSetName="one", ChangeSetType="CREATE", TemplateBody=template)
    arn = made["StackId"]

    assert stacks.describe_change_set(StackName=arn, ChangeSetName="one")["ChangeSetId"] == made["Id"]
    assert [it["ChangeSetId"] for it in stacks.list_change_sets(StackName=arn)["Summaries"]] == [made["Id"]]
    stacks.execute_change_set(StackName=arn, ChangeSetName="one")
    assert wait(stacks, arn).status == "CREATE_COMPLETE"
    assert delete(stacks, arn).status == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("value", "hidden", "shown"),
    [("a&b", False, "a&b"), ("a\"b it's", False, "a\"b it's"), ("\u65e5\u672c", False, "??"), ("a", True, "****")],
)
def test_a_parameter_of_parameter_store_has_its_name_and_its_value(
    session: boto3.Session, value: str, hidden: bool, shown: str
) -> None:
    stacks, name = session.client("cloudformation"), f"/{unique('calls-parameter')}"
    session.client("ssm").put_parameter(Name=name, Value=value, Type="String")
    text = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name, "NoEcho": hidden}
    made = create(stacks, TOPIC, Parameters={"Text": text})
    template = json.dumps({"Resources": TOPIC | {"Other": TOPIC["Topic"]}, "Parameters": {"Text": text}})
    stacks.create_change_set(StackName=made.stack_id, ChangeSetName="one", TemplateBody=template)

    (found,) = stacks.describe_stacks(StackName=made.stack_id)["Stacks"][0]["Parameters"]
    assert found == {"ParameterKey": "Text", "ParameterValue": name, "ResolvedValue": shown}
    (found,) = stacks.describe_change_set(StackName=made.stack_id, ChangeSetName="one")["Parameters"]
    assert (found["ParameterValue"], found["ResolvedValue"]) == (name, value)


def test_a_stack_without_outputs_has_no_member_for_them(session: boto3.Session) -> None:
    stacks, name, token = session.client("cloudformation"), unique("calls-outputs"), unique("token")
    template = json.dumps({"Resources": TOPIC})
    request: Any = {"StackName": name, "TemplateBody": template, "ClientRequestToken": token}
    arn = stacks.create_stack(**request)["StackId"]

    assert stacks.create_stack(**request)["StackId"] == arn
    assert wait(stacks, arn).status == "CREATE_COMPLETE"
    stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
    assert not stack.keys() & {"Outputs", "Parameters", "Description", "StackStatusReason"}
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    assert "" not in [event.get("ResourceStatusReason") for event in events]
    changed = json.dumps({"Resources": TOPIC | {"Other": TOPIC["Topic"]}})
    stacks.create_change_set(StackName=name, ChangeSetName="one", TemplateBody=changed)
    change_set = stacks.describe_change_set(StackName=name, ChangeSetName="one")
    assert not change_set.keys() & {"Description", "Parameters", "StatusReason"}
    (listed,) = stacks.list_change_sets(StackName=name)["Summaries"]
    assert not listed.keys() & {"Description", "StatusReason"}
    with pytest.raises(stacks.exceptions.TokenAlreadyExistsException):
        stacks.create_stack(**request | {"TemplateBody": changed})
    assert delete(stacks, arn).status == "DELETE_COMPLETE"
    again = stacks.create_stack(**request)["StackId"]
    assert again != arn
    wait(stacks, again)
    assert delete(stacks, again).status == "DELETE_COMPLETE"


def test_a_new_bucket_blocks_the_public(session: boto3.Session, bucket: str) -> None:
    s3 = session.client("s3")
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    assert set(blocked.values()) == {True}
    with pytest.raises(ClientError) as error:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert refusal(error) == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def test_an_upload_ends_with_the_parts_that_were_sent(session: boto3.Session, bucket: str) -> None:
    s3 = session.client("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    tags = [
        s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=number, Body=b"x")["ETag"]
        for number in (1, 2)
    ]
    parts: list[Any] = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]

    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload={"Parts": parts})
    assert refusal(error) == ("EntityTooSmall", 400)
    done = s3.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload={"Parts": parts[:1]})
    assert done["ETag"].endswith('-1"')
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket=bucket)
    assert refusal(error) == ("BucketNotEmpty", 409)


def test_a_new_object_s_checksum_is_returned(session: boto3.Session, bucket: str) -> None:
    s3 = session.client("s3")
    put = s3.put_object(Bucket=bucket, Key="summed", Body=b"x", ChecksumAlgorithm="SHA256")
    assert put.get("ChecksumSHA256") == base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    assert put.get("ChecksumType") == "FULL_OBJECT"


def test_a_long_key_is_refused(session: boto3.Session, bucket: str) -> None:
    with pytest.raises(ClientError) as error:
        session.client("s3").put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    assert refusal(error) == ("KeyTooLongError", 400)


def test_metric_data_is_newest_first_and_has_expressions(session: boto3.Session) -> None:
    cloudwatch, namespace = session.client("cloudwatch"), unique("calls")
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    for minutes in (2, 1):
        at = end - timedelta(minutes=minutes)
        datum: Any = {"MetricName": "m", "Timestamp": at, "Value": float(minutes)}
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    stat: Any = {"Metric": {"Namespace": namespace, "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    queries: Any = [{"Id": "m1", "MetricStat": stat}, {"Id": "e", "Expression": "m1 * 10", "Label": "tenfold"}]
    span: Any = {"MetricDataQueries": queries, "StartTime": end - timedelta(minutes=5), "EndTime": end}

    newest_first = cloudwatch.get_metric_data(**span)["MetricDataResults"]
    oldest_first = cloudwatch.get_metric_data(**span, ScanBy="TimestampAscending")["MetricDataResults"]

    assert [(it["Label"], it["Values"]) for it in newest_first] == [("m", [1.0, 2.0]), ("tenfold", [10.0, 20.0])]
    assert newest_first[0]["Timestamps"] == [end - timedelta(minutes=minutes) for minutes in (1, 2)]
    assert [it["Values"] for it in oldest_first] == [[2.0, 1.0], [20.0, 10.0]]


@pytest.mark.parametrize(
    ("datum", "place"),
    [
        ({"Value": 1.7e308}, "Value"),
        ({"Value": float("-inf")}, "Value"),
        ({"Values": [1.0, 2.4e108]}, "Values.member.2"),
        ({"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1e200}}, "StatisticValues.Maximum"),
    ],
)
def test_metric_data_beyond_a_metric_s_range_is_refused(
    session: boto3.Session, datum: dict[str, Any], place: str
) -> None:
    put = session.client("cloudwatch").put_metric_data
    with pytest.raises(ClientError, match=f"for parameter MetricData.member.1.{place} is invalid") as error:
        put(Namespace="calls-range", MetricData=[{"MetricName": "m", **datum}])  # type: ignore[typeddict-item]
    assert refusal(error) == ("InvalidParameterValue", 400)


def test_an_image_stays_until_its_last_tag_is_deleted(session: boto3.Session) -> None:
    ecr, name = session.client("ecr"), unique("calls-image")
    ecr.create_repository(repositoryName=name)
    manifest = json.dumps({"schemaVersion": 2, "layers": []})
    for tag in ("1", "2"):
        ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag=tag)

    first = ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageTag": "1"}, {"imageTag": "9"}])
    kept = ecr.describe_images(repositoryName=name)["imageDetails"]
    ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageTag": "2"}])

    assert [it["imageTag"] for it in first["imageIds"]] == ["1"]
    assert [it["failureCode"] for it in first["failures"]] == ["ImageNotFound"]
    assert [it["imageTags"] for it in kept] == [["2"]]
    assert ecr.describe_images(repositoryName=name)["imageDetails"] == []


def test_an_image_has_an_id_for_each_tag(session: boto3.Session) -> None:
    ecr, name = session.client("ecr"), unique("calls-image")
    ecr.create_repository(repositoryName=name)
    manifests = [json.dumps({"schemaVersion": 2, "layers": [], "n": number}) for number in range(2)]
    digests = [
        ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag=tag)["image"]["imageId"]["imageDigest"]
        for manifest, tag in ((manifests[0], "1"), (manifests[0], "2"), (manifests[1], "3"), (manifests[1], "4"))
    ]
    every: Any = [{"imageDigest": it, "imageTag": tag} for it, tag in zip(digests, "1234", strict=True)]

    assert ecr.list_images(repositoryName=name)["imageIds"] == every
    deleted = ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageDigest": digests[0]}])
    assert deleted["imageIds"] == every[:2]
    other = ecr.put_image(repositoryName=name, imageManifest=manifests[0], imageTag="5")["image"]["imageId"]
    wrong: Any = [{"imageDigest": digests[2], "imageTag": tag} for tag in ("9", "5")]
    failures = ecr.batch_delete_image(repositoryName=name, imageIds=wrong)["failures"]
    assert [(it["imageId"], it["failureCode"]) for it in failures] == [
        (it, "ImageTagDoesNotMatchDigest") for it in wrong
    ]
    assert ecr.list_images(repositoryName=name)["imageIds"] == [*every[2:], other]
    assert ecr.batch_delete_image(repositoryName=name, imageIds=[*every[2:], other])["failures"] == []
    assert ecr.list_images(repositoryName=name)["imageIds"] == []


def test_a_secret_s_version_is_named_by_its_request(session: boto3.Session) -> None:
    secrets, name = session.client("secretsmanager"), unique("calls")
    token, other = "a" * 32, "b" * 32
    made = secrets.create_secret(Name=name, SecretString="1", ClientRequestToken=token)

    assert made["VersionId"] == token
    assert secrets.create_secret(Name=name, SecretString="1", ClientRequestToken=token)["ARN"] == made["ARN"]
    for _ in range(2):
        put = secrets.put_secret_value(SecretId=name, SecretString="2", ClientRequestToken=other)
        assert (put["VersionId"], put["VersionStages"]) == (other, ["AWSCURRENT"])
    with pytest.raises(ClientError) as error:
        secrets.put_secret_value(SecretId=name, SecretString="3", ClientRequestToken=token)
    assert refusal(error) == ("ResourceExistsException", 400)
    assert secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "1"


def test_a_secret_without_a_value_has_no_version(session: boto3.Session) -> None:
    secrets, name = session.client("secretsmanager"), unique("calls")

    assert "VersionId" not in secrets.create_secret(Name=name)
    with pytest.raises(ClientError) as error:
        secrets.get_secret_value(SecretId=name)
    assert refusal(error) == ("ResourceNotFoundException", 400)


def test_an_address_is_told_no_arn_before_it_has_confirmed(session: boto3.Session) -> None:
    sns = session.client("sns")
    topic = sns.create_topic(Name=unique("calls"))["TopicArn"]

    pending = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    asked = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="b@example.com", ReturnSubscriptionArn=True)

    assert pending["SubscriptionArn"] == "pending confirmation"
    assert asked["SubscriptionArn"].startswith(topic)


def test_entries_that_are_no_events_fail_and_the_others_are_put(session: boto3.Session) -> None:
    entries: Any = [
        {"Source": "a", "DetailType": "t", "Detail": "{}"},
        {"Source": "a", "Detail": "{}"},
        {"Source": "a", "DetailType": "t", "Detail": "no"},
    ]
    answer = session.client("events").put_events(Entries=entries)

    assert answer["FailedEntryCount"] == 2
    assert answer["Entries"][0]["EventId"]
    assert [entry.get("ErrorCode") for entry in answer["Entries"]] == [None, "InvalidArgument", "MalformedDetail"]


def test_a_rule_with_targets_stays(session: boto3.Session) -> None:
    events, name = session.client("events"), unique("calls")
    topic = session.client("sns").create_topic(Name=name)["TopicArn"]
    events.put_rule(Name=name, EventPattern='{"source": ["a"]}')
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": topic}])

    with pytest.raises(ClientError) as error:
        events.delete_rule(Name=name)
    assert refusal(error) == ("ValidationException", 400)
    events.remove_targets(Rule=name, Ids=["1"])
    events.delete_rule(Name=name)


def test_a_stack_s_tags_reach_its_rules(session: boto3.Session) -> None:
    stacks, events, name = session.client("cloudformation"), session.client("events"), unique("calls-rule")
    rule = {"Name": name, "EventPattern": {"source": ["a"]}}
    template = json.dumps({"Resources": {"Rule": {"Type": "AWS::Events::Rule", "Properties": rule}}})
    tags: Any = [{"Key": "Project", "Value": "x"}]
    wait(stacks, stacks.create_stack(StackName=name, TemplateBody=template, Tags=tags)["StackId"])

    made = events.list_tags_for_resource(ResourceARN=events.describe_rule(Name=name)["Arn"])["Tags"]
    found = {tag["Key"]: tag["Value"] for tag in made}
    assert (found["Project"], found["aws:cloudformation:stack-name"]) == ("x", name)


def test_a_policy_with_versions_and_a_role_with_ten_policies(session: boto3.Session) -> None:
    iam, name = session.client("iam"), unique("calls")
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, '
        '"Action": "sts:AssumeRole"}]}'
    )
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    made = [iam.create_policy(PolicyName=f"{name}-{n}", PolicyDocument=document)["Policy"]["Arn"] for n in range(11)]
    iam.create_policy_version(PolicyArn=made[10], PolicyDocument=document)
    for arn in (*made[:10], made[0]):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)

    with pytest.raises(ClientError, match="Cannot exceed quota for PoliciesPerRole: 10"):
        iam.attach_role_policy(RoleName=name, PolicyArn=made[10])
    with pytest.raises(ClientError, match="This policy has more than one version"):
        iam.delete_policy(PolicyArn=made[10])
    page = iam.list_policies(Scope="Local", MaxItems=1)
    assert (len(page["Policies"]), page["IsTruncated"]) == (1, True)


def test_a_record_outside_of_its_zone_is_refused(session: boto3.Session) -> None:
    route53 = session.client("route53")
    zone = route53.create_hosted_zone(Name="calls.example.com", CallerReference=unique("calls"))["HostedZone"]["Id"]

    def put(name: str, kind: Any, value: str) -> None:
        record: Any = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        changes: Any = [{"Action": "UPSERT", "ResourceRecordSet": record}]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    put("a.calls.example.com", "A", "1.2.3.4")
    for record in (
        ("a.example.org", "A", "1.2.3.4"),
        ("b.calls.example.com", "A", "x"),
        ("t.calls.example.com", "TXT", "x"),
    ):
        with pytest.raises(ClientError) as error:
            put(*record)
        assert refusal(error) == ("InvalidChangeBatch", 400)


def test_parts_of_a_network_do_not_overlap_by_call_either(session: boto3.Session) -> None:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/24")["Subnet"]
    assert made["Ipv6CidrBlockAssociationSet"] == []

    for block, code in (("10.77.0.128/25", "InvalidSubnet.Conflict"), ("10.78.0.0/24", "InvalidSubnet.Range")):
        with pytest.raises(ClientError) as error:
            ec2.create_subnet(VpcId=vpc, CidrBlock=block)
        assert refusal(error) == (code, 400)
    with pytest.raises(ClientError) as error:
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.1.0/24", DryRun=True)
    assert refusal(error) == ("DryRunOperation", 412)
    assert len(ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]) == 1


def test_filters_leave_out_what_they_do_not_match(session: boto3.Session) -> None:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.80.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="filtered", Description="of [calls]", VpcId=vpc)["GroupId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]

    def found(resources: str, identifier: str, **filters: str) -> list[str]:
        named = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
        answer = getattr(ec2, f"describe_{resources}")(Filters=named)
        return [it[identifier] for items in answer.values() if isinstance(items, list) for it in items]

    assert found("security_groups", "GroupId", group_id=group) == [group]
    assert found("security_groups", "GroupId", vpc_id=vpc, description="of [c*") == [group]
    assert found("security_groups", "GroupId", group_id=group, description="other") == []
    assert found("route_tables", "RouteTableId", route_table_id=table) == [table]
    assert found("network_acls", "NetworkAclId", network_acl_id="acl-0") == []
    assert found("regions", "RegionName", region_name="ap-northeast-?", opt_in_status="not-opted-in") == []
    assert found("regions", "RegionName", region_name="ap-northeast-1") == ["ap-northeast-1"]
    assert found("availability_zones", "ZoneName", zone_name="*c") == ["ap-northeast-1c"]
    assert found("availability_zones", "ZoneName", zone_name="*c", state="unavailable") == []
    assert found("availability_zones", "ZoneName", state="impaired") == []
    assert found("instance_types", "InstanceType", hypervisor="xen", instance_type="t?.large") == ["t2.large"]
    assert found("instance_types", "InstanceType", hypervisor="nitro", instance_type="t?.large") == ["t3.large"]
    assert found("security_groups", "GroupId", vpc_id=f"{vpc}*", group_name="filt*") == [group]
    assert found("security_groups", "GroupId", vpc_id=vpc, group_name="none*") == []
    assert found("vpcs", "VpcId", vpc_id=f"?{vpc[1:]}", cidr="10.80.*", state="available") == [vpc]
    assert found("vpcs", "VpcId", vpc_id=vpc, dhcp_options_id="dopt-0") == []
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.80.0.0/24")["Subnet"]["SubnetId"]
    assert found("subnets", "SubnetId", vpc_id=vpc, state="available", map_public_ip_on_launch="false") == [subnet]
    assert found("subnets", "SubnetId", vpc_id=vpc, state="pending") == []
    assert found("subnets", "SubnetId", vpc_id=vpc, map_public_ip_on_launch="true") == []
    assert found("nat_gateways", "NatGatewayId", nat_gateway_id="nat-0") == []
    services: Any = {"Filters": [{"Name": "owner", "Values": ["nobody"]}]}
    answer = ec2.describe_vpc_endpoint_services(**services)
    assert (answer["ServiceNames"], answer["ServiceDetails"]) == ([], [])
    services["Filters"] = [{"Name": "service-name", "Values": ["*.s3"]}]
    assert ec2.describe_vpc_endpoint_services(**services)["ServiceNames"] == ["com.amazonaws.ap-northeast-1.s3"]
    all_services = ec2.describe_vpc_endpoint_services()["ServiceNames"]
    services["Filters"] = [{"Name": "service-type", "Values": ["Interface"]}]
    interfaces = ec2.describe_vpc_endpoint_services(**services)["ServiceNames"]
    assert interfaces == [it for it in all_services if it.rpartition(".")[2] not in ("dynamodb", "s3")]
    services["Filters"] = [{"Name": "supported-ip-address-types", "Values": ["ipv4"]}]
    assert ec2.describe_vpc_endpoint_services(**services)["ServiceNames"] == all_services


def test_filters_read_lists_and_escapes_and_are_refused_where_nothing_has_their_field(session: boto3.Session) -> None:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.82.0.0/16")["Vpc"]["VpcId"]
    values = (r"a*b", r"a\b", "axb")
    tags: Any = [{"ResourceType": "route-table", "Tags": [{"Key": "escaped", "Value": it}]} for it in values]
    tables = [ec2.create_route_table(VpcId=vpc, TagSpecifications=[it])["RouteTable"]["RouteTableId"] for it in tags]

    def found(resources: str, identifier: str, name: str, value: str, **more: Any) -> list[str]:
        answer = getattr(ec2, f"describe_{resources}")(Filters=[{"Name": name, "Values": [value]}], **more)
        return [it[identifier] for items in answer.values() if isinstance(items, list) for it in items]

    every = [it["InstanceType"] for it in ec2.describe_instance_types()["InstanceTypes"]]
    assert found("instance_types", "InstanceType", "supported-usage-class", "spot") == every
    assert found("instance_types", "InstanceType", "supported-virtualization-type", "hvm") == every
    assert found("instance_types", "InstanceType", "supported-virtualization-type", "paravirtual") == []
    architecture, both = "processor-info.supported-architecture", ["t3.small", "t4g.small", "g4dn.xlarge"]
    assert found("instance_types", "InstanceType", architecture, "arm64", InstanceTypes=both) == ["t4g.small"]
    assert found("instance_types", "InstanceType", architecture, "x86_64") == every
    assert found("vpcs", "VpcId", "ipv6-cidr-block-association.ipv6-cidr-block", "*") == []
    assert found("route_tables", "RouteTableId", "tag:escaped", r"a\*b") == tables[:1]
    assert found("route_tables", "RouteTableId", "tag:escaped", r"a\\b") == tables[1:2]
    assert found("route_tables", "RouteTableId", "tag:escaped", "a?b") == tables
    assert found("route_tables", "RouteTableId", "tag:none", "a") == []
    made = ec2.allocate_address(Domain="vpc")
    try:
        for resources, name in (("addresses", "network-border-group"), ("network_acls", "association.subnet-id")):
            with pytest.raises(ClientError) as error:
                found(resources, "", name, "x")
            assert refusal(error) == ("InvalidParameterValue", 400)
    finally:
        ec2.release_address(AllocationId=made["AllocationId"])


def test_addresses_are_filtered(session: boto3.Session) -> None:
    ec2 = session.client("ec2")
    tags: Any = [{"ResourceType": "elastic-ip", "Tags": [{"Key": "filtered", "Value": "yes"}]}]
    made = ec2.allocate_address(Domain="vpc", TagSpecifications=tags)
    try:
        for name, value, count in (
            ("allocation-id", made["AllocationId"], 1),
            ("allocation-id", "eipalloc-0", 0),
            ("public-ip", made["PublicIp"], 1),
            ("tag:filtered", "y*", 1),
            ("tag:filtered", "no", 0),
            ("tag-key", "filtered", 1),
            ("tag-key", "unfiltered", 0),
            ("instance-id", "i-0", 0),
        ):
            found = ec2.describe_addresses(Filters=[{"Name": name, "Values": [value]}])["Addresses"]
            assert len(found) == count, name
    finally:
        ec2.release_address(AllocationId=made["AllocationId"])


def test_filters_look_into_the_parts_of_what_they_select(session: boto3.Session) -> None:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.81.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.81.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("one", "two")
    ]
    permission: Any = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81}
    of_range = permission | {"IpRanges": [{"CidrIp": "10.99.0.0/24"}]}
    of_group = permission | {"UserIdGroupPairs": [{"GroupId": groups[0]}]}
    ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[of_range])
    ec2.authorize_security_group_ingress(GroupId=groups[1], IpPermissions=[of_group])

    def found(resources: str, identifier: str, **filters: str) -> list[str]:
        named: Any = [
            {"Name": name.replace("_", "-").replace("--", "."), "Values": [it]} for name, it in filters.items()
        ]
        answer = getattr(ec2, f"describe_{resources}")(Filters=[{"Name": "vpc-id", "Values": [vpc]}, *named])
        return [it[identifier] for items in answer.values() if isinstance(items, list) for it in items]

    assert found("security_groups", "GroupId", ip_permission__cidr="10.99.0.0/24") == [groups[0]]
    assert found("security_groups", "GroupId", ip_permission__group_id=groups[0], group_id=groups[1]) == [groups[1]]
    assert found("security_groups", "GroupId", group_id=groups[0]) == [groups[0]]
    assert found("security_groups", "GroupId", ip_permission__to_port="80") == []
    assert groups[0] in found("security_groups", "GroupId", egress__ip_permission__cidr="0.0.0.0/0")
    assert found("security_groups", "GroupId", egress__ip_permission__cidr="10.99.0.0/24") == []
    assert found("route_tables", "RouteTableId", route__gateway_id=gateway) == [table]
    assert found("route_tables", "RouteTableId", route__gateway_id="igw-0") == []
    assert found("route_tables", "RouteTableId", association__subnet_id=subnet) == [table]
    assert table not in found("route_tables", "RouteTableId", association__main="true")
    assert found("subnets", "SubnetId", cidr="10.81.0.0/24", state="available") == [subnet]
    assert found("subnets", "SubnetId", state="pending") == []
    assert found("vpcs", "VpcId", cidr="10.81.0.0/16") == [vpc]
    named: Any = [{"Name": "entry.port-range.from", "Values": ["80"]}]
    with pytest.raises(ClientError) as error:
        ec2.describe_network_acls(Filters=named)
    assert refusal(error) == ("InvalidParameterValue", 400)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("elb", "describe_load_balancers"),
        ("redshift", "describe_clusters"),
        ("elasticbeanstalk", "describe_environments"),
        ("accessanalyzer", "list_analyzers"),
    ],
)
def test_a_service_that_is_not_emulated_is_refused_so_that_its_client_can_read_it(
    session: boto3.Session, service: Any, operation: str
) -> None:
    with pytest.raises(ClientError) as error:
        getattr(session.client(service), operation)()
    assert refusal(error) == ("InvalidAction", 400)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        *(
            (f"delete_bucket_{name}_configuration", {"Id": "x"})
            for name in ("analytics", "intelligent_tiering", "inventory", "metrics")
        ),
        ("delete_bucket_metadata_configuration", {}),
        ("delete_bucket_metadata_table_configuration", {}),
        ("put_bucket_metrics_configuration", {"Id": "x", "MetricsConfiguration": {"Id": "x"}}),
        ("put_bucket_abac", {"AbacStatus": {"Status": "Enabled"}}),
        ("rename_object", {"Key": "kept", "RenameSource": "other"}),
        (
            "update_object_encryption",
            {
                "Key": "kept",
                "ObjectEncryption": {"SSEKMS": {"KMSKeyArn": "arn:aws:kms:ap-northeast-1:000000000000:key/x"}},
            },
        ),
        ("create_session", {}),
    ],
)
def test_what_is_not_emulated_deletes_and_overwrites_nothing(
    session: boto3.Session, operation: str, arguments: dict[str, Any]
) -> None:
    s3, bucket = session.client("s3"), "calls-not-emulated"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    try:
        if "Key" in arguments:
            s3.put_object(Bucket=bucket, Key="kept", Body=b"content")
        with pytest.raises(ClientError) as error:
            getattr(s3, operation)(Bucket=bucket, **arguments)
        assert refusal(error) == ("NotImplemented", 501)
        if "Key" in arguments:
            assert s3.get_object(Bucket=bucket, Key="kept")["Body"].read() == b"content"
            s3.delete_object(Bucket=bucket, Key="kept")
    finally:
        s3.delete_bucket(Bucket=bucket)


def test_a_bucket_stays_when_something_of_it_is_asked_for_or_deleted(
    session: boto3.Session, embedded_aws: EmbeddedAws, bucket: str
) -> None:
    s3 = session.client("s3")

    def call(method: str, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", embedded_aws.port)
        connection.request(method, path, body=b"content" if method == "PUT" else None)
        with connection.getresponse() as response:
            status = response.status
        connection.close()
        return status

    assert call("PUT", f"/{bucket}/key?session=abc") == 200
    assert call("GET", f"/{bucket}/key?session=abc") == 200
    assert call("DELETE", f"/{bucket}?logging") == 405
    s3.delete_object(Bucket=bucket, Key="key")
    for name in ("analytics", "intelligent_tiering", "inventory", "metrics"):
        with pytest.raises(ClientError) as error:
            getattr(s3, f"get_bucket_{name}_configuration")(Bucket=bucket, Id="x")
        assert refusal(error) == ("NoSuchConfiguration", 404)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


def test_names_of_snapshots_are_in_lower_case(session: boto3.Session) -> None:
    rds = session.client("rds", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(ClientError, match="DBSnapshot none not found"):
        rds.delete_db_snapshot(DBSnapshotIdentifier="NONE")


def test_names_of_database_groups_are_in_lower_case(session: boto3.Session) -> None:
    rds, stacks, name = session.client("rds"), session.client("cloudformation"), unique("Calls-Group")
    family = {"Family": "postgres17", "Description": "x", "DBParameterGroupName": f"{name}-Stack"}
    made = create(stacks, {"Group": {"Type": "AWS::RDS::DBParameterGroup", "Properties": family}})
    assert made.physical_ids == {"Group": f"{name}-stack".lower()}
    rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="postgres17", Description="x")

    for group in (name, f"{name}-STACK"):
        (found,) = rds.describe_db_parameter_groups(DBParameterGroupName=group)["DBParameterGroups"]
        assert found["DBParameterGroupName"] == group.lower()
    assert delete(stacks, made.stack_id).status == "DELETE_COMPLETE"


def test_a_route_table_in_use_stays_and_another_takes_no_subnet_from_it(session: boto3.Session) -> None:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.79.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.79.0.0/24")["Subnet"]["SubnetId"]
    first, second = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    association = ec2.associate_route_table(RouteTableId=first, SubnetId=subnet)["AssociationId"]

    with pytest.raises(ClientError) as error:
        ec2.associate_route_table(RouteTableId=second, SubnetId=subnet)
    assert refusal(error) == ("Resource.AlreadyAssociated", 400)
    with pytest.raises(ClientError) as error:
        ec2.delete_route_table(RouteTableId=first)
    assert refusal(error) == ("DependencyViolation", 400)
    with pytest.raises(ClientError) as error:
        ec2.delete_route(RouteTableId=second, DestinationCidrBlock="0.0.0.0/0")
    assert refusal(error) == ("InvalidRoute.NotFound", 400)
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=first)


def test_active_definitions_stay_and_a_family_is_listed_alone(session: boto3.Session) -> None:
    ecs, family = session.client("ecs"), unique("calls")
    containers: Any = [{"name": "api", "image": "public.ecr.aws/x:1"}]
    for name in (family, f"{family}-other"):
        ecs.register_task_definition(family=name, containerDefinitions=containers)

    listed = ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"]
    deleted: Any = ecs.delete_task_definitions(taskDefinitions=[f"{family}:1"])

    assert [arn.rpartition("/")[2] for arn in listed] == [f"{family}:1"]
    assert deleted["taskDefinitions"] == []
    assert "still in ACTIVE status" in deleted["failures"][0]["reason"]
    ecs.deregister_task_definition(taskDefinition=f"{family}:1")
    gone: Any = ecs.delete_task_definitions(taskDefinitions=[f"{family}:1"])
    assert gone["taskDefinitions"][0]["status"] == "DELETE_IN_PROGRESS"


def test_a_stack_that_fails_says_which_resources_have(session: boto3.Session) -> None:
    stacks = session.client("cloudformation")
    properties = {"Action": "lambda:InvokeFunction", "FunctionName": "none", "Principal": "sns.amazonaws.com"}
    resources = {"Wrong": {"Type": "AWS::Lambda::Permission", "Properties": properties}}

    failed = create(stacks, resources, validated=False)

    events = stacks.describe_stack_events(StackName=failed.stack_id)["StackEvents"]
    reasons = {event["ResourceStatus"]: event.get("ResourceStatusReason") for event in events}
    said = "The following resource(s) failed to create: [Wrong]. Rollback requested by user."
    assert reasons["ROLLBACK_IN_PROGRESS"] == said
    assert not reasons["ROLLBACK_COMPLETE"]


def test_conditions_know_their_stack_and_texts_have_booleans_in_lower_case(session: boto3.Session) -> None:
    stacks, name = session.client("cloudformation"), unique("calls-named")
    own = {"Fn::Equals": [{"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}, name]}
    conditions = {"Named": {"Fn::Equals": [{"Ref": "AWS::StackName"}, name]}, "Own": own}
    conditions["Suffixed"] = {
        "Fn::Equals": [{"Fn::Sub": "${AWS::StackName}.${AWS::URLSuffix}"}, f"{name}.amazonaws.com"]
    }
    said = {"Fn::Join": ["-", [{"Fn::If": [condition, True, False]} for condition in conditions]]}
    properties = {"Type": "String", "Value": said}
    template: dict[str, Any] = {
        "Conditions": conditions,
        "Resources": {"Said": {"Type": "AWS::SSM::Parameter", "Condition": "Own", "Properties": properties}},
        "Outputs": {"Said": {"Value": {"Fn::Sub": ["${It} ${Other}", {"It": said, "Other": False}]}}},
    }
    stack = stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))["StackId"]

    made = wait(stacks, stack)

    assert made.outputs == {"Said": "true-true-true false"}
    value = session.client("ssm").get_parameter(Name=made.physical_ids["Said"])["Parameter"]["Value"]
    assert value == "true-true-true"
    properties["Description"] = "changed"
    template["Outputs"] = {"Now": {"Condition": "Named", "Value": {"Ref": "Said"}}}
    changes = stacks.create_change_set(StackName=stack, ChangeSetName="one", TemplateBody=json.dumps(template))["Id"]
    stacks.execute_change_set(ChangeSetName=changes)
    assert wait(stacks, stack).outputs == {"Now": made.physical_ids["Said"]}


def test_a_listener_s_rule_that_is_gone_is_not_deleted_again(session: boto3.Session) -> None:
    arn = "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:listener-rule/app/a/50dc6c495c0c9188/b/c"
    with pytest.raises(ClientError) as error:
        session.client("elbv2").delete_rule(RuleArn=arn)
    assert refusal(error) == ("RuleNotFound", 400)


def test_lists_of_roles_and_users_leave_out_tags_and_boundaries(session: boto3.Session) -> None:
    iam, name = session.client("iam"), unique("calls-listed")
    tags: Any = [{"Key": "Project", "Value": "x"}]
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    trust = json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    )
    path = f"/{name}/"
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust, Tags=tags, PermissionsBoundary=boundary)
    iam.create_user(UserName=name, Path=path, Tags=tags, PermissionsBoundary=boundary)

    listed: Any = [*iam.list_roles(PathPrefix=path)["Roles"], *iam.list_users(PathPrefix=path)["Users"]]

    assert len(listed) == 2
    assert not any({"Tags", "PermissionsBoundary"} & one.keys() for one in listed)
    for one in (iam.get_role(RoleName=name)["Role"], iam.get_user(UserName=name)["User"]):
        assert one["Tags"] == tags
        assert one["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary


def test_a_secret_that_is_gone_is_deleted_at_once_again(session: boto3.Session) -> None:
    secrets, name = session.client("secretsmanager"), unique("calls-gone")
    secrets.create_secret(Name=name, SecretString="x")
    for _ in range(2):
        assert secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)["Name"] == name
    with pytest.raises(ClientError) as error:
        secrets.delete_secret(SecretId=name)
    assert refusal(error) == ("ResourceNotFoundException", 400)


def test_what_the_embedded_aws_cannot_select_by_is_refused(session: boto3.Session) -> None:
    selections: list[dict[str, Any]] = [
        {"ActionPrefix": "arn:"},
        {"ChildrenOfAlarmName": "a"},
        {"ParentsOfAlarmName": "a"},
    ]
    for selection in selections:
        with pytest.raises(ClientError) as error:
            session.client("cloudwatch").describe_alarms(**selection)
        assert refusal(error) == ("ValidationError", 400)
    labelled: Any = [{"Key": "Label", "Values": ["x"]}]
    with pytest.raises(ClientError) as error:
        session.client("ssm").get_parameters_by_path(Path="/", ParameterFilters=labelled)
    assert refusal(error) == ("InvalidFilterKey", 400)


def test_attached_policies_are_listed_by_their_path(session: boto3.Session) -> None:
    iam, name = session.client("iam"), unique("calls-attached")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    policies = ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/service-role/AWSLambdaRole")
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)

    for prefix, found in (("/", policies), ("/service-role/", policies[1:]), ("/other/", ())):
        listed = iam.list_attached_role_policies(RoleName=name, PathPrefix=prefix)["AttachedPolicies"]
        assert [it["PolicyArn"] for it in listed] == [*found]


def test_a_stack_keeps_its_topics_and_says_who_began_and_what_it_had(session: boto3.Session) -> None:
    stacks, name = session.client("cloudformation"), unique("calls-topics")
    topic = session.client("sns").create_topic(Name=name)["TopicArn"]
    template = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    changes: Any = {"ChangeSetName": "one", "ChangeSetType": "CREATE", "NotificationARNs": [topic]}
    stack = stacks.create_change_set(StackName=name, TemplateBody=template, **changes)["StackId"]
    stacks.execute_change_set(StackName=name, ChangeSetName="one")
    made = wait(stacks, stack).physical_ids["Topic"]
    assert stacks.describe_stacks(StackName=name)["Stacks"][0].get("NotificationARNs") == [topic]
    updates: list[tuple[str, Any, list[str]]] = [("one", {}, [topic]), ("two", {"NotificationARNs": []}, [])]
    for tag, sent, kept in updates:
        tags: Any = [{"Key": "n", "Value": tag}]
        stacks.update_stack(StackName=name, UsePreviousTemplate=True, Tags=tags, **sent)
        wait(stacks, stack)
        assert stacks.describe_stacks(StackName=name)["Stacks"][0].get("NotificationARNs") == kept

    assert delete(stacks, stack).status == "DELETE_COMPLETE"

    events = stacks.describe_stack_events(StackName=stack)["StackEvents"]
    begun = [it for it in events if it["ResourceStatus"].endswith("PROGRESS") and it["PhysicalResourceId"] == stack]
    assert {it["ResourceStatus"] for it in begun} >= {"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}
    assert {it.get("ResourceStatusReason") for it in begun} == {"User Initiated"}
    (had,) = stacks.list_stack_resources(StackName=stack)["StackResourceSummaries"]
    assert (had["LogicalResourceId"], had["ResourceStatus"]) == ("Topic", "DELETE_COMPLETE")
    assert had.get("PhysicalResourceId") == made
    with pytest.raises(ClientError) as error:
        stacks.list_stack_resources(StackName=name)
    assert refusal(error) == ("ValidationError", 400)


def test_a_nested_stack_names_its_parent_and_its_root(session: boto3.Session, bucket: str) -> None:
    def nesting(key: str, inner: dict[str, Any], **sections: Any) -> dict[str, Any]:
        body = json.dumps({"Resources": {"Inner": inner}, **sections})
        session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        address = f"https://{bucket}.s3.ap-northeast-1.amazonaws.com/{key}"
        return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": address}}

    stacks = session.client("cloudformation")
    named = {"Fn::Equals": [{"Ref": "AWS::StackName"}, {"Ref": "Parent"}]}
    sections = {"Conditions": {"OfParent": named}, "Parameters": {"Parent": {"Type": "String"}}}
    deepest = nesting("deep", {"Type": "AWS::SNS::Topic", "Condition": "OfParent"}, **sections)
    deepest["Properties"]["Parameters"] = {"Parent": {"Ref": "Parent"}}
    middle = nesting("middle", deepest, Parameters=sections["Parameters"])
    middle["Properties"]["Parameters"] = {"Parent": {"Ref": "AWS::StackName"}}
    root = create(stacks, {"Inner": middle})

    described = {it["StackId"]: it for it in stacks.describe_stacks()["Stacks"]}
    inner = next(it for it in described.values() if it.get("ParentId") == root.stack_id)
    deep = next(it for it in described.values() if it.get("ParentId") == inner["StackId"])
    assert {inner.get("RootId"), deep.get("RootId")} == {root.stack_id}
    assert "ParentId" not in described[root.stack_id]
    assert stacks.list_stack_resources(StackName=deep["StackId"])["StackResourceSummaries"] == []


def test_a_stack_s_tags_reach_its_buckets(session: boto3.Session) -> None:
    stacks, s3, name = session.client("cloudformation"), session.client("s3"), unique("calls-tagged")
    own: Any = [{"Key": "Own", "Value": "1"}]
    resources: Any = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"Tags": own}}}
    tags: Any = [{"Key": "Project", "Value": "x"}]
    template = json.dumps({"Resources": resources})
    stack = stacks.create_stack(StackName=name, TemplateBody=template, Tags=tags)["StackId"]
    bucket = wait(stacks, stack).physical_ids["Bucket"]

    def found() -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}

    assert found() == {
        "Own": "1",
        "Project": "x",
        "aws:cloudformation:stack-name": name,
        "aws:cloudformation:stack-id": stack,
        "aws:cloudformation:logical-id": "Bucket",
    }
    stacks.update_stack(StackName=name, UsePreviousTemplate=True, Tags=[{"Key": "Project", "Value": "y"}])
    wait(stacks, stack)
    assert (found()["Project"], found()["Own"]) == ("y", "1")

    def put(tags: dict[str, str]) -> None:
        listed: Any = [{"Key": key, "Value": value} for key, value in tags.items()]
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": listed})

    before, of_stack = found(), {key: value for key, value in found().items() if key.startswith("aws:")}
    wrong = (({"More": "1"}, "removed"), (before | {"aws:cloudformation:stack-name": "x"}, "added/updated"))
    for tags_sent, change in wrong:
        with pytest.raises(ClientError, match=f"System tags cannot be {change} by requester") as error:
            put(tags_sent)
        assert refusal(error) == ("InvalidTag", 400)
        assert found() == before
    put(before | {"More": "1"})
    assert found() == before | {"More": "1"}
    s3.delete_bucket_tagging(Bucket=bucket)
    assert found() == of_stack
    assert delete(stacks, stack).status == "DELETE_COMPLETE"
    other = unique("calls-untagged")
    s3.create_bucket(Bucket=other, CreateBucketConfiguration=REGION)
    of_object: Any = {"TagSet": [{"Key": "aws:cloudformation:stack-name", "Value": "x"}]}
    s3.put_object(Bucket=other, Key="a", Body=b"x")
    calls: list[tuple[Any, dict[str, str]]] = [(s3.put_bucket_tagging, {}), (s3.put_object_tagging, {"Key": "a"})]
    for call, more in calls:
        with pytest.raises(ClientError) as error:
            call(Bucket=other, Tagging=of_object, **more)
        assert refusal(error) == ("InvalidTag", 400)
