import asyncio

import pytest

from embedded_aws.core.http import HttpRequest, HttpResponse, send
from embedded_aws.core.request_guard import container_reason, dependency_reason, link_reason, refusal_reason
from embedded_aws.ecs.sample_containers import SampleService
from tests.support.waiting import LIMIT_SECONDS

SIGNED = ("Authorization", "AWS4-HMAC-SHA256 Credential=…")
HOST = ("Host", "127.0.0.1:4566")
TRACE = ("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678")
ORIGIN = ("Origin", "https://attacker.example")


@pytest.mark.parametrize(
    "headers",
    [
        (HOST,),
        (("host", "LocalHost:4566"), ("User-Agent", "aws-cli/1.44")),
        (("Host", "bucket.localhost:4566"), ("User-Agent", "aws-sdk-js/3.999 Mozilla")),
        (HOST, ("Sec-Fetch-Site", "none"), ("User-Agent", "Mozilla/5.0")),
        (HOST, ("Sec-Fetch-Site", " Same-Origin ")),
    ],
)
def test_clients_of_this_machine_pass(headers: tuple[tuple[str, str], ...]) -> None:
    assert refusal_reason(headers, port=4566) is None


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (HOST, HOST),
        (HOST, ("ORIGIN", "")),
        (HOST, ("Sec-Fetch-Site", "none"), ("sec-fetch-site", "cross-site")),
        (HOST, ("Sec-Fetch-Site", "")),
        (HOST, ("user-agent", " mozilla/4.0")),
        (("Host", "127.0.0.1:04567"),),
        (("Host", "127.0.0.1:4566\n"),),
        (("Host", "127.0.0.2:4566"),),
        (("Host", "[::1]:4566"),),
        (("Host", "localhost.:4566"),),
        (("Host", ".localhost:4566"),),
        (("Host", "user@localhost:4566"),),
        (("Host", "localhost:४५६६"),),
        (("Host", "\u017f.localhost:4566"),),
    ],
)
def test_everything_else_is_refused(headers: tuple[tuple[str, str], ...]) -> None:
    assert refusal_reason(headers, port=4566)


def test_port_80_need_not_be_named() -> None:
    assert refusal_reason([("Host", "localhost")], port=80) is None
    assert refusal_reason([("Host", "localhost:4566")], port=80)


@pytest.mark.parametrize(
    ("host", "others", "status"),
    [
        ("product.example", (ORIGIN, TRACE), 200),  # through the load balancer
        ("127.0.0.1", (), 200),
        ("127.0.0.1", (ORIGIN,), 403),
        ("attacker.example", (TRACE,), 403),  # its name leads to 127.0.0.1: no request to another site
    ],
)
def test_a_task_is_asked_by_browsers_through_its_load_balancer_only(
    host: str, others: tuple[tuple[str, str], ...], status: int
) -> None:
    service = SampleService(
        image="x",
        task_id="y",
        environment={},
        certificates=None,
        write_line=lambda _: None,
        faulty=lambda _: False,
    )

    async def ask() -> HttpResponse:
        port = await service.start()
        named = host if host == "product.example" else f"{host}:{port}"
        request = HttpRequest(method="POST", target="/", headers=(("Host", named), *others))
        response = await send("127.0.0.1", port, request, connect_seconds=LIMIT_SECONDS, idle_seconds=LIMIT_SECONDS)
        await service.stop()
        return response

    response = asyncio.run(ask())

    assert response.status == status
    assert (b'"image": "x"' in response.body) is (status == 200)


@pytest.mark.parametrize(
    ("headers", "query", "refused"),
    [
        ((HOST, ("Sec-Fetch-Site", "none")), b"Action=CreateStack", True),
        ((HOST, ("Sec-Fetch-Site", "none")), b"x=1&%41ction=CreateStack", True),
        ((HOST, ("Sec-Fetch-Mode", "navigate")), b"action=CreateStack", True),
        ((HOST, ("Sec-Fetch-Site", "none")), b"path=Action", False),
        # What npm, pip and git fetch for a foreign repository; an address may hold a name, a password and more words.
        ((HOST, ("User-Agent", "npm/11.6.0 node/v24.11.0 linux x64")), b"Action=CreateStack", True),
        ((HOST, ("Authorization", "Basic QVdTNDp4")), b"Action=CreateStack&X-Amz-Signature=0", True),
        # What Git LFS downloads, with the headers that the repository's server names.
        ((HOST, SIGNED), b"Action=CreateStack", True),
        ((HOST,), b"Action=GetCallerIdentity&Action=CreateStack", True),
        ((HOST,), b"Action=GetCallerIdentity&X-Amz-Signature=0", False),
        ((HOST,), b"Action=ConfirmSubscription&Token=0", False),
        ((("Host", "d1.cloudfront.localhost:4566"), ("Sec-Fetch-Site", "none")), b"Action=buy", False),
        ((("Host", "a.d1.cloudfront.localhost:4566"), ("Sec-Fetch-Site", "none")), b"Action=CreateStack", True),
        ((("Host", "d_1.cloudfront.localhost:4566"), ("Sec-Fetch-Site", "none")), b"Action=CreateStack", True),
    ],
)
def test_a_link_is_no_order(headers: tuple[tuple[str, str], ...], query: bytes, refused: bool) -> None:
    assert (link_reason("GET", headers, query) is not None) is refused


def test_a_signed_post_may_have_an_action_in_its_address() -> None:
    assert link_reason("POST", (HOST, SIGNED), b"Action=CreateStack") is None
    assert link_reason("POST", (HOST,), b"Action=CreateStack") is not None


@pytest.mark.parametrize(
    ("method", "path", "headers", "refused"),
    [
        ("POST", "/_ministack/reset", (HOST,), True),
        ("POST", "/2015-03-31/functions/f/invocations", (HOST, ("Authorization", "Bearer AWS4")), True),
        ("POST", "/2015-03-31/functions/f/invocations", (HOST, ("authorization", "AWS4-HMAC-SHA256 x")), False),
        ("POST", "//", (HOST,), True),
        ("POST", "/", (HOST,), False),
        ("POST", "/_hannibal/faults", (HOST,), False),
        ("POST", "/v2/api/blobs/uploads/", (HOST,), False),
        ("POST", "/bucket", (HOST, ("Content-Type", "multipart/form-data; boundary=x")), False),
        ("POST", "/cart", (("Host", "d1.cloudfront.localhost:4566"),), False),
        ("POST", "/cart", (("Host", "d1.lambda-url.localhost:4566"),), True),
        ("PUT", "/_ministack/cfn-response/x", (HOST,), False),
        ("GET", "/bucket/key", (HOST,), False),
        ("GET", "/", (HOST, ("x-amz-target", "AmazonEC2ContainerServiceV20141113.CreateCluster")), True),
    ],
)
def test_what_a_foreign_repository_has_sent_is_no_order(
    method: str, path: str, headers: tuple[tuple[str, str], ...], refused: bool
) -> None:
    assert (dependency_reason(method, path, headers) is not None) is refused


@pytest.mark.parametrize(
    ("client", "path", "refused"),
    [
        ("127.0.0.2", "/_hannibal/faults", True),
        ("127.0.0.2", "/_hannibal/mail", True),
        ("127.0.0.2", "/_ministack/reset", True),
        ("127.0.0.2", "/_ministack/rds/ca.pem", False),
        ("127.0.0.2", "/bucket/_hannibal/faults", False),
        ("127.0.0.2", "/", False),
        ("127.0.0.1", "/_hannibal/faults", False),
    ],
)
def test_a_container_gets_what_aws_has(client: str, path: str, refused: bool) -> None:
    assert (container_reason(client, path) is not None) is refused
