"""What validation has found at one resource."""

from dataclasses import dataclass
from typing import Literal

PROPERTY = "PROPERTY_VALIDATION"
NAME_CONFLICT = "NAME_CONFLICT_VALIDATION"
BUCKET_EMPTINESS = "BUCKET_EMPTINESS_VALIDATION"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding, as an event of the operation names it.

    Attributes:
        logical_id: of the resource.
        resource_type: its type.
        validation: which validation found it.
        path: where in the template, as a JSON pointer.
        reason: CloudFormation's sentence.
        mode: ``FAIL`` stops the operation, ``WARN`` does not.
        physical_id: of a resource that is there already and would be deleted.
    """

    logical_id: str
    resource_type: str
    validation: str
    path: str
    reason: str
    mode: Literal["FAIL", "WARN"] = "FAIL"
    physical_id: str = ""
