"""Refuses to delete a bucket that is not empty, policies about other buckets, and objects that the disk cannot hold."""

import json
import logging
import sys
from typing import Any

from ministack.core.responses import get_account_id

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import resource_policies
from embedded_aws.s3 import emulator

_NO_BUCKET, _CONFLICT = 404, 409
_OF_THE_DISK = ("Failed to persist", "Failed to read persisted", "Failed to delete persisted")


def install() -> None:
    """Let CloudFormation delete a bucket as S3 does: only if it is empty; and let errors of the disk end a request."""
    emulator.logger.addFilter(_raise)
    wrap_item(cloudformation.resource_handlers["AWS::S3::Bucket"], "delete", _delete)
    emulator.delete_bucket.wrap(_delete_by_call)
    emulator.put_bucket_policy.wrap(_put_policy)


def check_bucket_policy(properties: dict[str, Any]) -> None:
    """Refuse the policy of a template as S3 would."""
    bucket, policy = str(properties.get("Bucket", "")), properties.get("PolicyDocument") or {}
    resource_policies.check_bucket_policy(bucket, policy)
    text = policy if isinstance(policy, str) else json.dumps(policy)
    blocked = emulator.public_access_blocked(get_account_id(), bucket, "BlockPublicPolicy")
    if blocked and emulator.policy_is_public(text):
        message = "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
        raise Refusal("S3", "AccessDenied", f"User is not authorized to perform: s3:PutBucketPolicy because {message}")


def _put_policy(original: Function, name: str, body: bytes) -> Any:
    try:
        check_bucket_policy({"Bucket": name, "PolicyDocument": body.decode(errors="replace")})
    except Refusal as refusal:
        return refusal.as_xml(403 if refusal.code == "AccessDenied" else 400)
    return original(name, body)


def _delete(_original: Function, physical_id: str, _properties: Any) -> None:
    status, _, _ = emulator.delete_bucket(physical_id)
    if status >= 400 and status != _NO_BUCKET:
        raise _not_empty(physical_id)


def _delete_by_call(original: Function, name: str, *rest: Any, **more: Any) -> Any:
    response = original(name, *rest, **more)
    return response if response[0] != _CONFLICT else _not_empty(name).as_xml(_CONFLICT)


def _not_empty(name: str) -> Refusal:
    versions = ". You must delete all versions in the bucket." if emulator.versioning.get(name) else ""
    return Refusal("S3", "BucketNotEmpty", f"The bucket you tried to delete is not empty{versions}")


def _raise(record: logging.LogRecord) -> bool:
    """Pass on an error of the disk for which the emulator only logs a warning.

    It would lose the object at its end, answer with an empty one that it cannot read, or list a deleted one again.
    What it cannot load was found before (`objects.check_files`): it loads when it is imported, without this filter.
    """
    error = sys.exception()
    if error is not None and str(record.msg).startswith(_OF_THE_DISK):
        raise error
    return True
