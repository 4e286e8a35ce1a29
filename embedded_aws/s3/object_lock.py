"""Object Lock of a bucket that CloudFormation makes; the emulator knows it by S3's own calls only."""

from typing import Any

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from embedded_aws.core.patching import Function, wrap_item


def install() -> None:
    """Lock what a template says is locked."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]  # noqa: SLF001
    for operation in ("create", "update"):
        wrap_item(handlers, operation, _locked)


def _locked(original: Function, name: str, *arguments: Any) -> Any:
    """Create or update a bucket; the properties that it shall have are the last but one argument."""
    made = original(name, *arguments)
    properties = arguments[-2]
    if properties.get("ObjectLockEnabled") in (True, "true"):
        bucket = made[0]
        retention = properties.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention")
        s3._bucket_versioning[bucket] = "Enabled"  # noqa: SLF001 - S3 switches it on with the lock
        s3._bucket_object_lock[bucket] = {"enabled": True, "default_retention": retention and _whole(retention)}  # noqa: SLF001
    return made


def _whole(retention: dict[str, Any]) -> dict[str, Any]:
    return {key: value if key == "Mode" else int(value) for key, value in retention.items()}
