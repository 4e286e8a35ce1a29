"""The trail, its bucket, its log group, and who may write to them."""

from typing import Any

import pytest
from aws_cdk.assertions import Match

from tests.support.audit_stack import AuditTemplates, without_trail

ACCOUNT = {"Ref": "AWS::AccountId"}
TRAIL_ARN = {"Fn::Join": ["", ["arn:aws:cloudtrail:ap-northeast-1:", ACCOUNT, ":trail/nestjs-hannibal-3"]]}


def bucket(audit: AuditTemplates, name: str) -> tuple[str, dict[str, Any]]:
    """Logical id and resource of the bucket whose name begins so."""
    for logical_id, resource in audit.template.find_resources("AWS::S3::Bucket").items():
        if resource["Properties"]["BucketName"]["Fn::Join"][1] == [f"nestjs-hannibal-3-{name}-", ACCOUNT]:
            return logical_id, dict(resource)
    raise AssertionError(f"no bucket {name}")


def test_the_trail_records_all_regions_and_can_be_proved_unchanged(audit: AuditTemplates) -> None:
    trail = audit.properties("AWS::CloudTrail::Trail")
    assert trail["TrailName"] == "nestjs-hannibal-3"
    assert trail["IsLogging"]
    assert trail["IsMultiRegionTrail"]
    assert trail["IncludeGlobalServiceEvents"]
    assert trail["EnableLogFileValidation"]


def test_the_trail_is_made_after_the_policy_that_lets_it_write(audit: AuditTemplates) -> None:
    bucket_id, _ = bucket(audit, "cloudtrail-logs")
    policies = audit.template.find_resources("AWS::S3::BucketPolicy", {"Properties": {"Bucket": {"Ref": bucket_id}}})
    (trail,) = audit.template.find_resources("AWS::CloudTrail::Trail").values()
    assert set(policies) <= set(trail["DependsOn"])


def test_the_trail_is_made_last_and_stays_because_nobody_may_delete_it(audit: AuditTemplates) -> None:
    """A rollback that had to delete it would end in ROLLBACK_FAILED."""
    (trail,) = audit.template.find_resources("AWS::CloudTrail::Trail").values()
    assert trail["DeletionPolicy"] == trail["UpdateReplacePolicy"] == "Retain"
    for resource_type in ("AWS::CloudWatch::Alarm", "AWS::Athena::NamedQuery", "AWS::Glue::Table", "AWS::Events::Rule"):
        found = audit.template.find_resources(resource_type)
        assert found
        assert set(found) <= set(trail["DependsOn"])


def test_only_this_trail_may_write_the_bucket_and_only_below_its_account(audit: AuditTemplates) -> None:
    bucket_id, _ = bucket(audit, "cloudtrail-logs")
    policy = audit.bucket_policy(bucket_id)
    allowed = {s["Action"]: s for s in policy if s["Effect"] == "Allow"}
    assert set(allowed) == {"s3:GetBucketAcl", "s3:PutObject"}
    for statement in allowed.values():
        assert statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
        assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL_ARN
    assert allowed["s3:PutObject"]["Condition"]["StringEquals"]["s3:x-amz-acl"] == "bucket-owner-full-control"
    assert allowed["s3:PutObject"]["Resource"]["Fn::Join"][1][1:] == ["/AWSLogs/", ACCOUNT, "/*"]


@pytest.mark.parametrize("name", ["cloudtrail-logs", "athena-results"])
def test_buckets_refuse_plain_http_and_the_public_and_log_their_access(audit: AuditTemplates, name: str) -> None:
    bucket_id, resource = bucket(audit, name)
    denied = [s for s in audit.bucket_policy(bucket_id) if s["Effect"] == "Deny"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [s["Condition"] for s in denied]
    assert set(resource["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    logging = resource["Properties"]["LoggingConfiguration"]
    assert logging["DestinationBucketName"] == {"Ref": bucket(audit, "audit-access")[0]}
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_record_stays_however_the_stack_ends_and_results_only_once_they_can_exist(audit: AuditTemplates) -> None:
    assert bucket(audit, "cloudtrail-logs")[1]["DeletionPolicy"] == "Retain"
    assert bucket(audit, "athena-results")[1]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_buckets_log_under_different_prefixes(audit: AuditTemplates) -> None:
    prefixes = [
        bucket(audit, name)[1]["Properties"]["LoggingConfiguration"]["LogFilePrefix"]
        for name in ("cloudtrail-logs", "athena-results")
    ]
    assert len(set(prefixes)) == 2


def test_files_expire_and_deleted_ones_can_be_had_back_for_a_while(audit: AuditTemplates) -> None:
    _, resource = bucket(audit, "cloudtrail-logs")
    assert resource["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = resource["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["ExpirationInDays"] == 60
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30


def test_the_log_group_keeps_as_long_as_the_files(audit: AuditTemplates) -> None:
    audit.template.has_resource(
        "AWS::Logs::LogGroup",
        {
            "Properties": {"LogGroupName": "/cloudtrail/nestjs-hannibal-3", "RetentionInDays": 60},
            "DeletionPolicy": "Retain",
        },
    )
    trail = audit.properties("AWS::CloudTrail::Trail")
    group = audit.logical_id("AWS::Logs::LogGroup", "Trail")
    assert trail["CloudWatchLogsLogGroupArn"] == {"Fn::GetAtt": [group, "Arn"]}


def test_the_log_role_writes_this_accounts_streams_of_this_group_and_nothing_else(audit: AuditTemplates) -> None:
    audit.template.resource_count_is("AWS::IAM::Policy", 0)
    role = audit.properties(
        "AWS::IAM::Role", Description="CloudTrail writes its events to the log group that the security alarms read"
    )
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    parts = statement["Resource"]["Fn::Join"][1]
    assert "".join(part if isinstance(part, str) else "<account>" for part in parts) == (
        "arn:aws:logs:ap-northeast-1:<account>:log-group:/cloudtrail/nestjs-hannibal-3"
        ":log-stream:<account>_CloudTrail_ap-northeast-1*"
    )


def test_files_are_locked_for_as_long_as_they_are_kept(audit: AuditTemplates) -> None:
    properties = bucket(audit, "cloudtrail-logs")[1]["Properties"]
    assert properties["ObjectLockEnabled"] is True
    rule = properties["ObjectLockConfiguration"]["Rule"]
    assert rule == {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 60}}


def test_without_a_trail_of_its_own_nothing_of_it_is_made() -> None:
    audit = without_trail()
    for kind in ("CloudTrail::Trail", "Logs::MetricFilter", "CloudWatch::Alarm"):
        audit.template.resource_count_is(f"AWS::{kind}", 0)
    # Those of the function that tags snapshots.
    for kind in ("Logs::LogGroup", "IAM::Role"):
        audit.template.resource_count_is(f"AWS::{kind}", 1)
    audit.template.resource_count_is("AWS::S3::Bucket", 2)
    assert set(audit.template.find_outputs("*")) == {"Workgroup", "Database", "ResultsBucket"}


def test_outputs_carry_what_runbook_commands_need(audit: AuditTemplates) -> None:
    for name in ("Workgroup", "Database", "ResultsBucket", "TrailBucket", "TrailLogGroup"):
        audit.template.has_output(name, {"Value": Match.any_value()})
