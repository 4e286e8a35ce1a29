"""What a web page can make a browser send to the embedded AWS is refused; command lines and SDKs are served.

The server has a bucket, a stack's template is at hand, and each request would do something or tell something if it
were answered. After them all nothing has changed.
"""

import http.client
import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

from tests.support.embedded.browser_requests import (
    ATTEMPTS,
    BUCKET,
    CREATE_STACK,
    FAULT,
    FORM,
    PAGE,
    SAFARI,
    TEXT,
    Attempt,
)
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import LIMIT_SECONDS

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    server = EmbeddedAws(tmp_path_factory.mktemp("browser"))
    server.start()
    server.session().client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    yield server
    server.close()


def send(server: EmbeddedAws, attempt: Attempt) -> tuple[int, Mapping[str, str], str]:
    """The status, headers and text of the answer to a request, sent exactly as it is written down."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT_SECONDS)
    try:
        connection.putrequest(attempt.method, attempt.path, skip_host=True, skip_accept_encoding=True)
        if attempt.host is not None:
            connection.putheader("Host", attempt.host.format(port=server.port))
        for name, value in attempt.headers.items():
            connection.putheader(name, value.format(port=server.port))
        connection.putheader("Content-Length", str(len(attempt.body)))
        connection.endheaders(attempt.body.encode())
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=[attempt.name for attempt in ATTEMPTS])
def test_what_a_page_sends_is_refused(server: EmbeddedAws, attempt: Attempt) -> None:
    status, headers, text = send(server, attempt)

    assert status == 403
    assert not [name for name in headers if name.startswith("access-control-")]
    if attempt.method != "HEAD" and attempt.name != "websocket":  # the protocol has no room for a text there
        assert "The embedded AWS refuses this request" in text
    assert_unchanged(server)


def test_a_request_without_host_is_refused(server: EmbeddedAws) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=LIMIT_SECONDS) as connection:
        connection.sendall(b"POST /_ministack/reset HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
        assert connection.recv(65536).split()[1] == b"403"
    assert_unchanged(server)


def test_a_target_that_names_another_host_changes_nothing(server: EmbeddedAws) -> None:
    """As to a proxy; no browser sends it here, and Host alone says whom it takes this server for."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=LIMIT_SECONDS) as connection:
        head = "POST http://attacker.example/_ministack/reset HTTP/1.1\r\nHost: attacker.example\r\n"
        connection.sendall(head.encode() + b"Content-Length: 0\r\n\r\n")
        assert connection.recv(65536).split()[1] == b"403"
    assert_unchanged(server)


def test_two_hosts_are_one_too_many(server: EmbeddedAws) -> None:
    head = f"POST /_ministack/reset HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nHost: attacker.example\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=LIMIT_SECONDS) as connection:
        connection.sendall(head.encode() + b"Content-Length: 0\r\n\r\n")
        assert connection.recv(65536).split()[1] in (b"400", b"403")
    assert_unchanged(server)


@pytest.mark.parametrize(
    ("host", "extra"), [("attacker.example", ()), ("127.0.0.1", (("origin", PAGE),))], ids=["name", "origin"]
)
def test_http2_is_no_way_around(server: EmbeddedAws, host: str, extra: tuple[tuple[str, str], ...]) -> None:
    protocol = h2.connection.H2Connection(config=h2.config.H2Configuration(client_side=True))
    protocol.initiate_connection()
    head = [(":method", "POST"), (":scheme", "http"), (":authority", f"{host}:{server.port}")]
    protocol.send_headers(1, [*head, (":path", "/_ministack/reset"), *extra], end_stream=True)
    answers: list[h2.events.Event] = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=LIMIT_SECONDS) as connection:
        connection.sendall(protocol.data_to_send())
        while not any(isinstance(event, h2.events.ResponseReceived) for event in answers):
            answers += protocol.receive_data(connection.recv(65536))
            connection.sendall(protocol.data_to_send())
    (answer,) = [event for event in answers if isinstance(event, h2.events.ResponseReceived)]
    assert (b":status", b"403") in (answer.headers or [])
    assert_unchanged(server)


def assert_unchanged(server: EmbeddedAws) -> None:
    session = server.session()
    assert session.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    assert not session.client("cloudformation").describe_stacks()["Stacks"]
    assert json.loads(send(server, Attempt("faults", path="/_hannibal/faults"))[2]) == []


# -- the edge, which is for browsers ----------------------------------------------------------------------------------
DISTRIBUTION = {
    "CallerReference": "website",
    "Comment": "",
    "Enabled": True,
    "Origins": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "bucket",
                "DomainName": f"{BUCKET}.s3.ap-northeast-1.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
            }
        ],
    },
    "DefaultCacheBehavior": {
        "TargetOriginId": "bucket",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    },
}


@pytest.fixture(scope="module")
def edge_host(server: EmbeddedAws) -> str:
    client: Any = server.session().client("cloudfront")
    made = client.create_distribution(DistributionConfig=DISTRIBUTION)["Distribution"]
    return str(made["DomainName"]).replace(".cloudfront.net", ".cloudfront.localhost")


def test_a_page_of_a_distribution_is_shown_to_whoever_asks_for_it(server: EmbeddedAws, edge_host: str) -> None:
    """By the name that the endpoint serves viewers at: typed, asked for by its own page, or by a command line."""
    for headers in ({"Sec-Fetch-Site": "none", "User-Agent": SAFARI}, {"Sec-Fetch-Site": "same-origin"}, {}):
        status, found, _ = send(server, Attempt("page", headers=headers, host=edge_host + ":{port}"))

        assert status == 403  # S3's answer: nothing is there, and nobody may list
        assert "from cloudfront" in found["x-cache"]


@pytest.mark.parametrize(
    "attempt",
    [
        Attempt("another site's form", "POST", "/", {**FORM, "Origin": PAGE}, CREATE_STACK),
        Attempt("another site's image", headers={"Sec-Fetch-Site": "cross-site"}),
        Attempt("reset", "POST", "/_ministack/reset", {**TEXT, "Origin": PAGE}),
        Attempt("faults", "POST", "/_hannibal/faults", {**TEXT, "Origin": PAGE}, FAULT),
        Attempt("another port", "POST", "/", FORM, CREATE_STACK),
    ],
    ids=lambda attempt: attempt.name,
)
def test_the_name_of_a_distribution_is_no_way_around(server: EmbeddedAws, edge_host: str, attempt: Attempt) -> None:
    port = ":80" if attempt.name == "another port" else ":{port}"

    status, headers, text = send(server, replace(attempt, host=edge_host + port))

    assert status == 403
    assert "The embedded AWS refuses this request" in text
    assert not [name for name in headers if name.startswith("access-control-")]
    assert_unchanged(server)


@pytest.mark.parametrize("host", ["distribution", "unknown.cloudfront.localhost"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/?{CREATE_STACK}", ""),
        ("POST", "/", CREATE_STACK),
        ("POST", "/_ministack/reset", ""),
        ("GET", "/_ministack/config", ""),
        ("POST", "/_hannibal/faults", FAULT),
        ("PUT", f"/{BUCKET}/page.html", "<script>"),
    ],
)
def test_the_page_of_a_distribution_reaches_no_service(
    server: EmbeddedAws, edge_host: str, host: str, method: str, path: str, body: str
) -> None:
    """It is of the same origin as this name, for which a browser lets it ask without saying Origin."""
    name = edge_host if host == "distribution" else host
    attempt = Attempt("page", method, path, {**FORM, "Sec-Fetch-Site": "same-origin"}, body, host=name + ":{port}")

    status, found, _ = send(server, attempt)

    assert (status, "x-cache" in found) == (403, host == "distribution")
    assert_unchanged(server)


# -- who is served ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "bucket.s3.localhost", "a-b_c.localhost"])
def test_names_of_this_machine_are_served(server: EmbeddedAws, host: str) -> None:
    status, _, _ = send(server, Attempt("health", path="/_ministack/health", host=host + ":{port}"))

    assert status == 200


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_a_person_may_look_with_a_browser(server: EmbeddedAws, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "User-Agent": SAFARI}

    assert send(server, Attempt("look", path="/_hannibal/faults", headers=headers))[0] == 200


def test_an_object_that_is_a_page_runs_no_script_at_the_endpoints_own_name(server: EmbeddedAws, edge_host: str) -> None:
    """A person may open it; its script would be of the endpoint's origin, and could read all that GET shows."""
    client: Any = server.session().client("s3")
    client.put_object(Bucket=BUCKET, Key="opened.html", Body=b"<script></script>", ContentType="text/html")
    page = Attempt("object", path=f"/{BUCKET}/opened.html", headers={"Sec-Fetch-Site": "none", "User-Agent": SAFARI})
    try:
        _, by_a_browser, _ = send(server, page)
        _, by_a_command_line, _ = send(server, replace(page, headers={}))
        _, from_a_distribution, _ = send(server, replace(page, path="/opened.html", host=edge_host + ":{port}"))
    finally:
        client.delete_object(Bucket=BUCKET, Key="opened.html")

    assert by_a_browser["content-security-policy"] == "sandbox"
    assert "content-security-policy" not in by_a_command_line
    assert "content-security-policy" not in from_a_distribution


@pytest.mark.parametrize(
    "command",
    [
        ("aws", "s3api", "list-objects-v2", "--bucket", BUCKET),
        ("aws", "cloudformation", "list-stacks"),
        ("aws", "s3", "presign", f"s3://{BUCKET}/x"),
        ("hannibal", "outputs", "--json"),
    ],
    ids=" ".join,
)
def test_command_lines_are_served(server: EmbeddedAws, command: tuple[str, ...]) -> None:
    answer = subprocess.run(
        command,
        env=server.environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )

    assert "refuses this request" not in answer.stdout + answer.stderr
    assert answer.returncode == 0, answer.stderr
