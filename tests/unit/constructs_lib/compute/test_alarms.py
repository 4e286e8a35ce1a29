"""The alarms: the table of the operations guide, and what ends a release."""

import json
from collections.abc import Callable

import pytest

from installation.names import Names
from tests.support.compute_stack import ComputeTemplates, Resource, Variant, dev, every_variant

ALARM = "AWS::CloudWatch::Alarm"
Row = tuple[str, str, float, int, int, int, str]

# Metric or expression, statistic, threshold, period in seconds, periods, bad ones among them, missing data.
TABLE: dict[str, Row] = {
    "cpu_alarm": ("CPUUtilization", "Average", 80, 60, 5, 5, "notBreaching"),
    "memory_alarm": ("MemoryUtilization", "Average", 90, 60, 5, 5, "notBreaching"),
    "errors_alarm": ("FILL(own, 0) + FILL(targets, 0)", "Sum", 10, 300, 1, 1, "notBreaching"),
    "connections_alarm": ("DatabaseConnections", "Maximum", 80, 60, 5, 5, "ignore"),
    "blue_unhealthy_alarm": ("UnHealthyHostCount", "Maximum", 1, 60, 2, 2, "notBreaching"),
    "green_unhealthy_alarm": ("UnHealthyHostCount", "Maximum", 1, 60, 2, 2, "notBreaching"),
    "task_failures_alarm": ("TriggeredRules", "Sum", 3, 900, 1, 1, "notBreaching"),
}
# Those that sound below their threshold.
BELOW: dict[str, Row] = {
    "no_target_alarm": ("FILL(blue, 0) + FILL(green, 0)", "Maximum", 1, 60, 5, 5, "breaching"),
    "database_storage_alarm": ("FreeStorageSpace", "Minimum", 3 * 2**30, 60, 5, 5, "ignore"),
    "database_memory_alarm": ("FreeableMemory", "Minimum", 64 * 2**20, 60, 5, 5, "ignore"),
    "database_credits_alarm": ("CPUCreditBalance", "Maximum", 12, 900, 12, 12, "ignore"),
}


def telling(compute: ComputeTemplates) -> list[Resource]:
    """All but the windows of composite alarms, which tell nobody."""
    found = [resource["Properties"] for resource in compute.of_type(ALARM).values()]
    return [it for it in found if not it["AlarmName"].startswith(compute.names.window_alarms)]


def alarm(name: str) -> Resource:
    return dev().properties(ALARM, AlarmName=name)


def row(properties: Resource) -> Row:
    metrics = properties.get("Metrics")
    stat = metrics[1]["MetricStat"] if metrics else properties
    return (
        metrics[0]["Expression"] if metrics else properties["MetricName"],
        stat["Stat"] if metrics else stat["Statistic"],
        properties["Threshold"],
        stat["Period"],
        properties["EvaluationPeriods"],
        properties["DatapointsToAlarm"],
        properties["TreatMissingData"],
    )


@pytest.mark.parametrize(("seconds", "minutes", "said"), [(0, 2, "twice"), (61, 3, "3 times"), (300, 6, "6 times")])
def test_a_task_within_its_start_time_raises_no_alarm(seconds: int, minutes: int, said: str) -> None:
    slow = ComputeTemplates("dev", service={"start_grace_seconds": seconds})
    for name in (slow.names.blue_unhealthy_alarm, slow.names.green_unhealthy_alarm):
        properties = slow.properties(ALARM, AlarmName=name)
        assert (properties["EvaluationPeriods"], properties["DatapointsToAlarm"]) == (minutes, minutes)
        assert f"was unhealthy {said} in a row" in properties["AlarmDescription"]


@pytest.mark.parametrize("name", sorted(TABLE))
def test_alarms_are_those_of_the_operations_guide(name: str) -> None:
    properties = alarm(getattr(dev().names, name))
    assert row(properties) == TABLE[name]
    assert properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


@pytest.mark.parametrize("name", sorted(BELOW))
def test_alarms_that_are_raised_below_their_threshold(name: str) -> None:
    properties = alarm(getattr(dev().names, name))
    assert row(properties) == BELOW[name]
    assert properties["ComparisonOperator"] == "LessThanThreshold"


def test_users_errors_are_those_of_the_load_balancer_and_of_targets() -> None:
    metrics = {item["Id"]: item["MetricStat"]["Metric"] for item in alarm(dev().names.errors_alarm)["Metrics"][1:]}
    assert metrics["own"]["MetricName"] == "HTTPCode_ELB_5XX_Count"
    assert metrics["targets"]["MetricName"] == "HTTPCode_Target_5XX_Count"
    assert [item["Name"] for item in metrics["own"]["Dimensions"]] == ["LoadBalancer"]


@pytest.mark.parametrize("colour", ["blue", "green"])
def test_each_target_group_is_watched(colour: str) -> None:
    names = dev().names
    group, _ = dev().one("AWS::ElasticLoadBalancingV2::TargetGroup", Name=getattr(names, f"{colour}_target_group"))
    dimensions = {
        item["Name"]: item["Value"] for item in alarm(getattr(names, f"{colour}_unhealthy_alarm"))["Dimensions"]
    }
    assert dimensions["TargetGroup"] == {"Fn::GetAtt": [group, "TargetGroupFullName"]}
    assert dimensions["LoadBalancer"]["Fn::GetAtt"][1] == "LoadBalancerFullName"


def test_service_and_database_are_watched_by_their_names() -> None:
    names = dev().names
    assert alarm(names.cpu_alarm)["Dimensions"] == [
        {"Name": "ClusterName", "Value": names.cluster},
        {"Name": "ServiceName", "Value": names.service},
    ]
    assert alarm(names.connections_alarm)["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": names.database}]


@every_variant
def test_each_alarm_notifies_the_persistent_topic_when_it_begins_and_ends(variant: Variant) -> None:
    alarms = telling(variant())
    assert len(alarms) == 14 + (variant().settings.synthetic_check is not None)
    for properties in alarms:
        assert properties["AlarmActions"] == properties["OKActions"]
        (action,) = properties["AlarmActions"]
        assert action["Fn::GetStackOutput"]["StackName"] == "GuardrailStack"


@every_variant
def test_each_alarm_has_a_name_of_its_own_and_says_what_it_means(variant: Variant) -> None:
    compute = variant()
    found = telling(compute)
    check = {compute.names.synthetic_check} if compute.settings.synthetic_check else set()
    assert {properties["AlarmName"] for properties in found} == names_of_alarms(compute.names) | check
    assert all(". https://github.com/" in properties["AlarmDescription"] for properties in found)


def names_of_alarms(names: Names) -> set[str]:
    release = {names.release_errors_alarm, names.release_latency_alarm}
    return release | {names.latency_alarm} | {getattr(names, name) for name in (*TABLE, *BELOW)}


# -- what ends a release: the expressions, computed --------------------------------------------------------
Compute = Callable[..., float]


def computed(name: str) -> Compute:
    """The expression of an alarm as a function of its metrics; a metric that is not given has no data.

    Metric math is close enough to Python to be evaluated as it is written.
    """
    expression, *metrics = alarm(name)["Metrics"]
    ids = {item["Id"] for item in metrics}
    functions = {
        "MAX": max,
        "IF": lambda condition, yes, no: yes if condition else no,
        "FILL": lambda value, missing: missing if value is None else value,
    }

    def evaluate(**values: float) -> float:
        assert set(values) <= ids
        scope = {**dict.fromkeys(ids), **values, **functions}
        return float(eval(expression["Expression"], {"__builtins__": {}}, scope))  # noqa: S307 - our own template

    return evaluate


def exceeds(name: str, value: float) -> bool:
    properties = alarm(name)
    assert properties["ComparisonOperator"] == "GreaterThanThreshold"
    return value > float(properties["Threshold"])


def test_a_bad_canary_is_not_hidden_by_the_good_nine_tenths() -> None:
    name = dev().names.release_errors_alarm
    share = computed(name)(blue_requests=900, green_requests=100, green_errors=30)
    assert share == 30
    assert exceeds(name, share)


def test_either_group_may_be_the_new_one_and_the_other_idle() -> None:
    errors = computed(dev().names.release_errors_alarm)
    assert errors(blue_requests=200, blue_errors=20) == errors(green_requests=200, green_errors=20) == 10


def test_a_few_requests_end_no_release() -> None:
    least = dev().settings.alarms.release_min_requests
    errors = computed(dev().names.release_errors_alarm)
    latency = computed(dev().names.release_latency_alarm)
    assert errors(green_requests=least - 1, green_errors=least - 1) == 0
    assert latency(green_requests=least - 1, green_time=60) == 0
    assert errors(green_requests=least, green_errors=least) == 100
    assert latency(green_requests=least, green_time=60) == 60


def test_one_error_among_the_fewest_requests_ends_no_release() -> None:
    name = dev().names.release_errors_alarm
    least = dev().settings.alarms.release_min_requests
    assert not exceeds(name, computed(name)(green_requests=least, green_errors=1))


def test_the_slower_group_counts() -> None:
    name = dev().names.release_latency_alarm
    seconds = computed(name)(blue_requests=900, blue_time=0.2, green_requests=100, green_time=3.5)
    assert seconds == 3.5
    assert exceeds(name, seconds)


def test_without_any_request_a_release_is_good() -> None:
    assert computed(dev().names.release_errors_alarm)() == 0
    assert computed(dev().names.release_latency_alarm)() == 0


@pytest.mark.parametrize("subject", ["release_errors_alarm", "release_latency_alarm"])
def test_a_minute_whose_data_is_late_does_not_hide_the_one_before(subject: str) -> None:
    properties = alarm(getattr(dev().names, subject))
    assert (properties["EvaluationPeriods"], properties["DatapointsToAlarm"]) == (2, 1)
    assert {item["MetricStat"]["Period"] for item in properties["Metrics"][1:]} == {60}


def test_response_time_is_its_95th_percentile() -> None:
    stats = {
        item["MetricStat"]["Metric"]["MetricName"]: item["MetricStat"]["Stat"]
        for item in alarm(dev().names.release_latency_alarm)["Metrics"][1:]
    }
    assert stats == {"RequestCount": "Sum", "TargetResponseTime": "p95"}


def test_alarms_bill_for_no_more_metrics_than_they_need() -> None:
    """Each metric that an alarm reads is 0.10 USD a month."""
    found = [resource["Properties"] for resource in dev().of_type(ALARM).values()]
    read = sum(json.dumps(properties).count('"MetricStat"') or 1 for properties in found)
    assert read == 29
