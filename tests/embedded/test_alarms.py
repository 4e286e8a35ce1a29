"""Alarms of the embedded AWS that evaluate what CloudWatch was given."""

import json
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.embedded.conftest import EmbeddedAws

pytestmark = pytest.mark.embedded

# Whole seconds, by the type of the client; a fraction by its code.
QUICKLY: Any = {"Delay": 0.1}


@pytest.fixture(scope="module")
def session(embedded_aws: EmbeddedAws) -> boto3.Session:
    return embedded_aws.session()


def state(session: boto3.Session, name: str) -> str:
    found = session.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return found["StateValue"]


def put(session: boto3.Session, metric: str, value: float, group: str) -> None:
    dimensions: Any = [{"Name": "Group", "Value": group}]
    data: Any = [{"MetricName": metric, "Value": value, "Dimensions": dimensions}]
    session.client("cloudwatch").put_metric_data(Namespace="AlarmTest", MetricData=data)


def query(name: str, metric: str, group: str) -> dict[str, Any]:
    dimensions = [{"Name": "Group", "Value": group}]
    watched = {"Namespace": "AlarmTest", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "ReturnData": False, "MetricStat": {"Metric": watched, "Period": 60, "Stat": "Sum"}}


def test_an_alarm_looks_at_its_own_dimensions_only(session: boto3.Session) -> None:
    session.client("cloudwatch").put_metric_alarm(
        AlarmName="of-blue",
        Namespace="AlarmTest",
        MetricName="Unhealthy",
        Dimensions=[{"Name": "Group", "Value": "blue"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    put(session, "Unhealthy", 0, "blue")
    put(session, "Unhealthy", 1, "green")
    assert state(session, "of-blue") == "OK"
    put(session, "Unhealthy", 1, "blue")
    assert state(session, "of-blue") == "ALARM"


def test_an_alarm_of_a_template_may_watch_an_expression(session: boto3.Session) -> None:
    properties = {
        "AlarmName": "of-a-share",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "TreatMissingData": "notBreaching",
        "Metrics": [
            {"Id": "share", "Expression": "IF(requests >= 20, 100 * FILL(errors, 0) / requests, 0)"},
            query("requests", "Requests", "share"),
            query("errors", "Errors", "share"),
        ],
    }
    template = json.dumps({"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}})
    cloudformation = session.client("cloudformation")
    cloudformation.create_stack(StackName="alarm-test", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="alarm-test", WaiterConfig=QUICKLY)
    found = session.client("cloudwatch").describe_alarms(AlarmNames=["of-a-share"])["MetricAlarms"][0]
    assert found["Metrics"][0]["Expression"].startswith("IF(requests")
    assert "MetricName" not in found

    put(session, "Requests", 19, "share")
    put(session, "Errors", 19, "share")
    assert state(session, "of-a-share") == "OK"
    put(session, "Requests", 1, "share")
    assert state(session, "of-a-share") == "ALARM"
    cloudformation.delete_stack(StackName="alarm-test")


def test_a_state_that_somebody_set_stays_for_a_while(session: boto3.Session) -> None:
    client = session.client("cloudwatch")
    metrics: Any = [{"Id": "sum", "Expression": "FILL(a, 0) + 1"}, query("a", "Anything", "set")]
    client.put_metric_alarm(
        AlarmName="set",
        Metrics=metrics,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    assert state(session, "set") == "OK"
    client.set_alarm_state(AlarmName="set", StateValue="ALARM", StateReason="rehearsal")
    put(session, "Anything", 1, "set")
    time.sleep(0.1)
    assert state(session, "set") == "ALARM"


def test_an_expression_that_cannot_be_computed_is_refused(session: boto3.Session) -> None:
    metrics: Any = [{"Id": "sum", "Expression": "a + unknown"}, query("a", "Anything", "refused")]
    with pytest.raises(ClientError, match="Invalid metrics list"):
        session.client("cloudwatch").put_metric_alarm(
            AlarmName="refused",
            Metrics=metrics,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
        )
