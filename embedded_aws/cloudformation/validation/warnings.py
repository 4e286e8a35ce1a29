"""Warnings of a change set: quotas that it would exceed, and deletions that will fail.

A quota can be raised before the execution; a bucket with objects and a repository with images can be emptied.
Source of the bucket's message: aws-cloudformation/rain #744. The repository's message and the validation's name are
this project's: AWS's guide only describes the validation ("ECR repository delete readiness").
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.validation import Finding
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecr import emulator as ecr
from embedded_aws.iam import emulator as iam
from embedded_aws.s3 import emulator as s3
from installation import yaml_text

_BUCKET: Final = (
    "The bucket '{}' is not empty. You must either delete all objects and versions or use the deletion policy to "
    "retain it, otherwise the delete operation will fail."
)
_REPOSITORY: Final = (
    "The repository '{}' is not empty. Delete its images, set EmptyOnDelete or retain it, otherwise the delete "
    "operation will fail."
)
_KEPT: Final = ("Retain", "RetainExceptOnCreate")
# The name is this project's: AWS's guide only describes the validation ("service quota checks").
_SERVICE_QUOTA: Final = "SERVICE_QUOTA_VALIDATION"


def not_empty(resource: Mapping[str, Any], definition: Mapping[str, Any], logical_id: str) -> Finding | None:
    """Warn about a resource, by its record and deployed definition, that its service will refuse to delete."""
    if definition.get("DeletionPolicy") in _KEPT:
        return None
    name = str(resource.get("PhysicalResourceId") or "")
    kind, properties = resource.get("ResourceType"), definition.get("Properties") or {}
    if kind == "AWS::S3::Bucket" and (s3.buckets.get(name) or {}).get("objects"):
        validation, reason = "BUCKET_EMPTINESS_VALIDATION", _BUCKET
    elif kind == "AWS::ECR::Repository" and ecr.images.get(name) and not properties.get("EmptyOnDelete"):
        validation, reason = "ECR_REPOSITORY_DELETE_READINESS_VALIDATION", _REPOSITORY
    else:
        return None
    return Finding(
        logical_id=logical_id,
        resource_type=str(kind),
        validation=validation,
        reason=reason.format(name),
        mode="WARN",
        physical_id=name,
    )


class _Quota(yaml_text.Data):
    quota: str
    most: int
    code: str = ""


_COUNTED: Final[Mapping[str, Any]] = {
    **emulator.compared_stores,
    "AWS::CertificateManager::Certificate": emulator.certificates,
    "AWS::CloudFront::Function": emulator.cloudfront_functions,
    "AWS::EC2::EIP": ec2.addresses,
    "AWS::ECR::Repository": ecr.repositories,
    "AWS::IAM::ManagedPolicy": iam.policies,
    "AWS::IAM::Role": iam.roles,
    "AWS::S3::Bucket": s3.buckets,
}


_quotas: Final = yaml_text.cached_reader(Path(__file__).with_name("quotas.yaml"), dict[str, _Quota])


def exceeded(added: Mapping[str, str]) -> list[Finding]:
    """Warn about each resource beyond its quota. ``added`` has the types of the new resources by logical id."""
    counts, findings = Counter(added.values()), []
    for logical_id, resource_type in added.items():
        quota, present = _quotas().get(resource_type), len(_COUNTED.get(resource_type, ()))
        if quota is None or present + counts[resource_type] <= quota.most:
            continue
        named = f"{quota.quota} ({quota.code})" if quota.code else quota.quota
        reason = (
            f"Creating {counts[resource_type]} resource(s) of type '{resource_type}' exceeds the quota '{named}': "
            f"{present} of {quota.most} are in use."
        )
        finding = Finding(
            logical_id=logical_id, resource_type=resource_type, validation=_SERVICE_QUOTA, reason=reason, mode="WARN"
        )
        findings.append(finding)
    return findings
