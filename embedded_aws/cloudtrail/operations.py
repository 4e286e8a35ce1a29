"""Which operation a request calls, and whether a trail of management events records it."""

import re
from collections.abc import Mapping
from typing import Final

from botocore.exceptions import UnknownServiceError

from embedded_aws.core.protocols import operation_of_path

_DATE_IN_PATH = re.compile(r"/(20\d\d)-(\d\d)-(\d\d)/")

# Services that log in us-east-1, whatever the caller's region.
GLOBAL_SERVICES: Final = frozenset({"budgets", "ce", "cloudfront", "iam", "organizations", "route53"})

# CloudTrail's names of S3 operations, where they differ from the API's.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
_S3_NAMES: Final = {
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}

# Operations on data: recorded only if a trail selects data events; those on log lines and metrics never.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
_DATA_OPERATIONS: Final = {
    "dynamodb": re.compile(r"(Batch|Transact)?(Get|Put|Update|Delete|Write)Items?|(Batch)?WriteItem|Query|Scan"),
    "kinesis": re.compile(r"(Put|Get)Records?|GetShardIterator"),
    "lambda": re.compile(r"Invoke.*"),
    "logs": re.compile(r"PutLogEvents|StartLiveTail"),
    "monitoring": re.compile(r"PutMetricData|GetMetric(Data|Statistics|WidgetImage)|ListMetrics"),
    "s3": re.compile(r"List(Objects(V2)?|ObjectVersions|MultipartUploads)|HeadBucket"),
    "sns": re.compile(r"Publish(Batch)?"),
    "sqs": re.compile(r"(Send|Receive|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?"),
}


def operation_name(
    service: str, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, list[str]]
) -> str | None:
    """The name of a request's management event; None if it has none.

    Args:
        service: the service in the scope of the request's signature.
        path: path without its query.
        headers: headers by their name in lower case.
        query: query parameters, and the fields of a form in the body.
    """
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    action = (query.get("Action") or [""])[0]
    name = target or action or (path.rpartition("/operation/")[2] if "/operation/" in path else "")
    if not name:
        name = _rest_operation(service, method, path, query)
    if not name or ((data := _DATA_OPERATIONS.get(service)) and data.fullmatch(name)):
        return None
    if service == "lambda" and (date := _DATE_IN_PATH.search(path)):
        return name + "".join(date.groups())
    return _S3_NAMES.get(name, name) if service == "s3" else name


def _rest_operation(service: str, method: str, path: str, query: Mapping[str, list[str]]) -> str:
    try:
        matched = operation_of_path(service, method, path.rstrip("/") or "/", query)
    except UnknownServiceError:
        return ""
    return "" if matched is None or (service == "s3" and "{Key" in matched[0].http["requestUri"]) else matched[0].name
