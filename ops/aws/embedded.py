"""The paths that the embedded AWS has beside AWS's operations; AWS has no such paths."""

import json
from contextlib import suppress
from http.client import HTTPException
from typing import Any, Final, TypeVar
from urllib.request import Request, urlopen

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")
_SECONDS: Final = 60.0


class NotEmbeddedError(Exception):
    """The endpoint does not answer, or is not the embedded AWS."""


def ask(endpoint: str, path: str, *, method: str = "GET", content: dict[str, str] | None = None) -> Any:
    """Send a request to a path of the embedded AWS, such as ``faults``, and return its JSON.

    Raises:
        NotEmbeddedError: nothing answers, or something else does, such as a proxy to AWS.
    """
    body = json.dumps(content).encode() if content else None
    address = f"{endpoint.rstrip('/')}/_hannibal/{path}"
    request = Request(address, data=body, method=method)  # noqa: S310 - boto3's own endpoint, the embedded AWS's
    try:
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            return json.load(answer)
    except (OSError, HTTPException, ValueError) as error:
        raise NotEmbeddedError(str(error)) from error


def ask_for(kind: type[T], endpoint: str | None, path: str) -> T | None:
    """A path's JSON as a type that pydantic knows; None where nothing answers so, and on AWS, which has no endpoint."""
    if endpoint is not None:
        with suppress(NotEmbeddedError, ValidationError):
            return TypeAdapter(kind).validate_python(ask(endpoint, path))
    return None
