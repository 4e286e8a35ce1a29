"""CodeDeploy's hook: when it lets a release go on, and that it always answers."""

import io
import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from constructs_lib.handlers import verify_release
from tests.support.boto_model import ModelledClient
from tests.support.fake_clients import client_error

GOOD = {"status": 200, "seconds": 0.1}
EVENT = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "hook-1"}
PAGED = ("describe_network_interfaces",)
SETTINGS = {
    "HOST": "alb.example.com",
    "LOAD_BALANCER": "app/alb/1",
    "PATH_ASKED": "/health",
    "PORT": "9000",
    "PROBE": "probe",
    "SECONDS": "2",
    "STATUS": "200",
    "TLS": "false",
}


class Aws:
    """The three services that the hook calls."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.interfaces = ["10.42.0.5"]
        self.asked: list[dict[str, Any]] = []
        self.reported: list[dict[str, str]] = []

    def describe_network_interfaces(self, Filters: Any) -> Any:  # noqa: N803 - boto3's name
        assert Filters == [{"Name": "description", "Values": ["ELB app/alb/1"]}]
        return {"NetworkInterfaces": [{"PrivateIpAddress": address} for address in self.interfaces]}

    def invoke(self, FunctionName: str, Payload: str) -> Any:  # noqa: N803
        assert FunctionName == "probe"
        self.asked.append(json.loads(Payload))
        answer = self.answers.pop(0) if self.answers else GOOD
        if isinstance(answer, Exception):
            raise answer
        broken = {"FunctionError": "Unhandled"} if "errorMessage" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **broken}

    def put_lifecycle_event_hook_execution_status(self, **report: str) -> None:
        self.reported.append(report)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    made = Aws()
    monkeypatch.setattr(boto3, "client", lambda service: ModelledClient(service, made, paged=PAGED))
    monkeypatch.setattr(verify_release, "PAUSE_SECONDS", 0.0)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return made


def verdict(aws: Aws) -> str:
    verify_release.handler(EVENT, None)
    (report,) = aws.reported
    assert (report["deploymentId"], report["lifecycleEventHookExecutionId"]) == ("d-1", "hook-1")
    return report["status"]


def test_three_good_answers_in_a_row_let_it_go_on(aws: Aws) -> None:
    aws.answers = [GOOD, {"status": 503, "seconds": 0.1}, GOOD, GOOD, GOOD]
    assert verdict(aws) == "Succeeded"
    assert len(aws.asked) == 5
    assert aws.asked[0] == {
        "address": "10.42.0.5",
        "port": 9000,
        "host": "alb.example.com",
        "path": "/health",
        "tls": False,
        "seconds": 2.0,
    }


def test_every_address_must_answer_well(aws: Aws) -> None:
    aws.interfaces = ["10.42.0.5", "10.42.1.7"]
    aws.answers = [GOOD, {"status": 500, "seconds": 0.1}]
    assert verdict(aws) == "Succeeded"
    assert [question["address"] for question in aws.asked] == ["10.42.0.5", "10.42.1.7"] * 4


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status": 500, "seconds": 0.1}, "status 500 instead of 200"),
        ({"status": 200, "seconds": 2.5}, "2.5 s, longer than 2.0 s"),
        ({"error": "TimeoutError: timed out"}, "no answer: TimeoutError"),
        ({"errorMessage": "it broke"}, "no answer: it broke"),
    ],
)
def test_answers_that_are_not_good_stop_it(
    aws: Aws, capsys: pytest.CaptureFixture[str], answer: dict[str, Any], says: str
) -> None:
    aws.answers = [answer] * verify_release.ATTEMPTS
    assert verdict(aws) == "Failed"
    assert len(aws.asked) == verify_release.ATTEMPTS
    assert says in capsys.readouterr().out


def test_no_round_begins_after_the_time_in_which_it_can_answer(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda would end the function, and CodeDeploy wait for an hour."""
    monkeypatch.setattr(verify_release, "LONGEST_SECONDS", -1.0)
    assert verdict(aws) == "Failed"
    assert aws.asked == []


def test_a_load_balancer_without_an_address_stops_it(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.interfaces = []
    assert verdict(aws) == "Failed"
    assert "app/alb/1 has no address" in capsys.readouterr().err


def test_a_sleeping_probe_is_woken_up(aws: Aws) -> None:
    aws.answers = [*map(client_error, verify_release.WAKING), GOOD]
    assert verdict(aws) == "Succeeded"
    assert len(aws.asked) == 6


@pytest.mark.parametrize("code", verify_release.WAKING)
def test_a_probe_that_does_not_wake_up_stops_it(aws: Aws, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(verify_release, "WAKING_SECONDS", -1.0)
    aws.answers = [client_error(code)]
    assert verdict(aws) == "Failed"


def test_another_error_of_lambda_is_no_sleep(aws: Aws) -> None:
    aws.answers = [client_error("AccessDeniedException")]
    assert verdict(aws) == "Failed"
    assert len(aws.asked) == 1


def test_whatever_breaks_is_answered(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT")
    assert verdict(aws) == "Failed"


def test_between_two_rounds_it_pauses(aws: Aws) -> None:
    pauses: list[float] = []
    aws.answers = [{"status": 503, "seconds": 0.1}]
    verify_release.check(["10.42.0.5"], SETTINGS, ModelledClient("lambda", aws), pauses.append)
    assert len(aws.asked) == 1 + verify_release.GOOD_IN_A_ROW
    assert pauses == [verify_release.PAUSE_SECONDS] * verify_release.GOOD_IN_A_ROW
