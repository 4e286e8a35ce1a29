"""Warnings about deletions that will fail: of a bucket with objects, or a repository with images. Both can be emptied.

Source of the bucket's message: aws-cloudformation/rain #744. The repository's message and the validation's name are
this project's: AWS's guide only describes the validation ("ECR repository delete readiness").
"""

from collections.abc import Mapping
from typing import Any, Final

from embedded_aws.cloudformation.validation.finding import BUCKET_EMPTINESS, Finding
from embedded_aws.ecr import emulator as ecr
from embedded_aws.s3 import emulator as s3

REPOSITORY_EMPTINESS: Final = "ECR_REPOSITORY_DELETE_READINESS_VALIDATION"
_BUCKET: Final = (
    "The bucket '{}' is not empty. You must either delete all objects and versions or use the deletion policy to "
    "retain it, otherwise the delete operation will fail."
)
_REPOSITORY: Final = (
    "The repository '{}' is not empty. Delete its images, set EmptyOnDelete or retain it, otherwise the delete "
    "operation will fail."
)
_KEPT: Final = ("Retain", "RetainExceptOnCreate")


def not_empty(resource: Mapping[str, Any], definition: Mapping[str, Any], logical_id: str) -> Finding | None:
    """Warn about a resource that a change set removes and that its service will refuse to delete.

    Args:
        resource: the stack's record of it.
        definition: its part of the deployed template.
    """
    if definition.get("DeletionPolicy") in _KEPT:
        return None
    name = str(resource.get("PhysicalResourceId") or "")
    kind, properties = resource.get("ResourceType"), definition.get("Properties") or {}
    if kind == "AWS::S3::Bucket" and (s3.buckets.get(name) or {}).get("objects"):
        validation, reason = BUCKET_EMPTINESS, _BUCKET
    elif kind == "AWS::ECR::Repository" and ecr.images.get(name) and not properties.get("EmptyOnDelete"):
        validation, reason = REPOSITORY_EMPTINESS, _REPOSITORY
    else:
        return None
    return Finding(
        logical_id=logical_id,
        resource_type=str(kind),
        validation=validation,
        path=f"/Resources/{logical_id}",
        reason=reason.format(name),
        mode="WARN",
        physical_id=name,
    )
