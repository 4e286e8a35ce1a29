"""The parts of a viewer's request that the origin gets, and those in the cache key."""

from urllib.parse import quote, urlencode

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.cache import Key
from embedded_aws.cloudfront.compression import encodings
from embedded_aws.cloudfront.functions import Exchange

# Developer guide, "How CloudFront processes requests": always forwarded.
_ALWAYS_FORWARDED = frozenset(
    {"if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range", "x-forwarded-for"}
)
_HANDLED_APART = frozenset({"accept-encoding", "content-length", "cookie", "host", "user-agent"})
_AGENT = "Amazon CloudFront"


def wanted_encodings(exchange: Exchange) -> tuple[str, ...]:
    """Give the encodings that the viewer accepts and the cache distinguishes."""
    rules = exchange.behaviour.rules
    accepted = str(exchange.headers.get("accept-encoding", ""))
    return encodings(accepted, gzip_kept=rules.gzip, brotli_kept=rules.brotli)


def cache_key(exchange: Exchange) -> Key:
    """Give the cache key of a request."""
    header, cookie, parameter = emulator.in_cache_key(exchange.behaviour.record)
    rest = [(f"header {name}", value) for name, value in exchange.headers.items() if header(name) and name != "cookie"]
    cookies = emulator.cookies(exchange.headers.get("cookie", ""))
    rest += [(f"cookie {name}", field["value"]) for name, field in cookies.items() if cookie(name)]
    rest += [(f"query {name}", value) for name, values in exchange.query.items() if parameter(name) for value in values]
    return Key(
        distribution=exchange.distribution.id,
        path=exchange.uri,
        rest=tuple(sorted(rest)),
        encodings=wanted_encodings(exchange),
    )


def headers_for_origin(exchange: Exchange) -> emulator.Record:
    """Give the viewer's headers that the origin gets, with those that CloudFront adds by policy."""
    header, cookie, _ = emulator.forwarded(exchange.behaviour.record)
    sent = {
        name: value
        for name, value in exchange.headers.items()
        if name not in _HANDLED_APART and (header(name) or name in _ALWAYS_FORWARDED)
    }
    sent["user-agent"] = exchange.headers.get("user-agent", _AGENT) if header("user-agent") else _AGENT
    if header("host"):
        sent["host"] = exchange.headers["host"]
    cookies = emulator.cookies(exchange.headers.get("cookie", ""))
    kept = [f"{name}={field['value']}" for name, field in cookies.items() if cookie(name)]
    if kept:
        sent["cookie"] = "; ".join(kept)
    if accepted := wanted_encodings(exchange):
        sent["accept-encoding"] = ",".join(accepted)
    elif header("accept-encoding") and "accept-encoding" in exchange.headers:
        sent["accept-encoding"] = exchange.headers["accept-encoding"]
    return sent | _added(exchange)


def query_for_origin(exchange: Exchange) -> str:
    """Give the query string that the origin gets: unchanged where all of it is forwarded."""
    _, _, parameter = emulator.forwarded(exchange.behaviour.record)
    if all(parameter(name) for name in exchange.query):
        return exchange.query_string
    pairs = [(name, value) for name, values in exchange.query.items() if parameter(name) for value in values]
    return urlencode(pairs, quote_via=quote)


def _added(exchange: Exchange) -> emulator.Record:
    """Give CloudFront's own request headers that a policy names (developer guide, "Add CloudFront request headers")."""
    behaviour = exchange.behaviour.record
    cached = (emulator.cache_policy(behaviour.get("cache_policy_id") or "") or {}).get("Parameters") or {}
    forwarded = emulator.origin_request_policy(behaviour.get("origin_request_policy_id")) or {}
    named = [*(cached.get("Headers") or []), *(forwarded.get("Headers") or [])]
    known = {
        "cloudfront-forwarded-proto": "https",
        "cloudfront-viewer-address": f"{exchange.client}:0",
        "cloudfront-viewer-http-version": "1.1",
    }
    return {name.lower(): known[name.lower()] for name in named if name.lower() in known}
