"""Bucket properties that the emulator ignores in templates, and whether a bucket's policy is public."""

from typing import Any
from xml.sax.saxutils import escape

from embedded_aws.cloudformation.emulator import resource_handlers, stack_tag_properties
from embedded_aws.cloudformation.registry import tag_list
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.s3 import emulator

_TYPE = "AWS::S3::Bucket"
_Record = dict[str, Any]
# The emulator stores such XML as received, and returns it unchanged.
_XML = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def install() -> None:
    """Apply the properties of templates, and implement GetBucketPolicyStatus."""
    emulator.list_objects.wrap(_policy_status)  # the emulator's answer to an unknown setting
    emulator.put_bucket_tags.wrap(_put_tags)
    emulator.delete_bucket_tags.wrap(_delete_tags)
    handlers = resource_handlers[_TYPE]
    stack_tag_properties[_TYPE] = ("Tags", "list")  # a stack's tags reach its buckets
    for operation in ("create", "update"):
        wrap_item(handlers, operation, _configured)


def _configured(original: Function, name: str, *arguments: Any) -> Any:
    """Create or update a bucket; the second last argument contains its new properties."""
    result = original(name, *arguments)
    bucket, properties = result[0], arguments[-2]
    rules = (properties.get("LifecycleConfiguration") or {}).get("Rules") or []
    for store, value in (
        (emulator.bucket_tags, {tag["Key"]: tag["Value"] for tag in tag_list(properties)}),
        (emulator.bucket_lifecycles, [_rule(number, rule) for number, rule in enumerate(rules)]),
        (emulator.bucket_logging, _logging(properties.get("LoggingConfiguration") or {}, bucket)),
    ):
        if value:
            store[bucket] = value
        else:
            store.pop(bucket, None)
    if ownership := ((properties.get("OwnershipControls") or {}).get("Rules") or [{}])[0].get("ObjectOwnership"):
        rule = f"<Rule><ObjectOwnership>{escape(ownership)}</ObjectOwnership></Rule>"
        emulator.buckets[bucket]["_ownership_controls"] = f"<OwnershipControls {_XML}>{rule}</OwnershipControls>"
    if properties.get("ObjectLockEnabled") in (True, "true"):
        retention = properties.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention")
        whole = {key: value if key == "Mode" else int(value) for key, value in (retention or {}).items()}
        emulator.versioning[bucket] = "Enabled"  # S3 enables versioning with Object Lock
        emulator.object_locks[bucket] = {"enabled": True, "default_retention": whole or None}
    return result


def _rule(number: int, rule: _Record) -> _Record:
    """A template's rule as the API has it."""
    converted: _Record = {
        "ID": rule.get("Id") or f"rule-{number}",
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
    }
    if "ExpirationInDays" in rule:
        converted["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            converted[name] = {key: int(value) for key, value in rule[name].items()}
    return converted


def _logging(logging: _Record, bucket: str) -> str:
    """The setting as XML; a bucket without a target logs to itself, and no logging is an empty text."""
    if not logging:
        return ""
    target, prefix = logging.get("DestinationBucketName") or bucket, logging.get("LogFilePrefix", "")
    return (
        f"<BucketLoggingStatus {_XML}><LoggingEnabled><TargetBucket>{escape(target)}</TargetBucket>"
        f"<TargetPrefix>{escape(prefix)}</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"
    )


def _put_tags(original: Function, bucket: str, body: bytes) -> Response:
    """Replace a bucket's tags, which contain the unchanged ones of its stack (cloud-custodian #2834)."""
    former = emulator.bucket_tags.get(bucket) or {}
    response: Response = original(bucket, body)
    if response[0] >= 400:
        return response
    given, kept = _of_system(emulator.bucket_tags[bucket]), _of_system(former)
    if given == kept:
        return response
    change = "added/updated" if given.items() - kept.items() else "removed"
    emulator.bucket_tags[bucket] = former
    return emulator.error("InvalidTag", f"System tags cannot be {change} by requester", 400, f"/{bucket}")


def _delete_tags(original: Function, bucket: str) -> Response:
    kept = _of_system(emulator.bucket_tags.get(bucket) or {})
    response: Response = original(bucket)
    if kept:
        emulator.bucket_tags[bucket] = kept
    return response


def _of_system(tags: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key.startswith("aws:")}


def _policy_status(original: Function, bucket: str, query: Any, *rest: Any, **more: Any) -> Any:
    if "policyStatus" not in query or bucket not in emulator.buckets:
        return original(bucket, query, *rest, **more)
    if bucket not in emulator.bucket_policies:
        return emulator.error("NoSuchBucketPolicy", "The bucket policy does not exist", 404, f"/{bucket}")
    public = str(emulator.policy_is_public(emulator.bucket_policies[bucket])).lower()
    body = f"<PolicyStatus {_XML}><IsPublic>{public}</IsPublic></PolicyStatus>"
    return 200, {"Content-Type": "application/xml"}, body.encode()
