"""What validation has found at one resource."""

from dataclasses import dataclass
from typing import Literal

PROPERTY = "PROPERTY_VALIDATION"
NAME_CONFLICT = "NAME_CONFLICT_VALIDATION"
BUCKET_EMPTINESS = "BUCKET_EMPTINESS_VALIDATION"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding, as an event of the operation names it."""

    logical_id: str  # of the resource
    resource_type: str  # its type
    validation: str  # which validation found it
    path: str  # where in the template, as a JSON pointer
    reason: str  # CloudFormation's sentence
    mode: Literal["FAIL", "WARN"] = "FAIL"  # ``FAIL`` stops the operation, ``WARN`` does not
    physical_id: str = ""  # of a resource that is there already and would be deleted
