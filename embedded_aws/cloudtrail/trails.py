"""Trails: CloudTrail's refusals, and what the emulator's operations leave out."""

import json
from functools import partial
from typing import Any, Final

from embedded_aws.cloudtrail import emulator
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.json_value import as_list
from embedded_aws.core.patching import Function, Original, Response, wrap_item
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import emulator as iam
from embedded_aws.s3 import emulator as s3

_refused = partial(Refusal, "CloudTrail")
_WRONG_ROLE: Final = "InvalidCloudWatchLogsRoleArnException"
DELIVERED: Final = "_Delivered"  # Key in a trail's record for the members of GetTrailStatus about the last deliveries
_PRINCIPAL: Final = "cloudtrail.amazonaws.com"


def install() -> None:
    """Complete the emulator's records and answers about trails."""
    wrap_item(emulator.actions, "CreateTrail", _create)
    wrap_item(emulator.actions, "GetTrailStatus", _status)


def _create(original: Original, request: dict[str, Any]) -> Response:
    response = original(request)
    if response[0] == 200:
        name = request["Name"]
        # The emulator stores these only on UpdateTrail, and never stores the tags.
        kept = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")
        emulator.trails[name] |= {key: request[key] for key in kept if key in request}
        tags = {tag["Key"]: tag["Value"] for tag in request.get("TagsList") or []}
        emulator.trail_tags[emulator.trail_arn(name)] = tags
    return response


def _status(original: Function, request: dict[str, Any]) -> Response:
    """Add the times of the last deliveries to the bucket and to CloudWatch Logs (API reference, GetTrailStatus)."""
    status, headers, body = original(request)
    name = request["Name"].rpartition("/")[2]
    delivered = (emulator.trails.get(name) or {}).get(DELIVERED, {})
    if status == 200:
        body = json.dumps(json.loads(body) | delivered).encode()
    return status, headers, body


def check_trail(request: dict[str, Any]) -> None:
    """Refuse a trail of a template or a call that could not write."""
    if "S3BucketName" in request:
        _check_bucket(request["S3BucketName"])
    if request.get("CloudWatchLogsLogGroupArn"):
        _check_log_group(request["CloudWatchLogsLogGroupArn"], request.get("CloudWatchLogsRoleArn", ""))


def _check_bucket(name: str) -> None:
    if name not in s3.buckets:
        raise _refused("S3BucketDoesNotExistException", f"S3 bucket {name} does not exist!")
    policy = json.loads(s3.bucket_policies.get(name) or "{}")
    actions = {action for statement in _allows_cloudtrail(policy) for action in as_list(statement["Action"])}
    if not {"s3:GetBucketAcl", "s3:PutObject"} <= actions:
        message = f"Incorrect S3 bucket policy is detected for bucket: {name}"
        raise _refused("InsufficientS3BucketPolicyException", message)


def _allows_cloudtrail(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        statement
        for statement in as_list(policy.get("Statement", []))
        if statement["Effect"] == "Allow"
        and isinstance(statement.get("Principal"), dict)
        and _PRINCIPAL in as_list(statement["Principal"].get("Service"))
    ]


def _check_log_group(arn: str, role: str) -> None:
    """Refuse a log group that does not exist; its ARN ends in ``:*`` (hashicorp/terraform-provider-aws #14557)."""
    if log_group_name(arn) not in cloudwatch.log_groups:
        message = "CloudTrail cannot validate the specified log group ARN."
        raise _refused("InvalidCloudWatchLogsLogGroupArnException", message)
    if not role:
        raise _refused(_WRONG_ROLE, "You must specify a role ARN as well as a log group.")
    _check_role(role)


def _check_role(arn: str) -> None:
    """Refuse a role that CloudTrail cannot assume: it does so without naming an account or a trail.

    Source: CloudTrail user guide, "Role policy document for CloudTrail to use CloudWatch Logs for monitoring": "doesn't
    support the use of aws:SourceArn and aws:SourceAccount"; prowler #4714.
    """
    document = iam.roles.get(arn.rpartition("/")[2], {}).get("AssumeRolePolicyDocument") or {}
    trust = json.loads(document) if isinstance(document, str) else document
    if all("aws:source" in json.dumps(it.get("Condition", {})).lower() for it in _allows_cloudtrail(trust)):
        raise _refused(_WRONG_ROLE, "Access denied. Check the trust relationships for your role.")


def log_group_name(arn: str) -> str | None:
    """The log group's name in an ARN that ends in ``:*``; None for another text."""
    _, found, rest = arn.partition(":log-group:")
    return rest.removesuffix(":*") if found and rest.endswith(":*") else None
