"""Origins: a bucket by its policy, a load balancer of this machine, or any other server."""

import asyncio
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import parse_qs, quote, unquote_plus, urlencode

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.cache import Key
from embedded_aws.cloudfront.delivery import encodings
from embedded_aws.cloudfront.distribution import Distribution
from embedded_aws.cloudfront.functions import Exchange
from embedded_aws.core.http import HttpRequest, header_pairs
from embedded_aws.s3 import emulator as s3

# Developer guide, "How CloudFront processes requests": always forwarded.
_ALWAYS_FORWARDED = frozenset(
    {"if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range", "x-forwarded-for"}
)
_HANDLED_APART = frozenset({"accept-encoding", "content-length", "cookie", "host", "user-agent"})
_AGENT = "Amazon CloudFront"
_MOST_ALIASES: Final = 8
_SIGNS_ALWAYS = ("always", "no-override")


def _wanted_encodings(exchange: Exchange) -> tuple[str, ...]:
    """Give the encodings that the viewer accepts and the cache distinguishes."""
    rules = exchange.behaviour.rules
    accepted = str(exchange.headers.get("accept-encoding", ""))
    return encodings(accepted, gzip_kept=rules.gzip, brotli_kept=rules.brotli)


def cache_key(exchange: Exchange) -> Key:
    """Give the cache key of a request."""
    header, cookie, parameter = emulator.in_cache_key(exchange.behaviour.record)
    fields = [(f"header {name}", it) for name, it in exchange.headers.items() if header(name) and name != "cookie"]
    cookies = emulator.cookies(exchange.headers.get("cookie", ""))
    fields += [(f"cookie {name}", field["value"]) for name, field in cookies.items() if cookie(name)]
    fields += [(f"query {name}", it) for name, values in exchange.query.items() if parameter(name) for it in values]
    return Key(
        distribution=exchange.distribution.id,
        path=exchange.uri,
        rest=tuple(sorted(fields)),
        encodings=_wanted_encodings(exchange),
    )


def headers_for_origin(exchange: Exchange) -> emulator.Record:
    """Give the viewer's headers that the origin gets, with those that CloudFront adds by policy."""
    header, cookie, _ = emulator.forwarded(exchange.behaviour.record)
    headers = {
        name: value
        for name, value in exchange.headers.items()
        if name not in _HANDLED_APART and (header(name) or name in _ALWAYS_FORWARDED)
    }
    headers["user-agent"] = exchange.headers.get("user-agent", _AGENT) if header("user-agent") else _AGENT
    if header("host"):
        headers["host"] = exchange.headers["host"]
    sent = exchange.headers.get("cookie", "")
    cookies = emulator.cookies(sent)
    # Where all are forwarded, also those without a name, and of several with one name each.
    if not all(cookie(name) for name in ("", *cookies)):
        sent = "; ".join(f"{name}={field['value']}" for name, field in cookies.items() if cookie(name))
    if sent:
        headers["cookie"] = sent
    if accepted := _wanted_encodings(exchange):
        headers["accept-encoding"] = ",".join(accepted)
    elif header("accept-encoding") and "accept-encoding" in exchange.headers:
        headers["accept-encoding"] = exchange.headers["accept-encoding"]
    return headers | _added(exchange)


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
    header_names = [*(cached.get("Headers") or []), *(forwarded.get("Headers") or [])]
    known = {
        "cloudfront-forwarded-proto": "https",
        "cloudfront-viewer-address": f"{exchange.client}:0",
        "cloudfront-viewer-http-version": "1.1",
    }
    return {name.lower(): known[name.lower()] for name in header_names if name.lower() in known}


def load_balancer_of(name: str) -> emulator.Record | None:
    """Give the load balancer of a DNS name, directly or by records of a hosted zone; none for other names.

    Raises:
        OriginUnreachable: a hosted zone is responsible for the name and has no such record.
    """
    for _ in range(_MOST_ALIASES):
        balancer = emulator.load_balancer_at(name)
        if balancer is not None:
            return balancer
        targets = emulator.addresses_of(name)
        if targets is None:
            return None
        if not targets:
            raise emulator.OriginUnreachable(f"CloudFront wasn't able to resolve the origin domain name {name}")
        name = targets[0]
    raise emulator.OriginUnreachable(f"{name} is an alias of itself")


def check_certificate(listener: emulator.Record, *, origin: str, host: str) -> None:
    """Check that a listener's certificate is for the origin's name or for the host that CloudFront forwards.

    (CloudFront developer guide, "HTTP 502 status code (Bad Gateway)", on certificates.) A certificate that ACM here
    does not have is accepted.

    Raises:
        OriginUnreachable: the certificate is for another name, or the listener has none.
    """
    if listener.get("Protocol") != "HTTPS":
        raise emulator.OriginUnreachable(f"{origin} does not speak TLS on port {listener.get('Port')}")
    names = [name for arn in listener.get("Certificates") or [] for name in emulator.certified_names(arn)]
    if names and not any(covers(name, wanted) for name in names for wanted in (origin, host)):
        raise emulator.OriginUnreachable(f"the certificate of {origin} is for {', '.join(names)}")


def covers(name: str, wanted: str) -> bool:
    """Whether a certificate's name covers a host name; a star matches one label."""
    return fnmatchcase(wanted.lower(), name.lower()) and wanted.count(".") == name.count(".")


async def fetch(origin: emulator.Record, exchange: Exchange) -> emulator.Answer:
    """Send a request to an origin, with the headers and query that it gets; gives status, headers by name, and body.

    Raises:
        OriginUnreachable: it cannot be reached.
        OriginTimeout: it does not answer in time.
    """
    if origin.get("s3_bucket"):
        status, found, content = _from_bucket(origin, exchange)
        return status, emulator.by_name(found.items()), content
    balancer = load_balancer_of(origin["domain_name"])
    if balancer is not None:
        return await _from_balancer(balancer, origin, exchange)
    return await emulator.fetch_custom_origin(
        origin,
        exchange.method,
        exchange.uri,
        exchange.query_string,
        dict(exchange.headers),
        exchange.body,
        exchange.client,
    )


def _path(origin: emulator.Record, exchange: Exchange) -> str:
    return (origin.get("origin_path") or "") + exchange.uri


def _from_bucket(origin: emulator.Record, exchange: Exchange) -> emulator.Answer:
    """Request from S3, which decides by the bucket's policy: 404 for a missing object only for callers who may list."""
    # S3 reads a plus sign in a URL as a space (rust-lang/crates.io #4891 measured it behind CloudFront).
    bucket, key = origin["s3_bucket"], unquote_plus(_path(origin, exchange)).removeprefix("/")
    signer = _signer(exchange.distribution, origin)
    denied = s3.error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")
    if not emulator.bucket_policy_allows(bucket, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", signer):
        return denied
    kept = {name: value for name, value in exchange.headers.items() if name.startswith("if-") or name == "range"}
    try:
        found = emulator.get_object(bucket, key, exchange.method, kept)
    except LookupError:
        return s3.error("NoSuchBucket", "The specified bucket does not exist", 404, f"/{bucket}")
    if found is not None:
        return found
    if emulator.bucket_policy_allows(bucket, "s3:ListBucket", f"arn:aws:s3:::{bucket}", signer):
        return s3.error("NoSuchKey", "The specified key does not exist.", 404, f"/{bucket}/{key}")
    return denied


def _signer(distribution: Distribution, origin: emulator.Record) -> str | None:
    """Give the distribution that signs requests, if it has an origin access control that exists and signs."""
    control = emulator.access_controls.get(origin.get("oac_id") or "")
    if control is None or control["SigningBehavior"] not in _SIGNS_ALWAYS:
        return None
    return str(distribution.record["ARN"])


async def _from_balancer(balancer: emulator.Record, origin: emulator.Record, exchange: Exchange) -> emulator.Answer:
    from embedded_aws.load_balancer import emulator as balancing
    from embedded_aws.load_balancer.addresses import refused_status

    port = emulator.origin_port(origin)
    arn = balancer["LoadBalancerArn"]
    listeners = list(balancing.listeners.values())
    listener = next((one for one in listeners if one["LoadBalancerArn"] == arn and int(one["Port"]) == port), None)
    if listener is None:
        raise emulator.OriginUnreachable(f"{balancer['DNSName']} has no listener on port {port}")
    if origin["protocol_policy"] == "https-only":
        check_certificate(listener, origin=origin["domain_name"], host=exchange.headers.get("host", ""))
    forwarded_for = exchange.headers.get("x-forwarded-for", "")
    sent = emulator.origin_headers(origin, exchange.headers, exchange.client, forwarded_for)
    fields = {name.lower(): str(value) for name, value in sent.items()}
    path, query = _path(origin, exchange), exchange.query_string
    asked = HttpRequest(method=exchange.method, target=f"{path}?{query}", headers=tuple(fields.items()))
    if refused := refused_status(balancer, asked):
        return refused, {"server": "awselb/2.0"}, b""
    answering = balancing.dispatch_request(
        balancer,
        exchange.method,
        path,
        fields,
        exchange.body,
        parse_qs(query, keep_blank_values=True),
        port,
        client_ip=exchange.client,
        raw_query_string=query,
        raw_path=path,
    )
    try:
        status, found, content = await asyncio.wait_for(answering, origin.get("read_timeout", 30))
    except TimeoutError as error:
        raise emulator.OriginTimeout(balancer["DNSName"]) from error
    return status, emulator.by_name(header_pairs(found)), content
