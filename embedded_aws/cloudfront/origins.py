"""Origins: a bucket by its policy, a load balancer of this machine, or any other server."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote_plus

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.distribution import Distribution
from embedded_aws.cloudfront.resolution import check_certificate, load_balancer_of
from embedded_aws.core.http import flat
from embedded_aws.s3 import emulator as s3

_SIGNS_ALWAYS = ("always", "no-override")


@dataclass(frozen=True, kw_only=True)
class OriginRequest:
    """A request to an origin."""

    method: str
    path: str  # without the query, and without the origin's own path
    query: str = ""
    headers: emulator.Record = field(default_factory=dict)  # by lower-case name
    body: bytes = b""
    client: str = "127.0.0.1"  # the viewer's address


async def fetch(distribution: Distribution, origin: emulator.Record, request: OriginRequest) -> emulator.Answer:
    """Send a request to an origin; gives status, headers by lower-case name, and body.

    Raises:
        OriginUnreachable: it cannot be reached.
        OriginTimeout: it does not answer in time.
    """
    if origin.get("s3_bucket"):
        status, found, content = _from_bucket(distribution, origin, request)
        return status, emulator.by_name(found.items()), content
    balancer = load_balancer_of(origin["domain_name"])
    if balancer is not None:
        return await _from_load_balancer(balancer, origin, request)
    return await emulator.fetch_custom_origin(
        origin, request.method, request.path, request.query, dict(request.headers), request.body, request.client
    )


def _path(origin: emulator.Record, request: OriginRequest) -> str:
    return (origin.get("origin_path") or "") + request.path


def _from_bucket(distribution: Distribution, origin: emulator.Record, request: OriginRequest) -> emulator.Answer:
    """Request from S3, which decides by the bucket's policy: 404 for a missing object only for callers who may list."""
    # S3 reads a plus sign in a URL as a space (rust-lang/crates.io #4891 measured it behind CloudFront).
    bucket, key = origin["s3_bucket"], unquote_plus(_path(origin, request)).removeprefix("/")
    signer = _signer(distribution, origin)
    denied = s3.error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")
    if not emulator.bucket_policy_allows(bucket, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", signer):
        return denied
    kept = {name: value for name, value in request.headers.items() if name.startswith("if-") or name == "range"}
    try:
        found = emulator.get_object(bucket, key, request.method, kept)
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
    arn: str = distribution.record["ARN"]
    return arn


async def _from_load_balancer(
    balancer: emulator.Record, origin: emulator.Record, request: OriginRequest
) -> emulator.Answer:
    from embedded_aws.load_balancer import emulator as balancing

    port = emulator.origin_port(origin)
    arn = balancer["LoadBalancerArn"]
    listeners = list(balancing.listeners.values())
    listener = next((one for one in listeners if one["LoadBalancerArn"] == arn and int(one["Port"]) == port), None)
    if listener is None:
        raise emulator.OriginUnreachable(f"{balancer['DNSName']} has no listener on port {port}")
    if origin["protocol_policy"] == "https-only":
        check_certificate(listener, origin=origin["domain_name"], host=request.headers.get("host", ""))
    forwarded_for = request.headers.get("x-forwarded-for", "")
    sent = emulator.origin_headers(origin, request.headers, request.client, forwarded_for)
    answering = balancing.dispatch_request(
        balancer,
        request.method,
        _path(origin, request),
        {name.lower(): value for name, value in sent.items()},
        request.body,
        parse_qs(request.query, keep_blank_values=True),
        port,
        client_ip=request.client,
        raw_query_string=request.query,
        raw_path=_path(origin, request),
    )
    try:
        status, found, content = await asyncio.wait_for(answering, origin.get("read_timeout", 30))
    except TimeoutError as error:
        raise emulator.OriginTimeout(balancer["DNSName"]) from error
    return status, emulator.by_name(flat(found)), content
