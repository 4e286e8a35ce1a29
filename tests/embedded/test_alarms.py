"""Alarms of the embedded AWS that evaluate what CloudWatch was given."""

import json
import re
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from tests.conftest import ROOT
from tests.support.embedded.running_service import control
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded

# Whole seconds, by the type of the client; a fraction by its code.
QUICKLY: Any = {"Delay": 0.1, "MaxAttempts": 3000}
TEMPLATE = ROOT / "tests/templates/dev/ComputeStack.json"
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:alerts"


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


def test_data_of_an_earlier_hour_may_come_later(session: boto3.Session) -> None:
    client = session.client("cloudwatch")
    group: Any = [{"Name": "Group", "Value": "late"}]
    client.put_metric_alarm(
        AlarmName="of-late",
        Namespace="AlarmTest",
        MetricName="Late",
        Dimensions=group,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=2,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    put(session, "Late", 1, "late")
    before: Any = datetime.now(UTC) - timedelta(hours=1)
    data: Any = [{"MetricName": "Late", "Value": 9, "Dimensions": group, "Timestamp": before}]
    client.put_metric_data(Namespace="AlarmTest", MetricData=data)
    assert state(session, "of-late") == "OK"
    put(session, "Late", 1, "late")
    assert state(session, "of-late") == "ALARM"


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


def test_a_state_that_was_set_by_hand_stays_for_a_while(session: boto3.Session) -> None:
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


def send_form(session: boto3.Session, server: EmbeddedAws, parameters: dict[str, str]) -> str:
    """The answer to a request in the query protocol."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", server.endpoint, headers=form, data=urlencode(parameters).encode())
    credentials: Any = session.get_credentials()
    SigV4Auth(credentials, "monitoring", session.region_name).add_auth(request)
    sent = urllib.request.Request(  # noqa: S310 - this machine's
        server.endpoint, data=request.data, headers=dict(request.headers)
    )
    with urllib.request.urlopen(sent) as answer:  # noqa: S310 - this machine's
        text: str = answer.read().decode()
    return text


def test_older_sdks_get_all_of_an_alarm_by_the_query_protocol(
    session: boto3.Session, embedded_aws: EmbeddedAws
) -> None:
    session.client("cloudwatch").put_metric_alarm(
        AlarmName="asked-by-query",
        AlarmDescription="all of it",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="errors",
        Namespace="test",
        Period=60,
        Statistic="Sum",
        Threshold=1,
        TreatMissingData="notBreaching",
    )
    parameters = {"Action": "DescribeAlarms", "Version": "2010-08-01", "AlarmNames.member.1": "asked-by-query"}
    text = send_form(session, embedded_aws, parameters)
    assert "<AlarmDescription>all of it</AlarmDescription>" in text
    assert "<TreatMissingData>notBreaching</TreatMissingData>" in text
    assert text.count("<AlarmName>") == 1


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


def test_an_address_gets_no_alarm_before_it_has_confirmed(session: boto3.Session, embedded_aws: EmbeddedAws) -> None:
    sns = session.client("sns")
    topic = sns.create_topic(Name="heard")["TopicArn"]

    def state() -> str:
        (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        return subscription["SubscriptionArn"]

    def mail() -> list[str]:
        return [it["message"] for it in control(embedded_aws, "GET", "mail") if it["topic"] == topic]

    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="person@example.com")
    assert state() == "PendingConfirmation"
    sns.publish(TopicArn=topic, Subject="s", Message="unheard")
    (confirmation,) = mail()
    sns.confirm_subscription(TopicArn=topic, Token=confirmation.partition("Token=")[2])
    assert state().startswith(f"{topic}:")
    sns.publish(TopicArn=topic, Subject="s", Message="heard")
    assert mail()[1:] == ["heard"]


def test_an_alarm_without_actions_tells_nobody(session: boto3.Session, embedded_aws: EmbeddedAws) -> None:
    cloudwatch, sns = session.client("cloudwatch"), session.client("sns")
    topic = sns.create_topic(Name="without-actions")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="person@example.com")
    (confirmation,) = [it["message"] for it in control(embedded_aws, "GET", "mail") if it["topic"] == topic]
    sns.confirm_subscription(TopicArn=topic, Token=confirmation.partition("Token=")[2])
    alarm = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": "1", "Threshold": "1", "Period": "60"}
    alarm |= {"MetricName": "m", "Namespace": "WithoutActions", "Statistic": "Sum", "AlarmActions.member.1": topic}

    # By the query protocol, with words for booleans; the loud one shows that the topic hears.
    for name, enabled in (("without-actions-quiet", "false"), ("without-actions-loud", "true")):
        form = {"Action": "PutMetricAlarm", "Version": "2010-08-01", "AlarmName": name, "ActionsEnabled": enabled}
        send_form(session, embedded_aws, alarm | form)
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")

    found = cloudwatch.describe_alarms(AlarmNamePrefix="without-actions-")["MetricAlarms"]
    assert {it["AlarmName"]: it["ActionsEnabled"] for it in found} == {
        "without-actions-quiet": False,
        "without-actions-loud": True,
    }
    heard = [it["message"] for it in control(embedded_aws, "GET", "mail") if it["topic"] == topic]
    assert [name for it in heard for name in ("quiet", "loud") if f"without-actions-{name}" in it] == ["loud"]


def deploy_burn_alarms(session: boto3.Session, copies: list[str]) -> None:
    """Deploy the windows and what puts them together, as they are in the template, once for each load balancer."""
    resources: dict[str, Any] = {}
    for copy in copies:
        text = json.dumps(
            {key: it for key, it in json.loads(TEMPLATE.read_text())["Resources"].items() if "Burn" in key}
        )
        text = text.replace("AlarmsBurn", f"Burn{copy}").replace("nestjs-hannibal-3-", f"{copy}-")
        text = re.sub(r'\{"Fn::GetAtt": \["Front[^]]*\]\}', json.dumps(copy), text)
        text = re.sub(r'\{"Fn::GetStackOutput": [^}]*\}\}', json.dumps(TOPIC), text)
        resources |= json.loads(text)
    session.client("cloudformation").create_stack(StackName="burn", TemplateBody=json.dumps({"Resources": resources}))
    session.client("cloudformation").get_waiter("stack_create_complete").wait(StackName="burn", WaiterConfig=QUICKLY)


def put_minutes(server: EmbeddedAws, copy: str, **minutes: dict[int, float]) -> None:
    """Write what was counted in each minute, by how long ago that was."""
    now = datetime.now(UTC)
    names = {"requests": "RequestCount", "errors": "HTTPCode_Target_5XX_Count", "seconds": "TargetResponseTime"}
    data: Any = [
        {
            "MetricName": names[name],
            "Dimensions": [{"Name": "LoadBalancer", "Value": copy}],
            "Timestamp": (now - timedelta(minutes=ago, seconds=30)).timestamp(),
            "Value": value,
        }
        for name, values in minutes.items()
        for ago, value in values.items()
    ]
    control(server, "POST", "metrics", {"Namespace": "AWS/ApplicationELB", "MetricData": data})


def test_two_percent_of_errors_alarm_within_five_minutes_and_one_error_an_hour_does_not(
    embedded_aws: EmbeddedAws, session: boto3.Session
) -> None:
    """50 requests a minute, and a service with few: what is heard, and what wakes nobody."""
    copies = ["twopercent", "onceanhour", "small", "late"]
    deploy_burn_alarms(session, copies)
    hour = range(60)
    put_minutes(embedded_aws, "twopercent", requests=dict.fromkeys(hour, 50.0), errors=dict.fromkeys(range(5), 1.0))
    put_minutes(embedded_aws, "onceanhour", requests=dict.fromkeys(hour, 50.0), errors={2: 1.0})
    # A third of what few users ask fails, once: 2 of 6 in a minute.
    put_minutes(embedded_aws, "small", requests=dict.fromkeys(hour, 6.0), errors={2: 2.0})
    put_minutes(
        embedded_aws,
        "late",
        requests=dict.fromkeys(hour, 50.0),
        seconds={n: 3.0 if n < 10 and n % 2 else 0.1 for n in hour},
    )

    def sounding() -> set[str]:
        types: Any = ["CompositeAlarm", "MetricAlarm"]
        found = session.client("cloudwatch").describe_alarms(AlarmTypes=types, StateValue="ALARM")
        names = {alarm["AlarmName"] for alarm in (*found["CompositeAlarms"], *found["MetricAlarms"])}
        return {name for name in names if name.partition("-")[0] in copies and "window" not in name}

    assert sounding() == {"twopercent-availability", "late-latency"}
    # The short window alone: what was over is not told again.
    put_minutes(embedded_aws, "twopercent", requests=dict.fromkeys(range(5), 5_000.0))
    assert sounding() == {"late-latency"}
    session.client("cloudformation").delete_stack(StackName="burn")
