"""CloudFormation's checks before a stack operation changes anything (early validation)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding about a resource, with the fields of an event of the operation."""

    logical_id: str  # the resource's logical id
    resource_type: str  # the resource's type
    validation: str  # the validation that found it
    reason: str  # CloudFormation's message
    below: str = ""  # where in the resource, as a JSON pointer
    mode: Literal["FAIL", "WARN"] = "FAIL"  # ``FAIL`` stops the operation, ``WARN`` does not
    physical_id: str = ""  # of an existing resource that would be deleted

    @property
    def path(self) -> str:
        """Where in the template, as a JSON pointer."""
        return f"/Resources/{self.logical_id}{self.below}"
