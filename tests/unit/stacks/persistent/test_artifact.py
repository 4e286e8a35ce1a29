import json
from typing import Any

import pytest

from constructs_lib.storage.password import EXCLUDED_FROM_PASSWORDS
from installation.names import ARTIFACT_STACK
from installation.permissions.roles import cicd_boundary, deploy_boundary
from installation.settings import Settings
from tests.support.policies import ACCOUNT, allowing, arns
from tests.unit.stacks.conftest import OneResource, Resources

# RFC 3986, section 2.3: what stands in any part of a URL as it is.
UNRESERVED = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
BUCKETS = {"alb-logs", "frontend", "access-logs"}


def bucket_name(settings: Settings, kind: str) -> dict[str, object]:
    return {"Fn::Join": ["", [f"{settings.project}-{kind}-", {"Ref": "AWS::AccountId"}]]}


@pytest.mark.parametrize("kind", sorted(BUCKETS))
def test_bucket_names_carry_the_account(resources: Resources, settings: Settings, kind: str) -> None:
    assert len(resources(ARTIFACT_STACK, "AWS::S3::Bucket", BucketName=bucket_name(settings, kind))) == 1


def test_every_bucket_is_private_encrypted_and_takes_tls_only(resources: Resources) -> None:
    buckets = resources(ARTIFACT_STACK, "AWS::S3::Bucket")
    policies = resources(ARTIFACT_STACK, "AWS::S3::BucketPolicy")
    assert len(buckets) == len(policies) == len(BUCKETS)
    for bucket in buckets.values():
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["Properties"]["BucketEncryption"]
    for policy in policies.values():
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        assert any(s["Effect"] == "Deny" and "aws:SecureTransport" in json.dumps(s["Condition"]) for s in statements)


def test_logs_expire_and_the_frontend_does_not(resources: Resources, settings: Settings) -> None:
    for kind, days in (("alb-logs", 90), ("access-logs", 90), ("frontend", None)):
        (bucket,) = resources(ARTIFACT_STACK, "AWS::S3::Bucket", BucketName=bucket_name(settings, kind)).values()
        (rule,) = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        assert rule.get("ExpirationInDays") == days, kind
        # Whoever may delete a file may not delete its versions.
        assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    logs = f"arn:aws:s3:::nestjs-hannibal-3-alb-logs-{ACCOUNT}/x"
    for boundary in (cicd_boundary, deploy_boundary):
        assert not allowing(boundary(arns()), "s3:DeleteObjectVersion", logs)


def statements_for(resources: Resources, service: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in resources(ARTIFACT_STACK, "AWS::S3::BucketPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement.get("Principal") == {"Service": service}
    ]


def test_distributions_of_this_account_only_may_read_the_frontend(resources: Resources) -> None:
    statements = statements_for(resources, "cloudfront.amazonaws.com")
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert [statement["Action"] for statement in allowed] == ["s3:GetObject", "s3:ListBucket"]
    for statement in allowed:
        # aws:SourceAccount is documented for other services, and not for CloudFront's access to an origin.
        assert list(statement["Condition"]) == ["ArnLike"]
        source = statement["Condition"]["ArnLike"]["aws:SourceArn"]
        assert source == {"Fn::Join": ["", ["arn:aws:cloudfront::", {"Ref": "AWS::AccountId"}, ":distribution/*"]]}


def test_buckets_of_this_account_only_may_write_their_logs(resources: Resources) -> None:
    for statement in statements_for(resources, "logging.s3.amazonaws.com"):
        assert statement["Action"] == "s3:PutObject"
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_load_balancers_of_this_account_only_may_write_their_logs(resources: Resources) -> None:
    (statement,) = statements_for(resources, "logdelivery.elasticloadbalancing.amazonaws.com")
    assert statement["Action"] == "s3:PutObject"
    parts = statement["Resource"]["Fn::Join"][1]
    assert parts[-3:] == ["/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*"]
    # The service of the logs sends neither key, and a condition that asks for one would never be met.
    assert "Condition" not in statement


def test_the_repository_keeps_ten_images_scans_them_and_moves_no_tag(one: OneResource) -> None:
    properties = one(ARTIFACT_STACK, "AWS::ECR::Repository")["Properties"]
    (rule,) = json.loads(properties["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert rule["selection"]["countNumber"] == 10
    assert properties["ImageTagMutability"] == "IMMUTABLE"
    assert properties["ImageScanningConfiguration"] == {"ScanOnPush": True}


def test_the_password_needs_no_escape_in_a_url(one: OneResource, settings: Settings) -> None:
    secret = one(ARTIFACT_STACK, "AWS::SecretsManager::Secret")["Properties"]
    assert secret["Name"] == settings.names.database_secret
    generator = secret["GenerateSecretString"]
    assert generator["ExcludeCharacters"] == EXCLUDED_FROM_PASSWORDS
    assert json.loads(generator["SecretStringTemplate"]) == {"username": settings.database.user}
    printable = {chr(code) for code in range(32, 127)}
    assert printable - set(EXCLUDED_FROM_PASSWORDS) <= UNRESERVED


def initial_values(resources: Resources) -> dict[str, str]:
    found = resources(ARTIFACT_STACK, "Custom::InitialParameter").values()
    return {resource["Properties"]["Name"]: resource["Properties"]["InitialValue"] for resource in found}


def test_the_release_parameter_starts_with_the_image_of_a_system_never_released(
    resources: Resources, settings: Settings
) -> None:
    assert initial_values(resources)[settings.names.release_parameter] == settings.service.initial_image
    assert not resources(ARTIFACT_STACK, "AWS::SSM::Parameter")  # it would write the template's value again


def test_the_address_of_the_frontend_starts_as_one_that_nobody_can_have(
    resources: Resources, settings: Settings
) -> None:
    assert initial_values(resources)[settings.names.frontend_url_parameter].endswith(".invalid")


def test_parameters_carry_the_tags_that_their_readers_are_limited_to(resources: Resources) -> None:
    for resource in resources(ARTIFACT_STACK, "Custom::InitialParameter").values():
        tags = {tag["Key"] for tag in resource["Properties"]["Tags"]}
        assert tags == {"Project", "Environment", "Lifecycle", "ManagedBy"}


def test_their_function_can_write_these_parameters_and_no_others(one: OneResource) -> None:
    (policy,) = one(ARTIFACT_STACK, "AWS::IAM::Role")["Properties"]["Policies"]
    first = policy["PolicyDocument"]["Statement"][0]
    assert first["Action"] == ["ssm:AddTagsToResource", "ssm:PutParameter"]
    text = json.dumps(first["Resource"])
    assert text.count(":parameter/") == 2
    assert ":parameter/hannibal/release/current" in text
    assert ":parameter/hannibal/frontend/url" in text


def test_log_groups_keep_lines_for_the_set_time(resources: Resources, settings: Settings) -> None:
    for name in (settings.names.service_log_group, settings.names.database_log_group):
        (group,) = resources(ARTIFACT_STACK, "AWS::Logs::LogGroup", LogGroupName=name).values()
        assert group["Properties"]["RetentionInDays"] == settings.service.log_retention_days
        assert group["DeletionPolicy"] == "RetainExceptOnCreate"
