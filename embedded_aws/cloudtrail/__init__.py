"""CloudTrail as it is on AWS: trails that are checked, and calls that arrive as files and log lines."""

from embedded_aws.cloudtrail import trails
from embedded_aws.context import ServerContext


def install(_context: ServerContext) -> None:
    """Make trails as strict as AWS."""
    trails.install()
