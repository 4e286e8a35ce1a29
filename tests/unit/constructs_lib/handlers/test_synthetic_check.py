"""The synthetic check: what it asks, what it calls wrong, and when there is nothing to ask."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import boto3
import pytest
from botocore.exceptions import ClientError

from constructs_lib.handlers import synthetic_check
from installation.settings.synthetic_check import CheckedRequest, SyntheticCheckSettings
from tests.support.boto_model import ModelledClient
from tests.support.http_server import serving
from tests.unit.constructs_lib.handlers.conftest import Answers

GRAPHQL = '{"data":{"__typename":"Query"}}'


class Site(BaseHTTPRequestHandler):
    """A page, and a GraphQL endpoint that answers JSON only."""

    pages: ClassVar[dict[str, tuple[int, str]]] = {}
    asked: ClassVar[list[tuple[str, str, str]]] = []

    def do_GET(self) -> None:
        self._answer("GET", "")

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _answer(self, method: str, body: str) -> None:
        self.asked.append((method, self.path, body))
        status, text = self.pages.get(self.path, (404, "not here"))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def site() -> Iterator[str]:
    Site.pages = {"/": (200, "<html></html>"), "/graphql": (200, GRAPHQL)}
    Site.asked = []
    with serving(Site) as server:
        yield f"http://127.0.0.1:{server.server_port}"


class Aws:
    """A service of so many tasks, and a stack in a state."""

    exceptions = type("Exceptions", (), {"ClientError": ClientError})

    def __init__(self, address: str, *, desired: int = 1, status: str = "CREATE_COMPLETE", error: str = "") -> None:
        self.address, self.desired, self.status, self.error = address, desired, status, error

    def describe_services(self, cluster: str, services: list[str]) -> Any:
        assert (cluster, services) == ("shop-cluster", ["shop-service"])
        return {"services": [{"desiredCount": self.desired}]}

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - boto3's name
        assert StackName == "EdgeStack"
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": "no"}}, "DescribeStacks")
        outputs = [{"OutputKey": "Address", "OutputValue": self.address}]
        return {"Stacks": [{"StackStatus": self.status, "Outputs": outputs}]}


def run(monkeypatch: pytest.MonkeyPatch, aws: Aws, check: SyntheticCheckSettings | None = None) -> None:
    monkeypatch.setattr(boto3, "client", lambda service: ModelledClient(service, aws))
    text = (check or SyntheticCheckSettings()).requests_text
    variables = {"CLUSTER": "shop-cluster", "SERVICE": "shop-service", "STACK": "EdgeStack", "SECONDS": "5"}
    for name, value in {**variables, "REQUESTS": text}.items():
        monkeypatch.setenv(name, value)
    synthetic_check.handler({"detail-type": "Scheduled Event"}, None)


def test_it_asks_for_the_page_and_puts_a_question_to_the_api(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, Aws(site))
    assert Site.asked == [("GET", "/", ""), ("POST", "/graphql", '{"query":"{__typename}"}')]


@pytest.mark.parametrize(
    ("path", "answer", "words"),
    [
        ("/", (503, "Service Unavailable"), "/: status 503 instead of 200"),
        ("/", (200, "soon"), "/: '</html>' is not in the answer"),
        ("/graphql", (200, '{"errors":[{}]}'), "/graphql: '__typename' is not in the answer"),
    ],
)
def test_it_fails_where_an_answer_is_wrong(
    site: str, monkeypatch: pytest.MonkeyPatch, path: str, answer: tuple[int, str], words: str
) -> None:
    Site.pages[path] = answer
    with pytest.raises(synthetic_check.CheckError) as error:
        run(monkeypatch, Aws(site))
    assert str(error.value) == words
    assert len(Site.asked) == 2


def test_all_failures_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(synthetic_check.CheckError, match=r"^/: no answer: .*; /graphql: no answer: "):
        run(monkeypatch, Aws("http://127.0.0.1:9"))


def test_another_status_may_be_the_right_one(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, Aws(site), SyntheticCheckSettings(requests=(CheckedRequest(path="/none", status=404),)))


@pytest.mark.parametrize(
    "state",
    [{"desired": 0}, {"error": "ValidationError"}, {"status": "CREATE_IN_PROGRESS"}, {"status": "DELETE_IN_PROGRESS"}],
)
def test_in_a_pause_and_without_an_edge_there_is_nothing_to_ask(
    site: str, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any]
) -> None:
    run(monkeypatch, Aws(site, **state))
    assert Site.asked == []


def test_it_asks_while_the_stack_is_updated(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, Aws(site, status="UPDATE_IN_PROGRESS"))
    assert len(Site.asked) == 2


def test_what_it_may_not_see_is_a_failure(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClientError):
        run(monkeypatch, Aws(site, error="AccessDenied"))


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_cloudformation_gets_its_answer_and_nothing_is_asked(kind: str, answers: Answers) -> None:
    synthetic_check.handler({"RequestType": kind, "ResponseURL": "https://example.com"}, None)
    assert answers.only["status"] == "SUCCESS"


@pytest.mark.parametrize(("body", "size"), [("x" * 4_000, 40), ('["",""]' * 200, 38)])
def test_requests_must_fit_into_a_functions_variables(body: str, size: int) -> None:
    """Lambda measures them as JSON, in which each quote has a backslash (terraform-aws-github-runner #3594)."""
    with pytest.raises(ValueError, match=rf"requests: {size}\d\d characters as a variable"):
        SyntheticCheckSettings(requests=(CheckedRequest(path="/", body=body),))
    assert json.loads(SyntheticCheckSettings().requests_text)[0] == {"path": "/", "status": 200, "text": "</html>"}
