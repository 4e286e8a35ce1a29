"""A bucket that holds something is not deleted, and its policy is about itself."""

import json
from typing import Any

from ministack.core.responses import get_account_id

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import resource_policies
from embedded_aws.s3 import emulator

_NO_BUCKET = 404
_REFUSED = 400


def install() -> None:
    """Let CloudFormation delete a bucket as S3 itself does: not while something is in it."""
    wrap_item(cloudformation.resource_handlers["AWS::S3::Bucket"], "delete", _delete)
    emulator.put_bucket_policy.wrap(_put_policy)


def check_bucket_policy(properties: dict[str, Any]) -> None:
    """Refuse the policy of a template as S3 would."""
    bucket, policy = str(properties.get("Bucket", "")), properties.get("PolicyDocument") or {}
    resource_policies.check_bucket_policy(bucket, policy)
    # Since 2023 a bucket is made so that it has no public policy, unless its template says otherwise.
    blocked = emulator.public_access_blocked(get_account_id(), bucket, "BlockPublicPolicy")
    if (blocked or "_public_access_block" not in emulator.buckets.get(bucket, {})) and emulator.policy_is_public(
        policy if isinstance(policy, str) else json.dumps(policy)
    ):
        message = "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
        raise Refusal("S3", "AccessDenied", f"User is not authorized to perform: s3:PutBucketPolicy because {message}")


def _put_policy(original: Function, name: str, body: bytes) -> Any:
    try:
        resource_policies.check_bucket_policy(name, body.decode(errors="replace"))
    except Refusal as refusal:
        return refusal.as_xml()
    return original(name, body)


def _delete(_original: Function, physical_id: str, _properties: Any) -> None:
    status, _, _ = emulator.delete_bucket(physical_id)
    if status >= _REFUSED and status != _NO_BUCKET:
        raise Refusal("S3", "BucketNotEmpty", "The bucket you tried to delete is not empty")
