"""A bucket that holds objects, versions or delete markers is not deleted."""

from typing import Any

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.refusal import Refusal

_NO_BUCKET = 404
_REFUSED = 400


def install() -> None:
    """Let CloudFormation delete a bucket as S3 itself does: not while something is in it."""
    wrap_item(provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"], "delete", _delete)  # noqa: SLF001


def _delete(_original: Function, physical_id: str, _properties: Any) -> None:
    status, _, _ = s3._delete_bucket(physical_id)  # noqa: SLF001
    if status >= _REFUSED and status != _NO_BUCKET:
        raise Refusal("S3", "BucketNotEmpty", "The bucket you tried to delete is not empty")
