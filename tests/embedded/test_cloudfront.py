"""The edge: what a browser gets from a distribution's loopback address, and what the origins hear of it."""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
import urllib3

from tests.support.embedded.running_service import RunningService, control
from tests.support.embedded.server import EmbeddedAws
from tests.support.http_server import serving
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

_HTTP = urllib3.PoolManager(retries=False)
_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
_BUCKET = "pages-of-the-edge"
_PAGE = b"<!doctype html><title>page</title>" + b"<p>more words than a kilobyte</p>" * 60
_FUNCTION = b"""
function handler(event) {
  const request = event.request;
  if (request.uri === '/old') {
    return { statusCode: 301, statusDescription: 'Moved', headers: { location: { value: '/new' } } };
  }
  if (request.uri === '/throws') { throw new Error('on purpose'); }
  if (!/\\.[a-z]+$/.test(request.uri)) { request.uri = '/index.html'; }
  return request;
}
"""


class Api:
    """An origin that remembers what it heard and answers as it is told."""

    def __init__(self) -> None:
        self.port = 0
        self.heard: list[dict[str, str]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/health":
                    self.send_response(200)
                    self.send_header("content-length", "0")
                    self.end_headers()
                    return
                length = int(self.headers.get("content-length") or 0)
                said = {name.lower(): value for name, value in self.headers.items()}
                api.heard.append({**said, ":method": self.command, ":path": self.path})
                body = json.dumps({"body": self.rfile.read(length).decode(), "n": len(api.heard)}).encode()
                self.send_response(api.status)
                for name, value in {"content-type": "application/json", **api.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the base class calls it by the method's name

        self.handler = Handler


class Site:
    """A distribution with a bucket of pages and the API of a load balancer."""

    def __init__(self, server: EmbeddedAws, balancer: str) -> None:
        self.server = server
        session = server.session()
        self.cloudfront: Any = session.client("cloudfront")
        self.s3: Any = session.client("s3")
        self.s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
        self.s3.put_bucket_policy(Bucket=_BUCKET, Policy=json.dumps(_policy()))
        self.control = self.cloudfront.create_origin_access_control(
            OriginAccessControlConfig={
                "Name": "pages",
                "SigningProtocol": "sigv4",
                "SigningBehavior": "always",
                "OriginAccessControlOriginType": "s3",
            }
        )["OriginAccessControl"]["Id"]
        self.headers_policy = self._make_headers_policy()
        self.function = self._make_function()
        self.balancer = balancer
        configuration: Any = self.configuration()
        made = self.cloudfront.create_distribution(DistributionConfig=configuration)["Distribution"]
        self.id, self.domain = made["Id"], made["DomainName"]

    def _make_headers_policy(self) -> str:
        config = {
            "Name": "security",
            "SecurityHeadersConfig": {
                "ContentSecurityPolicy": {"Override": False, "ContentSecurityPolicy": "default-src 'self'"},
                "FrameOptions": {"Override": True, "FrameOption": "DENY"},
            },
        }
        made = self.cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=config)
        policy_id: str = made["ResponseHeadersPolicy"]["Id"]
        return policy_id

    def _make_function(self) -> str:
        made = self.cloudfront.create_function(
            Name="single-page",
            FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
            FunctionCode=_FUNCTION,
        )
        self.cloudfront.publish_function(Name="single-page", IfMatch=made["ETag"])
        arn: str = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
        return arn

    def configuration(self, **changed: Any) -> dict[str, Any]:
        pages = {
            "TargetOriginId": "pages",
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
            "Compress": True,
            "CachePolicyId": _OPTIMIZED,
            "ResponseHeadersPolicyId": self.headers_policy,
            "FunctionAssociations": {
                "Quantity": 1,
                "Items": [{"EventType": "viewer-request", "FunctionARN": self.function}],
            },
        }
        methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
        api = {
            "TargetOriginId": "api",
            "ViewerProtocolPolicy": "https-only",
            "AllowedMethods": {"Quantity": 7, "Items": methods},
            "Compress": False,
            "CachePolicyId": _DISABLED,
            "OriginRequestPolicyId": _ALL_VIEWER,
            "ResponseHeadersPolicyId": self.headers_policy,
        }
        cached = api | {"CachePolicyId": _OPTIMIZED, "OriginRequestPolicyId": "", "Compress": True}
        del cached["OriginRequestPolicyId"]
        behaviours = [
            {**cached, "PathPattern": "/api/cached*"},
            {**api, "PathPattern": "/api/*"},
            {**api, "PathPattern": "/graphql"},
        ]
        return {
            "CallerReference": "site",
            "Comment": "site",
            "Enabled": True,
            "DefaultRootObject": "index.html",
            "Origins": {"Quantity": 2, "Items": [self._pages_origin(), self._api_origin()]},
            "DefaultCacheBehavior": pages,
            "CacheBehaviors": {"Quantity": 3, "Items": behaviours},
            **changed,
        }

    def _pages_origin(self) -> dict[str, Any]:
        return {
            "Id": "pages",
            "DomainName": f"{_BUCKET}.s3.ap-northeast-1.amazonaws.com",
            "OriginAccessControlId": self.control,
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }

    def _api_origin(self) -> dict[str, Any]:
        return {
            "Id": "api",
            "DomainName": self.balancer,
            "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Origin-Secret", "HeaderValue": "month"}]},
            "CustomOriginConfig": {"HTTPPort": 9000, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
        }

    def update(self, **changed: Any) -> None:
        tag = self.cloudfront.get_distribution_config(Id=self.id)["ETag"]
        self.cloudfront.update_distribution(Id=self.id, IfMatch=tag, DistributionConfig=self.configuration(**changed))

    def put(self, key: str, body: bytes, **more: Any) -> None:
        self.s3.put_object(Bucket=_BUCKET, Key=key, Body=body, **more)

    def invalidate(self, *paths: str) -> None:
        batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": str(threading.get_ident())}
        batch["CallerReference"] = (
            f"{paths}{len(self.cloudfront.list_invalidations(DistributionId=self.id))}{id(batch)}"
        )
        self.cloudfront.create_invalidation(DistributionId=self.id, InvalidationBatch=batch)

    @property
    def url(self) -> str:
        described = control(self.server, "GET", "distributions")
        return str(next(one["url"] for one in described if one["id"] == self.id))

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return _HTTP.request(method, self.url + path, body=body, headers=named, redirect=False, decode_content=False)


def _policy() -> dict[str, Any]:
    principal = {"Service": "cloudfront.amazonaws.com"}
    condition = {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::000000000000:distribution/*"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": principal,
                "Action": action,
                "Resource": resource,
                "Condition": condition,
            }
            for action, resource in (
                ("s3:GetObject", f"arn:aws:s3:::{_BUCKET}/*"),
                ("s3:ListBucket", f"arn:aws:s3:::{_BUCKET}"),
            )
        ],
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    server = EmbeddedAws(tmp_path_factory.mktemp("cloudfront"), options=("--clock-factor", "60"))
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def running_api() -> Iterator[Api]:
    api = Api()
    with serving(api.handler) as server:
        api.port = server.server_port
        yield api


@pytest.fixture(scope="module")
def site(server: EmbeddedAws, running_api: Api) -> Site:
    service = RunningService(server, "edge")
    service.elb.register_targets(TargetGroupArn=service.green, Targets=[{"Id": "127.0.0.1", "Port": running_api.port}])
    balancer = service.elb.describe_load_balancers(LoadBalancerArns=[service.load_balancer])["LoadBalancers"][0]
    site = Site(server, balancer["DNSName"])
    wait_for(lambda: site.ask("/api/x").status == 200 and bool(running_api.heard))
    return site


@pytest.fixture
def api(running_api: Api) -> Api:
    running_api.heard.clear()
    running_api.status = 200
    running_api.headers = {}
    return running_api


def test_the_root_and_a_deep_link_show_the_page_and_files_show_themselves(site: Site) -> None:
    site.put("index.html", _PAGE, ContentType="text/html")
    site.put("assets/logo.svg", b"<svg/>", ContentType="image/svg+xml")

    assert site.ask("/").data == _PAGE
    assert site.ask("/routes/7/edit?x=1").data == _PAGE
    logo = site.ask("/assets/logo.svg")
    assert (logo.status, logo.data, logo.headers["content-type"]) == (200, b"<svg/>", "image/svg+xml")


def test_the_cache_serves_until_an_invalidation_names_the_path(site: Site) -> None:
    site.put("a.txt", b"one", CacheControl="max-age=600")
    assert site.ask("/a.txt").headers["x-cache"] == "Miss from cloudfront"
    site.put("a.txt", b"two")

    cached = site.ask("/a.txt")
    assert (cached.data, cached.headers["x-cache"]) == (b"one", "Hit from cloudfront")
    assert int(cached.headers["age"]) >= 0
    site.invalidate("/b*", "/a.tx")
    assert site.ask("/a.txt").data == b"one"
    site.invalidate("/a.t*")
    assert site.ask("/a.txt").data == b"two"


def test_what_expired_is_asked_for_by_its_tag(site: Site) -> None:
    site.put("c.txt", b"same", CacheControl="no-cache")
    assert site.ask("/c.txt").headers["x-cache"] == "Miss from cloudfront"

    # The policy keeps it for a second, whatever the file says.
    wait_for(lambda: site.ask("/c.txt").headers["x-cache"] == "RefreshHit from cloudfront")


@pytest.mark.parametrize(
    ("accepts", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("deflate", None)]
)
def test_pages_are_compressed_as_the_viewer_accepts(site: Site, accepts: str, encoding: str | None) -> None:
    site.put("index.html", _PAGE, ContentType="text/html; charset=utf-8")
    site.invalidate("/*")

    answer = site.ask("/", accept_encoding=accepts)

    assert answer.headers.get("content-encoding") == encoding
    decoded = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding](answer.data)
    assert decoded == _PAGE
    assert int(answer.headers["content-length"]) == len(answer.data)
    if encoding:
        assert len(answer.data) < len(_PAGE)
        assert answer.headers["etag"].startswith('W/"')
        again = site.ask("/", accept_encoding=accepts, if_none_match=answer.headers["etag"])
        assert (again.status, again.data) == (304, b"")


def test_small_files_and_pictures_are_not_compressed(site: Site) -> None:
    site.put("small.css", b"a" * 999, ContentType="text/css")
    site.put("photo.png", b"a" * 2000, ContentType="image/png")
    site.put("packed.js", gzip.compress(b"b" * 5000), ContentType="text/javascript", ContentEncoding="gzip")

    assert "content-encoding" not in site.ask("/small.css", accept_encoding="gzip, br").headers
    assert "content-encoding" not in site.ask("/photo.png", accept_encoding="gzip, br").headers
    packed = site.ask("/packed.js", accept_encoding="br")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.data) == b"b" * 5000


def test_head_requests_and_byte_ranges(site: Site) -> None:
    site.put("movie.bin", b"0123456789", ContentType="application/octet-stream")
    for _ in range(2):  # from the origin, then from the cache
        head = site.ask("/movie.bin", "HEAD")
        assert (head.status, head.data, head.headers["content-length"]) == (200, b"", "10")
        part = site.ask("/movie.bin", range="bytes=2-4")
        assert (part.status, part.data, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
        assert site.ask("/movie.bin", range="bytes=-3").data == b"789"
        assert site.ask("/movie.bin", range="bytes=20-").status == 416
        site.ask("/movie.bin")


def test_a_missing_file_is_404_because_the_distribution_may_list(site: Site) -> None:
    missing = site.ask("/nothing.css")
    assert (missing.status, missing.headers["x-cache"]) == (404, "Error from cloudfront")
    assert b"NoSuchKey" in missing.data


def test_the_bucket_refuses_whoever_does_not_sign_with_access_control(site: Site) -> None:
    site.put("secret.txt", b"for the distribution")
    unsigned = site.configuration()
    unsigned["Origins"]["Items"][0]["OriginAccessControlId"] = ""
    site.update(Origins=unsigned["Origins"])
    try:
        refused = site.ask("/secret.txt")
    finally:
        site.update()

    assert (refused.status, b"AccessDenied" in refused.data) == (403, True)
    assert site.ask("/secret.txt").data == b"for the distribution"


def test_a_path_cannot_climb_out_of_what_the_policy_allows(site: Site) -> None:
    policy = _policy()
    policy["Statement"].append(
        {
            "Effect": "Deny",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{_BUCKET}/.publications/*",
        }
    )
    site.put(".publications/one.json", b"{}")
    site.s3.put_bucket_policy(Bucket=_BUCKET, Policy=json.dumps(policy))
    try:
        for path in ("/.publications/one.json", "/%2epublications/one.json", "/.publications%2Fone.json"):
            assert site.ask(path).status == 403, path
    finally:
        site.s3.put_bucket_policy(Bucket=_BUCKET, Policy=json.dumps(_policy()))


def test_the_function_can_answer_and_its_failure_is_503(site: Site) -> None:
    moved = site.ask("/old")
    assert (moved.status, moved.headers["location"]) == (301, "/new")
    assert moved.headers["x-cache"] == "FunctionGeneratedResponse from cloudfront"
    failed = site.ask("/throws")
    assert (failed.status, failed.headers["x-cache"]) == (503, "FunctionExecutionError from cloudfront")


def test_security_headers_are_added_and_the_apis_own_ones_kept(site: Site, api: Api) -> None:
    page = site.ask("/")
    assert page.headers["content-security-policy"] == "default-src 'self'"
    assert page.headers["x-frame-options"] == "DENY"
    api.headers = {"content-security-policy": "default-src 'none'", "x-frame-options": "SAMEORIGIN"}
    answer = site.ask("/api/x")
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["x-frame-options"] == "DENY"


def test_the_api_gets_the_headers_that_it_gets_on_aws(site: Site, api: Api) -> None:
    answer = site.ask(
        "/graphql?q=%20a&q=b",
        "POST",
        b"{}",
        content_type="application/json",
        cookie='session=1; flag; session=2; seen={"a":1}',
        origin=site.url,
        x_forwarded_proto="http",
    )

    assert (answer.status, json.loads(answer.data)["body"]) == (200, "{}")
    (heard,) = api.heard
    assert (heard[":method"], heard[":path"]) == ("POST", "/graphql?q=%20a&q=b")
    assert heard["host"] == f"{site.domain}:9000"  # a load balancer adds the port of its listener
    assert heard["origin"] == f"https://{site.domain}"
    assert heard["cookie"] == 'session=1; flag; session=2; seen={"a":1}'
    assert heard["content-type"] == "application/json"
    assert heard["x-forwarded-for"].startswith("127.0.0.1")
    assert heard["x-forwarded-proto"] == "http"  # as the load balancer says of its own listener
    assert heard["x-origin-secret"] == "month"
    assert "cloudfront" in heard["via"]
    assert site.ask("/api/x", origin="https://elsewhere.example").status == 200
    assert api.heard[-1]["origin"] == "https://elsewhere.example"


def test_answers_lead_back_to_the_loopback_address(site: Site, api: Api) -> None:
    api.headers = {
        "location": f"https://{site.domain}/after",
        "access-control-allow-origin": f"https://{site.domain}",
        "set-cookie": f"session=1; Domain={site.domain}; Secure; HttpOnly",
    }
    answer = site.ask("/api/x")

    assert answer.headers["location"] == f"{site.url}/after"
    assert answer.headers["access-control-allow-origin"] == site.url
    assert answer.headers["set-cookie"] == "session=1; Secure; HttpOnly"


def test_what_the_policy_disables_is_never_cached(site: Site, api: Api) -> None:
    for n in (1, 2):
        assert json.loads(site.ask("/api/x").data)["n"] == n
    api.status = 503
    assert site.ask("/api/x").status == 503
    api.status = 200
    assert site.ask("/api/x").status == 200


def test_errors_are_cached_for_as_long_as_the_distribution_says(site: Site, api: Api) -> None:
    for seconds, status in ((600, 404), (0, 200)):
        errors = {"Quantity": 1, "Items": [{"ErrorCode": 404, "ErrorCachingMinTTL": seconds}]}
        site.update(CustomErrorResponses=errors)
        site.invalidate("/*")
        api.status = 404
        site.ask("/api/cached-error")
        api.status = 200
        assert site.ask("/api/cached-error").status == status
    site.update()


def test_a_page_is_shown_in_place_of_an_error(site: Site) -> None:
    site.put("index.html", _PAGE, ContentType="text/html")
    item = {"ErrorCode": 404, "ResponsePagePath": "/index.html", "ResponseCode": "200", "ErrorCachingMinTTL": 0}
    site.update(CustomErrorResponses={"Quantity": 1, "Items": [item]})
    try:
        shown = site.ask("/nowhere.css")
        assert (shown.status, shown.data) == (200, _PAGE)
    finally:
        site.update()


def test_a_stale_file_outlives_a_failing_origin_and_queries_share_an_entry(site: Site, api: Api) -> None:
    api.headers = {"cache-control": "no-cache"}

    def answers() -> list[str]:
        return [site.ask(f"/api/cached-stale?a={n}").headers["x-cache"] for n in (1, 2)]

    wait_for(lambda: answers()[1] == "Hit from cloudfront")  # both within the second that it is kept
    api.status = 500
    before = len(api.heard)

    def asked_again() -> bool:
        answer = site.ask("/api/cached-stale?a=1")
        assert answer.status == 200
        return len(api.heard) > before

    wait_for(asked_again)


def test_methods_that_a_behaviour_does_not_allow_are_refused(site: Site) -> None:
    refused = site.ask("/index.html", "POST", b"x")
    assert refused.status == 403
    assert b"not configured to allow the HTTP request method" in refused.data


def test_a_get_with_a_body_and_what_is_too_long_are_refused(site: Site, api: Api) -> None:
    assert site.ask("/api/search", "GET", b'{"query": "alps"}').status == 403
    assert site.ask("/api/" + "a" * 8_200).status == 413
    assert site.ask("/api/search", cookie="a" * 33_000).status == 413
    assert site.ask("/api/search", cookie="a=" + "b" * 17_000).status == 400  # by the load balancer
    assert not api.heard


def test_a_listener_with_a_certificate_is_reached_and_a_port_without_a_listener_is_502(
    site: Site, server: EmbeddedAws, api: Api
) -> None:
    elb: Any = server.session().client("elbv2")
    (balancer,) = elb.describe_load_balancers(Names=["edge"])["LoadBalancers"]
    (green,) = elb.describe_target_groups(Names=["edge-green"])["TargetGroups"]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": "arn:aws:acm:ap-northeast-1:000000000000:certificate/x"}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": green["TargetGroupArn"]}],
    )
    for port, status in ((443, 200), (8443, 502)):
        by_tls = site.configuration()
        by_tls["Origins"]["Items"][1]["CustomOriginConfig"] = {
            "HTTPPort": 80,
            "HTTPSPort": port,
            "OriginProtocolPolicy": "https-only",
        }
        site.update(Origins=by_tls["Origins"])
        try:
            assert site.ask("/api/x").status == status
        finally:
            site.update()
    assert api.heard[-1]["x-forwarded-proto"] == "https"


def test_an_unreachable_origin_is_502(site: Site) -> None:
    dead = site.configuration()
    dead["Origins"]["Items"][1] |= {
        "DomainName": "localhost",
        "CustomOriginConfig": {"HTTPPort": 1, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
    }
    site.update(Origins=dead["Origins"])
    try:
        assert site.ask("/api/x").status == 502
    finally:
        site.update()


def test_another_name_is_refused_as_by_a_page_that_rebinds_its_name(site: Site) -> None:
    assert site.ask("/", host="attacker.example").status == 403
    assert site.ask("/", host=f"localhost:{urlsplit(site.url).port}").status == 200
    assert site.ask("/", host=site.domain).status == 200


def test_a_disabled_distribution_answers_nobody(site: Site) -> None:
    site.update(Enabled=False)
    try:
        assert site.ask("/").status == 403
    finally:
        site.update()


def test_the_address_is_the_one_after_the_endpoints_and_stays(new_embedded_aws: Any) -> None:
    server = new_embedded_aws()
    server.start()
    client: Any = server.session().client("cloudfront")
    first = _smallest(client, "one")
    (described,) = control(server, "GET", "distributions")
    assert described == {
        "id": first["Id"],
        "domain_name": first["DomainName"],
        "aliases": [],
        "enabled": True,
        "url": f"http://127.0.0.1:{server.port + 1}",
    }
    server.end()
    server.start()
    assert control(server, "GET", "distributions") == [described]

    tag = client.get_distribution_config(Id=first["Id"])["ETag"]
    config = client.get_distribution_config(Id=first["Id"])["DistributionConfig"] | {"Enabled": False}
    tag = client.update_distribution(Id=first["Id"], IfMatch=tag, DistributionConfig=config)["ETag"]
    client.delete_distribution(Id=first["Id"], IfMatch=tag)
    assert control(server, "GET", "distributions") == []
    _smallest(client, "two")
    (next_month,) = control(server, "GET", "distributions")
    assert next_month["url"] == described["url"]


def _smallest(client: Any, reference: str) -> Any:
    origin = {
        "Id": "o",
        "DomainName": "localhost",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
    }
    behaviour = {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": _DISABLED}
    config = {
        "CallerReference": reference,
        "Comment": reference,
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }
    return client.create_distribution(DistributionConfig=config)["Distribution"]
