"""Answers in EC2's own form."""

from embedded_aws.core.patching import Response
from embedded_aws.core.refusal import Refusal

SERVICE = "Ec2"


def as_response(refusal: Refusal) -> Response:
    """Make EC2's error response of a refusal."""
    from ministack.services import ec2

    response: Response = ec2._error(refusal.code, refusal.message, 400)  # noqa: SLF001 - its own error form
    return response
