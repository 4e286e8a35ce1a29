"""Completes what policies are evaluated with, so that they decide as on AWS.

The emulator evaluates policies, boundaries and trust well, but lacks resources and condition keys that the project's
policies use. They are used only if the server enforces policies (``--auth``).
"""

from embedded_aws.core.context import ServerContext
from embedded_aws.iam.authorization import (
    condition_keys,
    further_permissions,
    resources,
    signatures,
    unknown_operations,
)


def install(_context: ServerContext) -> None:
    """Install all parts."""
    for part in (signatures, unknown_operations, resources, condition_keys, further_permissions):
        part.install()
