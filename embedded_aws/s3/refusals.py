"""A bucket that holds something is not deleted, and its policy is about itself."""

import fnmatch
import json
from typing import Any

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.json_value import json_object
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.refusal import Refusal
from embedded_aws.s3 import emulator

_NO_BUCKET = 404
_REFUSED = 400


def install() -> None:
    """Let CloudFormation delete a bucket as S3 itself does: not while something is in it."""
    wrap_item(cloudformation.resource_handlers["AWS::S3::Bucket"], "delete", _delete)
    emulator.put_bucket_policy.wrap(_put_policy)


def check_bucket_policy(properties: dict[str, Any]) -> None:
    """Refuse the policy of a template as S3 would."""
    _check_policy(str(properties.get("Bucket", "")), json.dumps(properties.get("PolicyDocument") or {}))


def _put_policy(original: Function, name: str, body: bytes) -> Any:
    try:
        _check_policy(name, body.decode(errors="replace"))
    except Refusal as refusal:
        return refusal.as_xml()
    return original(name, body)


def _delete(_original: Function, physical_id: str, _properties: Any) -> None:
    status, _, _ = emulator.delete_bucket(physical_id)
    if status >= _REFUSED and status != _NO_BUCKET:
        raise Refusal("S3", "BucketNotEmpty", "The bucket you tried to delete is not empty")


def _check_policy(bucket: str, text: str) -> None:
    policy = json_object(text)
    if policy is None:
        raise Refusal("S3", "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
    statements = policy.get("Statement") or []
    for statement in [statements] if isinstance(statements, dict) else statements:
        resources = statement.get("Resource") or []
        for resource in [resources] if isinstance(resources, str) else resources:
            named = resource.removeprefix("arn:aws:s3:::").partition("/")[0]
            if resource != "*" and not fnmatch.fnmatchcase(bucket, named):
                raise Refusal("S3", "MalformedPolicy", "Policy has invalid resource")
