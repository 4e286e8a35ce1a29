import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from installation.settings import Settings
from ops.stacks.addresses import read_addresses
from ops.stacks.state import read_stacks
from tests.support.fakes import FakeAccount
from tests.support.http_server import serving

_LISTENERS = [
    {"load_balancer": "nestjs-hannibal-3-alb", "port": 80, "url": "http://127.0.0.1:1001"},
    {"load_balancer": "nestjs-hannibal-3-alb", "port": 9000, "url": "http://127.0.0.1:1002"},
    {"load_balancer": "another", "port": 80, "url": "http://127.0.0.1:1003"},
]


_DISTRIBUTIONS = [
    {"id": "E1", "url": "http://127.0.0.1:4567", "domain_name": "d1.cloudfront.net"},
    {"id": "E2", "url": "http://127.0.0.1:4568", "domain_name": "d2.cloudfront.net"},
]


class _Listeners(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = {"/_hannibal/listeners": _LISTENERS, "/_hannibal/distributions": _DISTRIBUTIONS}
        self.send_response(200 if self.path in known else 404)
        self.end_headers()
        self.wfile.write(json.dumps(known.get(self.path)).encode())


@pytest.fixture
def endpoint() -> Iterator[str]:
    with serving(_Listeners) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def test_on_aws_they_are_the_outputs_that_a_browser_opens(account: FakeAccount, settings: Settings) -> None:
    outputs = [
        {"OutputKey": "Address", "OutputValue": "https://x", "Description": "users"},
        {"OutputKey": "Vpc", "OutputValue": "vpc-1"},
    ]
    account.add_stack("EdgeStack", Outputs=outputs)
    found = read_addresses(read_stacks(account.aws()), settings, None)
    assert [(address.url, address.description) for address in found] == [("https://x", "users")]


def test_on_the_embedded_aws_they_are_on_this_machine(endpoint: str, settings: Settings) -> None:
    """The listener of production is not among them: it answers the distribution only."""
    found = {address.url: address.description for address in read_addresses({}, settings, endpoint)}
    assert found == {"http://127.0.0.1:1002": "Where a release is tested before users reach it"}


def test_the_address_of_the_frontend_comes_first(account: FakeAccount, endpoint: str, settings: Settings) -> None:
    outputs = [{"OutputKey": "DistributionId", "OutputValue": "E2", "Description": "distribution"}]
    account.add_stack("EdgeStack", Outputs=outputs)
    stacks = read_stacks(account.aws())
    first, *others = read_addresses(stacks, settings, endpoint)
    assert (first.url, first.description) == ("http://127.0.0.1:4568", "Where users reach the system")
    assert len(others) == 1


def test_on_aws_the_frontend_comes_before_the_dashboard(account: FakeAccount, settings: Settings) -> None:
    for stack, key, url, description in (
        ("ComputeStack", "DashboardUrl", "https://console", "Dashboard in the console"),
        ("EdgeStack", "Address", "https://x", "Where users reach the system"),
    ):
        account.add_stack(stack, Outputs=[{"OutputKey": key, "OutputValue": url, "Description": description}])
    found = read_addresses(read_stacks(account.aws()), settings, None)
    assert [address.url for address in found] == ["https://x", "https://console"]


def test_another_endpoint_has_none(settings: Settings) -> None:
    assert read_addresses({}, settings, "http://127.0.0.1:9") == ()
