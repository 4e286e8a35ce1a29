"""What IAM asks about a request and the emulator does not know, so that policies decide as they do in AWS.

The emulator evaluates policies, boundaries and trust well; what it lacks are the addresses and condition keys that the
project's policies speak of. It is asked only where the server enforces policies (``--auth``).
"""

from embedded_aws.core.context import ServerContext
from embedded_aws.iam.authorization import (
    coarse_permissions,
    condition_keys,
    further_permissions,
    resources,
    signatures,
    unknown_operations,
)


def install(_context: ServerContext) -> None:
    """Complete what policies are evaluated with."""
    for part in (signatures, unknown_operations, coarse_permissions, resources, condition_keys, further_permissions):
        part.install()
