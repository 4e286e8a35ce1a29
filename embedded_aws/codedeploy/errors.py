"""Errors of CodeDeploy's API."""

from embedded_aws.core.refusal import Refusal

SERVICE = "CodeDeploy"


def refuse(code: str, message: str) -> Refusal:
    """Make the error that CodeDeploy answers a call with."""
    return Refusal(SERVICE, code, message)
