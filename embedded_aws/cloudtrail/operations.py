"""Which operation a request calls, and whether a trail of management events records it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError

from embedded_aws.core.models import service_model

_DATE_IN_PATH = re.compile(r"/(20\d\d)-(\d\d)-(\d\d)/")

# Services that log in us-east-1, wherever the caller is.
GLOBAL_SERVICES: Final = frozenset({"budgets", "ce", "cloudfront", "iam", "organizations", "route53"})

# What CloudTrail calls an operation of S3 when it does not use its name.
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

# Operations on data: no event, unless a trail asks for data events, and of log lines and metrics none at all.
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


@dataclass(frozen=True, kw_only=True)
class _Route:
    """How a service that speaks REST is asked for one operation."""

    operation: str
    method: str
    path: re.Pattern[str]
    query_keys: frozenset[str]
    names_object: bool

    def matches(self, method: str, path: str, query: Mapping[str, list[str]]) -> bool:
        return self.method == method and self.path.fullmatch(path) is not None and self.query_keys <= query.keys()


@cache
def _routes(service: str) -> tuple[_Route, ...]:
    try:
        model = service_model(service)
    except UnknownServiceError:
        return ()
    routes = []
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        uri, _, query = str(http["requestUri"]).partition("?")
        pattern = re.sub(r"\\\{[^}]*\\\+\\\}", ".+", re.escape(uri))
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern)
        routes.append(
            _Route(
                operation=operation,
                method=str(http["method"]),
                path=re.compile(pattern + "/?"),
                query_keys=frozenset(parse_qs(query, keep_blank_values=True)),
                names_object="{Key" in uri,
            )
        )
    # The one that asks for most is meant: /bucket?policy is no listing of the bucket.
    return tuple(sorted(routes, key=lambda route: len(route.query_keys), reverse=True))


def operation_name(
    service: str, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, list[str]]
) -> str | None:
    """Name the management event that a request leaves; none if it leaves none.

    Args:
        service: the service in the scope of the request's signature.
        method: HTTP method.
        path: path without its query.
        headers: headers by their name in lower case.
        query: query parameters, with those of a form in the body.
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
    route = next((route for route in _routes(service) if route.matches(method, path, query)), None)
    return "" if route is None or (service == "s3" and route.names_object) else route.operation
