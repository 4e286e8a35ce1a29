"""Object Lock of a bucket that CloudFormation makes; the emulator knows it by S3's own calls only."""

from typing import Any

from embedded_aws.cloudformation.emulator import resource_handlers
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.s3 import emulator


def install() -> None:
    """Lock what a template says is locked."""
    handlers = resource_handlers["AWS::S3::Bucket"]
    for operation in ("create", "update"):
        wrap_item(handlers, operation, _locked)


def _locked(original: Function, name: str, *arguments: Any) -> Any:
    """Create or update a bucket; the properties that it shall have are the last but one argument."""
    made = original(name, *arguments)
    properties = arguments[-2]
    if properties.get("ObjectLockEnabled") in (True, "true"):
        bucket = made[0]
        retention = properties.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention")
        emulator.versioning[bucket] = "Enabled"  # S3 switches it on with the lock
        emulator.object_locks[bucket] = {"enabled": True, "default_retention": retention and _whole(retention)}
    return made


def _whole(retention: dict[str, Any]) -> dict[str, Any]:
    return {key: value if key == "Mode" else int(value) for key, value in retention.items()}
