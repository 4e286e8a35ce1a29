"""Calls to the embedded AWS count as encrypted, as all calls to AWS are by default.

They never leave this machine, so there is no TLS. But the bucket of the CDK's bootstrap, like every bucket of the
application, refuses whatever is not encrypted (``aws:SecureTransport``): without this, nobody can publish a template.
"""

from ministack import app
from ministack.core import iam_evaluator

from embedded_aws.core.patching import Function, wrap


def install() -> None:
    """Say so of every request."""
    for module in (app, iam_evaluator):
        wrap(module, "pin_request_origin", _encrypted)


def _encrypted(original: Function, source_ip: str, _secure_transport: bool) -> None:
    original(source_ip, True)
