"""What Athena needs to find the events: table, partitions, view, workgroup, settings."""

import base64
import json
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from installation.settings import Settings
from tests.support.audit_stack import OTHER_TRAIL, AuditTemplates, without_trail
from tests.support.synthesis import changed


def table(audit: AuditTemplates, name: str) -> dict[str, Any]:
    found = audit.template.find_resources("AWS::Glue::Table", {"Properties": {"TableInput": {"Name": name}}})
    (resource,) = found.values()
    table_input: dict[str, Any] = resource["Properties"]["TableInput"]
    return table_input


def view_definition(audit: AuditTemplates) -> dict[str, Any]:
    """What Athena reads of a view: the JSON within its text."""
    text = table(audit, "cloudtrail_logs")["ViewOriginalText"]
    assert text.startswith("/* Presto View: ")
    assert text.endswith(" */")
    definition: dict[str, Any] = json.loads(base64.b64decode(text.removeprefix("/* Presto View: ").removesuffix(" */")))
    return definition


def test_partitions_are_projected_over_region_and_the_days_that_are_kept(audit: AuditTemplates) -> None:
    raw = table(audit, "cloudtrail_events")
    assert [(key["Name"], key["Type"]) for key in raw["PartitionKeys"]] == [("region", "string"), ("day", "string")]
    parameters = raw["Parameters"]
    assert parameters["projection.enabled"] == "true"
    assert parameters["projection.region.type"] == "enum"
    assert parameters["projection.day.type"] == "date"
    assert parameters["projection.day.format"] == "yyyy/MM/dd"
    assert parameters["projection.day.range"] == "NOW-60DAYS,NOW"
    *_, folder = parameters["storage.location.template"]["Fn::Join"][1]
    assert folder == "/CloudTrail/${region}/${day}"


def test_no_region_is_a_blind_spot(audit: AuditTemplates) -> None:
    """Fails when AWS has added a region: then it belongs into the list."""
    projected = table(audit, "cloudtrail_events")["Parameters"]["projection.region.values"].split(",")
    assert sorted(projected) == sorted(boto3.session.Session().get_available_regions("cloudtrail"))


def test_the_table_reads_the_trails_bucket(audit: AuditTemplates) -> None:
    location = table(audit, "cloudtrail_events")["StorageDescriptor"]["Location"]["Fn::Join"][1]
    bucket = audit.properties("AWS::CloudTrail::Trail")["S3BucketName"]
    assert location == ["s3://", bucket, "/AWSLogs/", {"Ref": "AWS::AccountId"}, "/CloudTrail/"]


def test_without_a_trail_of_its_own_the_table_reads_the_other_trails_files() -> None:
    raw = table(without_trail(), "cloudtrail_events")
    assert raw["StorageDescriptor"]["Location"] == OTHER_TRAIL
    assert raw["Parameters"]["storage.location.template"] == OTHER_TRAIL + "${region}/${day}"


def test_the_view_is_one_that_athena_can_read(audit: AuditTemplates) -> None:
    view = table(audit, "cloudtrail_logs")
    assert view["TableType"] == "VIRTUAL_VIEW"
    assert view["Parameters"] == {"presto_view": "true", "comment": "Presto View"}
    assert view["ViewExpandedText"] == "/* Presto View */"
    # Athena's engine refuses a view whose storage descriptor has none.
    assert view["StorageDescriptor"]["SerdeInfo"]
    definition = view_definition(audit)
    assert definition["catalog"] == "awsdatacatalog"
    assert definition["schema"] == "hannibal_cloudtrail_db"
    assert definition["originalSql"].endswith("FROM cloudtrail_events")


def test_both_descriptions_of_the_views_columns_agree(audit: AuditTemplates) -> None:
    glue = table(audit, "cloudtrail_logs")["StorageDescriptor"]["Columns"]
    presto = view_definition(audit)["columns"]
    assert [column["Name"] for column in glue] == [column["name"] for column in presto]
    assert all(column["Name"] == column["Name"].lower() for column in glue)


def test_the_views_types_are_spelled_as_each_side_spells_them(audit: AuditTemplates) -> None:
    glue = {c["Name"]: c["Type"] for c in table(audit, "cloudtrail_logs")["StorageDescriptor"]["Columns"]}
    presto = {c["name"]: c["type"] for c in view_definition(audit)["columns"]}
    assert (glue["eventtime"], presto["eventtime"]) == ("timestamp", "timestamp(3)")
    assert (glue["eventname"], presto["eventname"]) == ("string", "varchar")
    assert "sessionissuer:struct<type:string,principalid:string,arn:string," in glue["useridentity"]
    assert '"sessionissuer" row("type" varchar,"principalid" varchar,"arn" varchar,' in presto["useridentity"]
    assert {"string", "struct"}.isdisjoint(presto["useridentity"].replace("<", "(").replace(",", "(").split("("))


def test_the_workgroup_limits_and_encrypts_whatever_the_client_says(audit: AuditTemplates) -> None:
    workgroup = audit.properties("AWS::Athena::WorkGroup")
    assert workgroup["Name"] == "hannibal-cloudtrail-analysis"
    assert workgroup["RecursiveDeleteOption"] is False
    configuration = workgroup["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == 7 * 1024**3
    assert configuration["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}
    assert configuration["PublishCloudWatchMetricsEnabled"] is True
    results = configuration["ResultConfiguration"]
    assert results["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert results["ExpectedBucketOwner"] == {"Ref": "AWS::AccountId"}


def test_results_expire(audit: AuditTemplates) -> None:
    rules = [
        resource["Properties"]["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"]
        for resource in audit.template.find_resources("AWS::S3::Bucket").values()
    ]
    assert sorted(rules) == [12, 60, 60]


@pytest.mark.parametrize(
    "fields", [{"create_trail": False}, {"create_trail": True, "existing_trail_location": OTHER_TRAIL}]
)
def test_settings_name_one_trail(settings: Settings, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="existing_trail_location: needed where create_trail is false"):
        changed(settings, audit=fields)
