"""What IAM asks about a request and the emulator does not know, so that policies decide as they do in AWS.

The emulator evaluates policies, boundaries and trust well; what it lacks are the addresses and condition keys that the
project's policies speak of. It is asked only where the server enforces policies (``--auth``).
"""

from embedded_aws.authorisation import (
    conditions,
    drift,
    passing,
    resources,
    second_factor,
    transport,
    web_identity,
)
from embedded_aws.context import ServerContext


def install(_context: ServerContext) -> None:
    """Complete what policies are evaluated with."""
    for part in (transport, resources, conditions, passing, drift, second_factor, web_identity):
        part.install()
