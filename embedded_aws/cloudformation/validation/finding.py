"""Findings of the validation."""

from dataclasses import dataclass
from typing import Literal

PROPERTY = "PROPERTY_VALIDATION"
NAME_CONFLICT = "NAME_CONFLICT_VALIDATION"
BUCKET_EMPTINESS = "BUCKET_EMPTINESS_VALIDATION"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding about a resource, with the fields of an event of the operation."""

    logical_id: str  # the resource's logical id
    resource_type: str  # the resource's type
    validation: str  # the validation that found it
    path: str  # where in the template, as a JSON pointer
    reason: str  # CloudFormation's message
    mode: Literal["FAIL", "WARN"] = "FAIL"  # ``FAIL`` stops the operation, ``WARN`` does not
    physical_id: str = ""  # of an existing resource that would be deleted
