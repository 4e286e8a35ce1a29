"""Tokens that say where the next page of a list begins; callers hand them back as they are."""

import base64
import binascii


def place(token: str) -> int:
    """Where a page begins.

    Raises:
        ValueError: it is no token of ours.
    """
    try:
        return int(base64.urlsafe_b64decode(token.encode()).decode()) if token else 0
    except (binascii.Error, ValueError):
        raise ValueError("The token is not valid.") from None


def token_of(begin: int) -> str:
    """The token of a page that begins there."""
    return base64.urlsafe_b64encode(str(begin).encode()).decode()
