"""Reports whether a bucket's policy is public; the emulator would list the bucket's objects instead."""

from typing import Any

from embedded_aws.core.patching import Function
from embedded_aws.s3 import emulator

_NOT_FOUND = 404


def install() -> None:
    """Implement GetBucketPolicyStatus."""
    emulator.list_objects.wrap(_get)  # the emulator's answer to an unknown setting


def _get(original: Function, bucket: str, query: Any, *rest: Any, **more: Any) -> Any:
    if "policyStatus" not in query or bucket not in emulator.buckets:
        return original(bucket, query, *rest, **more)
    if bucket not in emulator.bucket_policies:
        return emulator.error("NoSuchBucketPolicy", "The bucket policy does not exist", _NOT_FOUND, f"/{bucket}")
    public = str(emulator.policy_is_public(emulator.bucket_policies[bucket])).lower()
    body = f'<PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>{public}</IsPublic></PolicyStatus>'
    return 200, {"Content-Type": "application/xml"}, body.encode()
