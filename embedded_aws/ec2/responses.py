"""Answers in EC2's own form."""

from embedded_aws.core.patching import Response
from embedded_aws.core.refusal import Refusal

SERVICE = "Ec2"


def as_response(refusal: Refusal) -> Response:
    """Make EC2's error response of a refusal."""
    from embedded_aws.ec2 import emulator

    return emulator.error(refusal.code, refusal.message)
