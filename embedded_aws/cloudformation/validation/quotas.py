"""Quotas that a change set would exceed: a warning, since a quota can be raised before the execution."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.validation.finding import Finding
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecr import emulator as ecr
from embedded_aws.iam import emulator as iam
from embedded_aws.s3 import emulator as s3
from installation import yaml_text

# The name is this project's: AWS's guide only describes the validation ("service quota checks").
SERVICE_QUOTA: Final = "SERVICE_QUOTA_VALIDATION"


class Quota(yaml_text.Data):
    """The default of a quota."""

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


quotas: Final = yaml_text.cached_reader(Path(__file__).with_name("quotas.yaml"), dict[str, Quota])


def exceeded(added: Mapping[str, str]) -> list[Finding]:
    """Warn about each resource beyond its quota. ``added`` has the types of the new resources by logical id."""
    wanted, found = Counter(added.values()), []
    for logical_id, resource_type in added.items():
        quota = quotas().get(resource_type)
        if quota is None or _count(resource_type) + wanted[resource_type] <= quota.most:
            continue
        named = f"{quota.quota} ({quota.code})" if quota.code else quota.quota
        found.append(
            Finding(
                logical_id=logical_id,
                resource_type=resource_type,
                validation=SERVICE_QUOTA,
                path=f"/Resources/{logical_id}",
                reason=f"Creating {wanted[resource_type]} resource(s) of type '{resource_type}' exceeds the quota "
                f"'{named}': {_count(resource_type)} of {quota.most} are in use.",
                mode="WARN",
            )
        )
    return found


def _count(resource_type: str) -> int:
    return len(_COUNTED.get(resource_type, ()))
