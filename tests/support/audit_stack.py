"""AuditStack, synthesized once for each variant."""

from functools import cache
from typing import Any

from aws_cdk.assertions import Template

from installation import names
from installation.settings.file import load_settings
from stacks.persistent.audit import AuditStack
from tests.conftest import new_app
from tests.support.synthesis import changed

OTHER_TRAIL = "s3://org-trail/AWSLogs/o-abc123/123456789012/CloudTrail/"


class AuditTemplates:
    """The template of AuditStack.

    Args:
        audit: fields of the settings' section ``audit`` that replace dev's.
    """

    def __init__(self, audit: dict[str, Any]) -> None:
        settings = changed(load_settings("dev"), audit=audit)
        self.names = settings.names
        app = new_app()
        self.template = Template.from_stack(AuditStack(app, names.AUDIT_STACK, settings=settings))

    def properties(self, kind: str, **containing: object) -> dict[str, Any]:
        """Properties of the one resource of a type that has these property values."""
        found = [
            resource["Properties"]
            for resource in self.template.find_resources(kind).values()
            if containing.items() <= {k: v for k, v in resource["Properties"].items() if isinstance(v, str)}.items()
        ]
        assert len(found) == 1, f"{len(found)} of {kind} with {containing}"
        properties: dict[str, Any] = found[0]
        return properties

    def bucket_policy(self, bucket_id: str) -> list[dict[str, Any]]:
        """Statements of a bucket's policy."""
        kind, bucket = "AWS::S3::BucketPolicy", {"Properties": {"Bucket": {"Ref": bucket_id}}}
        (policy,) = self.template.find_resources(kind, bucket).values()
        statements: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
        return statements

    def logical_id(self, kind: str, beginning: str = "") -> str:
        """Logical id of the one resource of a type whose id has a given beginning."""
        (found,) = (it for it in self.template.find_resources(kind) if it.startswith(beginning))
        return str(found)


@cache
def with_trail() -> AuditTemplates:
    return AuditTemplates({"retention_days": 60, "scan_limit_gib": 7, "results_retention_days": 12})


@cache
def without_trail() -> AuditTemplates:
    return AuditTemplates({"create_trail": False, "existing_trail_location": OTHER_TRAIL})
