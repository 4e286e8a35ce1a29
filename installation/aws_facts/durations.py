"""How long CloudFormation takes on AWS to make a resource: typical times by type, with their sources.

The command estimates a start by these times, and the embedded AWS replays them.
"""

from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from installation import yaml_text

_FILE: Final = Path(__file__).with_name("durations.yaml")
_DATABASE: Final = "AWS::RDS::DBInstance"
METADATA: Final = "AWS::CDK::Metadata"  # It describes the template itself: CloudFormation creates nothing for it


class Duration(yaml_text.Data):
    """A typical time with its source."""

    seconds: int = Field(gt=0)
    """Seconds until CREATE_COMPLETE."""
    certainty: Literal["measured", "reported", "assumed"]
    """How certain the time is; the head of the file explains the words."""
    source: str = Field(min_length=1)
    """The source of the time."""


class Durations(yaml_text.Data):
    """The file of typical times."""

    stack: Duration
    """Seconds that a stack takes besides its resources."""
    unchanged: Duration
    """Seconds for a stack that exists and does not change."""
    other: Duration
    """The time of types that the file does not list."""
    restored: Duration
    """The time of a database that is restored."""
    types: dict[str, Duration]
    """Times by resource type."""

    def of(self, resource_type: str, *, restored: bool) -> int:
        """Seconds for a resource of a type; a restored database has a time of its own."""
        if restored and resource_type == _DATABASE:
            return self.restored.seconds
        return self.types.get(resource_type, self.other).seconds


def load_durations() -> Durations:
    """Read the file of typical times."""
    return yaml_text.read(_FILE, Durations)
