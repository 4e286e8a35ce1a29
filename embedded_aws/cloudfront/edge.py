"""The edge: handles one request of a viewer by the distribution's configuration."""

import asyncio
import logging
import time
from dataclasses import replace
from urllib.parse import parse_qs, unquote

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.cache import Cache, CachedAnswer, Key, fresh_seconds
from embedded_aws.cloudfront.delivery import compress, deliver, is_compressible
from embedded_aws.cloudfront.distribution import Catalogue, Distribution
from embedded_aws.cloudfront.functions import Exchange, ViewerFunctions
from embedded_aws.cloudfront.origins import cache_key, fetch, headers_for_origin, query_for_origin
from embedded_aws.cloudfront.viewer import Address, address_of, incoming, outgoing
from embedded_aws.core.context import ServerContext
from embedded_aws.core.http import HttpRequest, HttpResponse
from embedded_aws.core.real_time import answer_seconds

_HIT, _MISS, _REFRESHED = "Hit from cloudfront", "Miss from cloudfront", "RefreshHit from cloudfront"
_ERROR = "Error from cloudfront"
_GENERATED = "FunctionGeneratedResponse from cloudfront"
_FAIL_OVER = ("GET", "HEAD", "OPTIONS")
# Developer guide, "Quotas", general; "Request and response behavior for custom origins", Maximum length of a request.
_LONGEST_HEAD, _LONGEST_URL = 32_768, 8_192
_CONDITIONS = ("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range")

logger = logging.getLogger("embedded_aws.cloudfront")


class Edge:
    """Answers viewers of distributions."""

    def __init__(self, catalogue: Catalogue, context: ServerContext) -> None:
        self._catalogue, self._context = catalogue, context
        self.cache = Cache(time.time)
        self._functions = ViewerFunctions()
        self._fetching: dict[Key, asyncio.Lock] = {}

    async def answer(self, distribution_id: str, request: HttpRequest) -> HttpResponse:
        """Answer a request to a distribution."""
        with self._context.scope():
            distribution = self._catalogue.get(distribution_id)
            host = next((value for name, value in request.headers if name.lower() == "host"), "")
            address = address_of(host, distribution.domain_names) if distribution else None
            if distribution is None or address is None or not distribution.enabled:
                return _refusal(distribution, host)
            if sum(request.head_sizes) > _LONGEST_HEAD or len(f"https://{host}{request.target}") > _LONGEST_URL:
                return _own_answer(413, "Bad request.")
            status, headers, body = await self._answer(_exchange(distribution, request, address))
        return HttpResponse(
            status=status, headers=outgoing(emulator.render_headers(headers, title_case=True), address), body=body
        )

    async def _answer(self, exchange: Exchange) -> emulator.Answer:
        if exchange.method not in exchange.behaviour.allowed_methods:
            return emulator.error_page(
                403,
                "This distribution is not configured to allow the HTTP request method that was used for this request. "
                "The distribution supports only cachable requests.",
                _ERROR,
            )
        if exchange.method == "GET" and exchange.body:  # developer guide, "GET requests that include a body"
            return emulator.error_page(403, "Bad request.", _ERROR)
        try:
            result = await self._functions.on_request(exchange)
            if isinstance(result, tuple):
                status, headers, body = result
                return status, emulator.add_edge_headers(headers, _GENERATED, edge_server=False), body
            x_cache, answer = await self._from_cache_or_origin(result)
            status, headers, body = deliver(result.method, result.headers, answer)
            headers = emulator.apply_response_headers_policy(
                result.behaviour.record, headers, result.headers.get("origin", ""), result.method
            )
            status, headers, body = await self._functions.on_response(result, (status, headers, body))
        except emulator.FunctionError:
            logger.exception("a function of distribution %s failed", exchange.distribution.id)
            return emulator.error_page(
                503,
                "The CloudFront function associated with the CloudFront distribution is invalid or could not run.",
                "FunctionExecutionError from cloudfront",
            )
        return status, emulator.add_edge_headers(headers, x_cache, edge_server=False), body

    async def _from_cache_or_origin(self, exchange: Exchange) -> tuple[str, emulator.Answer]:
        if exchange.method not in ("GET", "HEAD"):
            return await self._from_origin(exchange)
        key = cache_key(exchange)
        if found := self._fresh(key):
            return found
        if exchange.method == "HEAD" or "range" in exchange.headers or exchange.behaviour.rules.maximum == 0:
            return await self._from_origin(exchange)
        # As in CloudFront, one request to the origin answers all requests for the same key meanwhile.
        lock = self._fetching.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                return self._fresh(key) or await self._fetch(exchange, key)
        finally:
            self._fetching.pop(key, None)

    def _fresh(self, key: Key) -> tuple[str, emulator.Answer] | None:
        kept = self.cache.get(key)
        if kept is None or not self.cache.is_fresh(kept):
            return None
        return (_HIT if kept.status < 400 else _ERROR), self._served(kept)

    def _served(self, kept: CachedAnswer) -> emulator.Answer:
        age = {"age": str(max(0, int(self.cache.clock() - kept.stored)))}
        return kept.status, {**kept.headers, **age}, kept.body

    async def _fetch(self, exchange: Exchange, key: Key) -> tuple[str, emulator.Answer]:
        """Request the whole object, or validate the cached one, and cache the answer."""
        distribution, behaviour, stale = exchange.distribution, exchange.behaviour, self.cache.get(key)
        bare = {name: value for name, value in exchange.headers.items() if name not in _CONDITIONS}
        if stale is not None and stale.origin_tag:
            bare["if-none-match"] = stale.origin_tag
        x_cache, answer = await self._from_origin(replace(exchange, headers=bare))
        status, headers, body = answer
        now = self.cache.clock()
        if stale is not None and status == 304:
            seconds = fresh_seconds(stale.status, {**stale.headers, **headers}, behaviour.rules, 0, now)
            return _REFRESHED, self._served(self.cache.renew(key, stale, seconds))
        if stale is not None and status >= 500 and stale.status < 400:
            # Developer guide, "How CloudFront processes errors": an expired object is served while the origin fails.
            return _HIT, self._served(self.cache.renew(key, stale, distribution.error_seconds(status)))
        tag = headers.get("etag")
        if behaviour.compress and key.encodings and is_compressible(status, headers, body):
            headers, body = compress(key.encodings[0], headers, body)
        seconds = fresh_seconds(status, headers, behaviour.rules, distribution.error_seconds(status), now)
        if seconds > 0:
            kept = CachedAnswer(
                status=status, headers=headers, body=body, stored=now, fresh_until=now + seconds, origin_tag=tag
            )
            self.cache.put(key, kept)
        return x_cache, (status, headers, body)

    async def _from_origin(self, exchange: Exchange) -> tuple[str, emulator.Answer]:
        distribution, behaviour = exchange.distribution, exchange.behaviour
        found = distribution.origins(behaviour)
        if not found:
            return _ERROR, emulator.error_page(
                502, "The behavior names an origin that the distribution has not.", _ERROR
            )
        for origin in found:
            answer = await self._request_origin(origin, exchange)
            # Developer guide, "Optimize high availability with CloudFront origin failover".
            if exchange.method not in _FAIL_OVER or not distribution.fails_over(behaviour, answer[0]):
                break
        status, headers, body = answer
        kept = emulator.without_hop_by_hop(emulator.by_name(headers.items()))
        if page := distribution.parsed["custom_error_responses"].get(status):
            return _ERROR, await _error_page(exchange, page, (status, kept, body))
        return (_MISS if status < 400 else _ERROR), (status, kept, body)

    async def _request_origin(self, origin: emulator.Record, exchange: Exchange) -> emulator.Answer:
        """Request from one origin; if it does not answer, give CloudFront's own error."""
        try:
            sent = replace(exchange, headers=headers_for_origin(exchange), query_string=query_for_origin(exchange))
            seconds = answer_seconds(origin.get("read_timeout", 30), clock_factor=self._context.clock_factor)
            return await fetch(origin | {"read_timeout": seconds}, sent)
        except emulator.OriginTimeout:
            return emulator.error_page(504, "CloudFront wasn't able to connect to the origin in time.", _ERROR)
        except emulator.OriginUnreachable as error:
            logger.warning("distribution %s: %s", exchange.distribution.id, error)
            return emulator.error_page(502, "CloudFront wasn't able to connect to the origin.", _ERROR)


async def _error_page(exchange: Exchange, page: emulator.Record, answer: emulator.Answer) -> emulator.Answer:
    """Give the page that the distribution shows for an error; the error itself where there is no such page."""
    distribution, path = exchange.distribution, page["page"]
    behaviour = distribution.behaviour(path)
    request = Exchange(
        distribution=distribution, behaviour=behaviour, method="GET", uri=path, query_string="", query={}, headers={}
    )
    origins = distribution.origins(behaviour)
    if not origins:
        return answer
    try:
        status, headers, body = await fetch(origins[0], request)
    except (emulator.OriginTimeout, emulator.OriginUnreachable):
        return answer
    if status >= 400:
        return answer
    return int(page["response_code"]), emulator.without_hop_by_hop(headers), body


def _exchange(distribution: Distribution, request: HttpRequest, address: Address) -> Exchange:
    path, _, query = request.target.partition("?")
    root = distribution.parsed["default_root_object"]
    uri = f"/{root}" if root and path == "/" else path
    return Exchange(
        distribution=distribution,
        behaviour=distribution.behaviour(unquote(uri)),
        method=request.method,
        uri=uri,
        query_string=query,
        query=parse_qs(query, keep_blank_values=True),
        headers=incoming(request.headers, address),
        body=request.body,
        client=request.client,
    )


def _refusal(distribution: Distribution | None, host: str) -> HttpResponse:
    if distribution is not None and not distribution.enabled:
        reason = "The distribution is disabled."
    else:
        reason = f"Bad request. No distribution here answers for {host or 'a request without a host'!r}."
    return _own_answer(403, reason)


def _own_answer(status: int, reason: str) -> HttpResponse:
    status, headers, body = emulator.error_page(status, reason, _ERROR)
    return HttpResponse(status=status, headers=tuple((name, str(value)) for name, value in headers.items()), body=body)
