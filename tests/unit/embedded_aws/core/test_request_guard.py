import asyncio

import pytest

from embedded_aws.core.http import HttpRequest, HttpResponse
from embedded_aws.core.request_guard import reason_of_browser, reason_of_link, reason_to_refuse
from embedded_aws.ecs.sample_service import SampleService

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
    assert reason_to_refuse(headers, port=4566) is None


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
    assert reason_to_refuse(headers, port=4566)


def test_port_80_need_not_be_named() -> None:
    assert reason_to_refuse([("Host", "localhost")], port=80) is None
    assert reason_to_refuse([("Host", "localhost:4566")], port=80)


def test_a_browser_is_known_by_its_headers_and_not_by_the_host() -> None:
    assert reason_of_browser([("Host", "attacker.example")]) is None
    assert reason_of_browser([ORIGIN])


@pytest.mark.parametrize(("headers", "status"), [((HOST, ORIGIN, TRACE), 200), ((HOST,), 200), ((HOST, ORIGIN), 403)])
def test_a_task_is_asked_by_browsers_through_its_load_balancer_only(
    headers: tuple[tuple[str, str], ...], status: int
) -> None:
    service = SampleService(
        image="x",
        task_id="y",
        environment={},
        certificates=None,
        write_line=lambda _: None,
        faulty=lambda _: False,
    )
    response: HttpResponse = asyncio.run(service._answer(HttpRequest(method="POST", target="/", headers=headers)))

    assert response.status == status
    assert (b'"image": "x"' in response.body) is (status == 200)


@pytest.mark.parametrize(
    ("headers", "query", "refused"),
    [
        ((HOST, ("Sec-Fetch-Site", "none")), b"Action=CreateStack", True),
        ((HOST, ("Sec-Fetch-Site", "none")), b"x=1&%41ction=CreateStack", True),
        ((HOST, ("Sec-Fetch-Mode", "navigate")), b"action=CreateStack", True),
        ((HOST, ("Sec-Fetch-Site", "none")), b"path=Action", False),
        ((HOST,), b"Action=CreateStack", False),  # a command line
        ((("Host", "d1.cloudfront.localhost:4566"), ("Sec-Fetch-Site", "none")), b"Action=buy", False),
        ((("Host", "a.d1.cloudfront.localhost:4566"), ("Sec-Fetch-Site", "none")), b"Action=CreateStack", True),
        ((("Host", "d_1.cloudfront.localhost:4566"), ("Sec-Fetch-Site", "none")), b"Action=CreateStack", True),
    ],
)
def test_a_link_is_no_order(headers: tuple[tuple[str, str], ...], query: bytes, refused: bool) -> None:
    assert (reason_of_link(headers, query) is not None) is refused
