"""Asks one address of the load balancer for one path, and says how it answered.

It runs inside the VPC, from where no AWS service can be reached, and needs none: question and answer come and go with
the call.
"""

import http.client
import ssl
import time
import urllib.error
import urllib.request
from typing import Any

USER_AGENT = "hannibal-release-probe"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for the answer that it is, and does not follow it."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse to make another request."""


def tls_for(host: str) -> ssl.SSLContext:
    """TLS that checks the certificate for a host's name, although an address is called."""
    context = ssl.create_default_context()
    wrap = context.wrap_socket
    context.wrap_socket = lambda sock, **_: wrap(sock, server_hostname=host)  # type: ignore[method-assign]
    return context


def ask(*, address: str, port: int, host: str, path: str, tls: bool, seconds: float) -> int:
    """The status of the answer."""
    url = f"{'https' if tls else 'http'}://{address}:{port}{path}"
    request = urllib.request.Request(url, headers={"Host": host, "User-Agent": USER_AGENT})  # noqa: S310
    opener = urllib.request.build_opener(NoRedirect, urllib.request.HTTPSHandler(context=tls_for(host)))
    try:
        with opener.open(request, timeout=seconds) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - the form that Lambda calls
    """Entry point: an answer, or why there was none."""
    started = time.monotonic()
    try:
        status = ask(**event)
    except (OSError, http.client.HTTPException) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"status": status, "seconds": round(time.monotonic() - started, 3)}
