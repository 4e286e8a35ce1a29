"""What CloudTrail calls a request."""

import pytest

from embedded_aws.cloudtrail.operations import operation_name


@pytest.mark.parametrize(
    ("service", "method", "path", "query", "name"),
    [
        ("s3", "PUT", "/bucket", {}, "CreateBucket"),
        ("s3", "GET", "/", {}, "ListBuckets"),
        ("s3", "GET", "/bucket", {"policy": [""]}, "GetBucketPolicy"),
        ("s3", "PUT", "/bucket", {"publicAccessBlock": [""]}, "PutBucketPublicAccessBlock"),
        ("s3", "PUT", "/bucket", {"lifecycle": [""]}, "PutBucketLifecycle"),
        ("s3", "GET", "/bucket", {"list-type": ["2"]}, None),
        ("s3", "HEAD", "/bucket", {}, None),
        ("s3", "GET", "/bucket/key/with/slashes", {}, None),
        ("s3", "PUT", "/bucket/key", {"tagging": [""]}, None),
        ("lambda", "GET", "/2015-03-31/functions/name/configuration", {}, "GetFunctionConfiguration20150331"),
        ("lambda", "POST", "/2015-03-31/functions", {}, "CreateFunction20150331"),
        ("lambda", "POST", "/2015-03-31/functions/name/invocations", {}, None),
        ("cloudfront", "POST", "/2020-05-31/distribution/E1/invalidation", {}, "CreateInvalidation"),
        ("iam", "POST", "/", {"Action": ["CreateRole"]}, "CreateRole"),
        ("monitoring", "POST", "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm", {}, "PutMetricAlarm"),
        ("monitoring", "POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", {}, None),
        ("unheard-of", "GET", "/", {}, None),
    ],
)
def test_a_request_has_the_name_of_its_event(
    service: str, method: str, path: str, query: dict[str, list[str]], name: str | None
) -> None:
    assert operation_name(service, method, path, {}, query) == name


@pytest.mark.parametrize(
    ("service", "target", "name"),
    [
        ("ecs", "AmazonEC2ContainerServiceV20141113.UpdateService", "UpdateService"),
        ("logs", "Logs_20140328.CreateLogGroup", "CreateLogGroup"),
        ("logs", "Logs_20140328.PutLogEvents", None),
        ("dynamodb", "DynamoDB_20120810.GetItem", None),
    ],
)
def test_a_target_header_says_the_name(service: str, target: str, name: str | None) -> None:
    assert operation_name(service, "POST", "/", {"x-amz-target": target}, {}) == name
