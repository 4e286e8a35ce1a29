"""PutMetricAlarm in the query protocol, which older SDKs and command lines send."""

from typing import Any

import pytest

from embedded_aws.cloudwatch import emulator
from embedded_aws.cloudwatch.alarm_requests import _put_alarm

ALARM = {
    "AlarmName": ["by-query"],
    "ComparisonOperator": ["GreaterThanThreshold"],
    "EvaluationPeriods": ["2"],
    "MetricName": ["errors"],
    "Namespace": ["test"],
    "Period": ["60"],
    "Statistic": ["Sum"],
    "Threshold": ["1"],
}


TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"


def put(**changes: list[str]) -> Any:
    return _put_alarm(lambda *_: (200, {}, b"<PutMetricAlarmResponse/>"), ALARM | changes, {}, False)


def test_an_alarm_is_taken() -> None:
    assert put()[0] == 200


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"DatapointsToAlarm": ["3"]}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods"),
        ({"Metrics.member.1.Id": ["sum"], "Metrics.member.1.Expression": ["a + unknown"]}, "Invalid metrics list"),
    ],
)
def test_a_wrong_alarm_is_refused_in_xml(changes: dict[str, list[str]], reason: str) -> None:
    status, _, body = put(**changes)

    assert status == 400
    assert reason in body.decode()
    assert body.startswith(b"<")


def test_no_member_of_the_query_protocol_is_lost() -> None:
    heard: list[Any] = []

    def put_json(_parameters: Any, request: dict[str, Any], *_protocol: bool) -> Any:
        heard.append(request["InsufficientDataActions"])
        return 200, {}, b"{}"

    answer = _put_alarm(put_json, ALARM | {"InsufficientDataActions.member.1": [TOPIC]}, {}, False)

    assert heard == [[TOPIC]]
    assert b"<PutMetricAlarmResponse" in answer[2]


def test_the_queries_of_an_alarm_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    alarms: dict[str, Any] = {"by-query": {"AlarmName": "by-query", "MetricName": ""}}
    monkeypatch.setattr(emulator, "alarms", alarms)
    monkeypatch.setattr(emulator, "evaluate_alarm", lambda _: None)

    assert put(**{"Metrics.member.1.Id": ["one"], "Metrics.member.1.Expression": ["1"]})[0] == 200

    assert alarms["by-query"]["Metrics"] == [{"Id": "one", "Expression": "1", "ReturnData": True}]
