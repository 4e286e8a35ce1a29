"""The daily look at the alarms."""

import json
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli.app import build
from ops.errors import ExitCode
from ops.service.alarms import read_alarms, read_changes
from tests.support.aws import aws_of, given
from tests.support.fakes import NOW, FakeAccount

DATA = json.dumps(
    {
        "version": "1.0",
        "oldState": {"stateValue": "OK", "stateReason": "fine"},
        "newState": {"stateValue": "ALARM", "stateReason": "Threshold Crossed: 91.0"},
    }
)
HISTORY = [
    {
        "AlarmName": "nestjs-hannibal-3-cpu",
        "Timestamp": NOW,
        "HistorySummary": "Alarm updated from OK to ALARM",
        "HistoryData": DATA,
    },
    {"AlarmName": "nestjs-hannibal-3-memory", "Timestamp": NOW, "HistorySummary": "Alarm updated from ALARM to OK"},
    {"AlarmName": "somebody-elses", "Timestamp": NOW, "HistorySummary": "Alarm updated from OK to ALARM"},
]


@pytest.fixture
def cloudwatch(account: FakeAccount) -> Any:
    client: Any = account.aws().cloudwatch
    asked: list[Any] = []

    def history(**request: Any) -> Any:
        asked.append(request)
        return {"AlarmHistoryItems": HISTORY}

    client.describe_alarm_history = history
    client.asked = asked
    return client


def test_changes_say_what_and_why(cloudwatch: Any) -> None:
    since = NOW - timedelta(days=1)
    loud, quiet = read_changes(aws_of(cloudwatch=cloudwatch), since)
    assert (loud.name, loud.before, loud.state) == ("nestjs-hannibal-3-cpu", "OK", "ALARM")
    assert loud.reason == "Threshold Crossed: 91.0"
    # Without the data, which not every answer has, the summary says the state.
    assert (quiet.state, quiet.reason) == ("OK", "")
    assert (cloudwatch.asked[0]["StartDate"], cloudwatch.asked[0]["HistoryItemType"]) == (since, "StateUpdate")


def test_an_alarm_is_in_its_state_since_it_came_into_it(cloudwatch: Any, account: FakeAccount) -> None:
    began = NOW - timedelta(hours=3)
    updated: Any = {"AlarmName": "nestjs-hannibal-3-memory", "StateValue": "ALARM", "StateUpdatedTimestamp": NOW}
    account.alarms = [updated, updated | {"StateTransitionedTimestamp": began}]
    assert [one.since for one in read_alarms(aws_of(cloudwatch=cloudwatch))] == [NOW, began]


def test_the_command_lists_alarms_and_their_changes(
    cloudwatch: Any, account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients: Any = account.aws()
    clients.cloudwatch = cloudwatch
    monkeypatch.setattr("ops.aws.clients.Aws", lambda settings: given(clients, settings))
    quiet = {"AlarmName": "nestjs-hannibal-3-memory", "StateValue": "OK", "StateUpdatedTimestamp": NOW}
    account.alarms = [quiet]
    result = CliRunner().invoke(build(), ["alarms", "--check"])
    assert result.exit_code == ExitCode.DONE
    assert "Alarms that went into ALARM" in result.stdout
    assert "nestjs-hannibal-3-cpu ALARM  Threshold Crossed: 91.0" in result.stdout

    loud = {"AlarmName": "nestjs-hannibal-3-cpu", "StateValue": "ALARM", "StateReason": "crossed"}
    account.alarms = [quiet, loud]
    result = CliRunner().invoke(build(), ["alarms", "--check"])
    assert result.exit_code == ExitCode.UNHEALTHY
    assert "nestjs-hannibal-3-cpu: crossed" in result.stdout
    assert "1 alarm(s) in ALARM" in result.stderr
    assert CliRunner().invoke(build(), ["alarms", "--since", "yesterday"]).exit_code == ExitCode.UNUSABLE_INPUT
