"""A distribution's name at the endpoint: only the distribution answers to it, for every path.

The emulator serves viewers at its own port by ``<label>.cloudfront.localhost``. A page from there has the
same origin as every path there, so a browser sends its requests without ``Origin``. The emulator serves its
own paths first, and takes an unknown name for one of AWS's APIs; both would let that page call the APIs.
"""

from typing import Any

from embedded_aws.core import emulator
from embedded_aws.core.patching import Function

_UNKNOWN = b"The embedded AWS has no distribution of this name.\n"
_FORBIDDEN = 403  # CloudFront's answer for an unknown name


def install() -> None:
    """Send the requests to such names to their distributions only."""
    emulator.handle_before_body.wrap(_skip_distribution_hosts)
    emulator.handle_shortcuts.wrap(_skip_distribution_hosts)
    emulator.handle_data_plane.wrap(_ask_distribution)


def _is_distribution_host(headers: Any) -> bool:
    return emulator.distribution_of_host(headers.get("host", "")) is not None


async def _skip_distribution_hosts(original: Function, method: str, path: str, headers: Any, *rest: Any) -> Any:
    return None if _is_distribution_host(headers) else await original(method, path, headers, *rest)


async def _ask_distribution(
    original: Function, method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str, **named: Any
) -> Any:
    if not _is_distribution_host(headers):
        return await original(method, path, headers, body, query, request_id, **named)
    raw_path = named.get("raw_path")
    answer = await emulator.ask_distribution(
        headers["host"],
        path,
        path if raw_path is None else raw_path,
        named.get("raw_query_string", ""),
        method,
        headers,
        body,
        query,
        named.get("client_ip", "127.0.0.1"),
    )
    return answer or (_FORBIDDEN, {"Content-Type": "text/plain"}, _UNKNOWN)
