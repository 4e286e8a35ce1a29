"""How long CloudFormation takes on AWS to make a resource: typical times by type, with their sources.

This module knows neither CDK nor boto3: the command computes a start by these times, and the embedded AWS replays them.
"""

from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from installation import yaml_text

_FILE: Final = Path(__file__).with_name("durations.yaml")
_DATABASE: Final = "AWS::RDS::DBInstance"
# It describes the template itself: CloudFormation makes nothing for it.
METADATA: Final = "AWS::CDK::Metadata"


class Duration(yaml_text.Data):
    """A typical time, and who says so."""

    seconds: int = Field(gt=0)
    """Seconds until CREATE_COMPLETE."""
    certainty: Literal["measured", "reported", "assumed"]
    """How sure it is; the head of the file says what the words mean."""
    source: str = Field(min_length=1)
    """Who says so."""


class Durations(yaml_text.Data):
    """The file of typical times."""

    stack: Duration
    """What a stack takes besides its resources."""
    unchanged: Duration
    """What a stack takes that is there already."""
    other: Duration
    """A resource of a type without a time of its own."""
    restored: Duration
    """A database that is restored."""
    types: dict[str, Duration]
    """By resource type."""

    def of(self, resource_type: str, *, restored: bool) -> int:
        """Seconds that a resource of a type takes; a database takes others if it is restored."""
        if restored and resource_type == _DATABASE:
            return self.restored.seconds
        return self.types.get(resource_type, self.other).seconds


def load_durations() -> Durations:
    """Read the file of typical times."""
    return yaml_text.read(_FILE, Durations)
