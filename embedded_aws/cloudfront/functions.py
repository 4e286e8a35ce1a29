"""Viewer functions: published JavaScript, run by Node on the viewer's request and on the answer."""

import asyncio
from dataclasses import dataclass, replace
from http.client import responses
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.distribution import Behaviour, Distribution

# The most Node processes at once: each call has one while it runs.
_AT_ONCE: Final = 2
# Developer guide, "Restrictions on CloudFront Functions": what a viewer-request function may not change.
_READ_ONLY_REQUEST_HEADERS: Final = ("content-length", "host", "transfer-encoding", "via")


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request on its way through the edge."""

    distribution: Distribution  # its distribution
    behaviour: Behaviour  # the behaviour of the requested path
    method: str  # of the request
    uri: str  # its path, as it was written
    query_string: str  # the query string as it was written
    query: dict[str, list[str]]  # the same by name
    headers: emulator.Record  # by lower-case name, one value each
    body: bytes = b""  # of the request
    client: str = "127.0.0.1"  # address of the viewer


class ViewerFunctions:
    """Runs the functions of behaviours."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def on_request(self, exchange: Exchange) -> Exchange | emulator.Answer:
        """Run the viewer-request function, if there is one; it may change the request or answer it.

        Raises:
            FunctionError: it failed.
        """
        arn = exchange.behaviour.record["functions"].get("viewer-request")
        if not arn:
            return exchange
        event = _event("viewer-request", exchange)
        returned = await self._run(arn, event)
        if not isinstance(returned, dict):
            raise emulator.FunctionError(f"{arn} returned neither a request nor a response")
        if "statusCode" in returned:
            return _answer(returned, None, b"")
        return _changed(exchange, event["request"], returned)

    async def on_response(self, exchange: Exchange, answer: emulator.Answer) -> emulator.Answer:
        """Run the viewer-response function, if any, unless the answer is an error. Raises FunctionError: it failed."""
        arn = exchange.behaviour.record["functions"].get("viewer-response")
        status, headers, body = answer
        if not arn or status >= 400:
            return answer
        event = _event("viewer-response", exchange)
        event["response"] = emulator.response_event(status, responses.get(status, ""), headers)
        returned = await self._run(arn, event)
        if not isinstance(returned, dict):
            raise emulator.FunctionError(f"{arn} returned no response")
        return _answer({"statusCode": status} | returned, event["response"]["headers"], body)

    async def _run(self, arn: str, event: emulator.Record) -> Any:
        code = emulator.published_code(arn)
        if code is None:
            raise emulator.FunctionError(f"{arn} has no published code")
        async with self._free:
            return await emulator.run_javascript(code, event)


def _event(kind: str, exchange: Exchange) -> emulator.Record:
    request = (exchange.method, exchange.uri, exchange.query, exchange.headers, exchange.client)
    return emulator.function_event(kind, exchange.distribution.record, *request)


def _answer(returned: emulator.Record, before: emulator.Record | None, body: bytes) -> emulator.Answer:
    """The response that a function returned, which replaces headers and body."""
    headers = emulator.headers_from_event(before, returned.get("headers"))
    if lines := emulator.set_cookies_from_event(returned.get("cookies")):
        headers["set-cookie"] = lines
    return int(returned["statusCode"]), headers, emulator.body_from_event(returned, body)


def _changed(exchange: Exchange, before: emulator.Record, returned: emulator.Record) -> Exchange:
    headers = emulator.headers_from_event(before["headers"], returned.get("headers"))
    for name in _READ_ONLY_REQUEST_HEADERS:
        if name in exchange.headers:
            headers[name] = exchange.headers[name]
    cookies = [f"{name}={field['value']}" for name, field in (returned.get("cookies") or {}).items()]
    if cookies:
        headers["cookie"] = "; ".join(cookies)
    changed = replace(exchange, uri=str(returned.get("uri", exchange.uri)), headers=headers)
    return _set_query(changed, before["querystring"], returned.get("querystring"))


def _set_query(exchange: Exchange, before: emulator.Record, returned: Any) -> Exchange:
    if isinstance(returned, str):
        return replace(exchange, query_string=returned, query=parse_qs(returned, keep_blank_values=True))
    if not isinstance(returned, dict) or returned == before:
        return exchange
    query = {
        name: [field.get("value", ""), *(each.get("value", "") for each in field.get("multiValue", [])[1:])]
        for name, field in returned.items()
        if isinstance(field, dict)
    }
    pairs = [(name, value) for name, values in query.items() for value in values]
    return replace(exchange, query=query, query_string=urlencode(pairs, quote_via=quote))
