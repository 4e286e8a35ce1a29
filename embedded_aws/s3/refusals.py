"""A bucket that holds objects, versions or delete markers is not deleted."""

from typing import Any

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.refusal import Refusal
from embedded_aws.s3 import emulator

_NO_BUCKET = 404
_REFUSED = 400


def install() -> None:
    """Let CloudFormation delete a bucket as S3 itself does: not while something is in it."""
    wrap_item(cloudformation.resource_handlers["AWS::S3::Bucket"], "delete", _delete)


def _delete(_original: Function, physical_id: str, _properties: Any) -> None:
    status, _, _ = emulator.delete_bucket(physical_id)
    if status >= _REFUSED and status != _NO_BUCKET:
        raise Refusal("S3", "BucketNotEmpty", "The bucket you tried to delete is not empty")
