"""What tells of a service that is not there."""

from installation.settings.alarms import LONG_MINUTES, SHORT_MINUTES
from installation.settings.file import load_settings
from tests.support.compute_stack import Variant, dev, every_variant

ALARM = "AWS::CloudWatch::Alarm"
SERVICE = "AWS::ECS::Service"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"


@every_variant
def test_a_month_that_begins_or_ends_is_no_outage(variant: Variant) -> None:
    """CloudFormation makes the alarm after the service is steady, and deletes it before."""
    compute = variant()
    _, alarm = compute.one(ALARM, AlarmName=compute.names.no_target_alarm)
    assert set(compute.of_type(SERVICE)) <= set(alarm["DependsOn"])


def test_both_groups_count_together() -> None:
    compute = dev()
    _, found = compute.one(ALARM, AlarmName=compute.names.no_target_alarm)
    metrics = {item["Id"]: item["MetricStat"]["Metric"] for item in found["Properties"]["Metrics"][1:]}
    for colour in ("blue", "green"):
        name = getattr(compute.names, f"{colour}_target_group")
        group, _ = compute.one("AWS::ElasticLoadBalancingV2::TargetGroup", Name=name)
        assert metrics[colour]["MetricName"] == "HealthyHostCount"
        dimensions = {item["Name"]: item["Value"] for item in metrics[colour]["Dimensions"]}
        assert dimensions["TargetGroup"] == {"Fn::GetAtt": [group, "TargetGroupFullName"]}


@every_variant
def test_service_alarms_end_no_release(variant: Variant) -> None:
    """The release that ends an outage begins while they sound."""
    compute = variant()
    _, group = compute.one("AWS::CodeDeploy::DeploymentGroup")
    ending = {alarm["Name"]["Ref"] for alarm in group["Properties"]["AlarmConfiguration"]["Alarms"]}
    for name in (compute.names.no_target_alarm, compute.names.task_failures_alarm):
        logical_id, _ = compute.one(ALARM, AlarmName=name)
        assert logical_id not in ending


def test_the_rule_counts_failures_of_this_service_only() -> None:
    compute = dev()
    _, rule = compute.one("AWS::Events::Rule", Name=compute.names.task_failures_alarm)
    pattern = rule["Properties"]["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.ecs"], ["ECS Task State Change"])
    cluster, _ = compute.one("AWS::ECS::Cluster")
    assert pattern["detail"]["clusterArn"] == [{"Fn::GetAtt": [cluster, "Arn"]}]
    assert pattern["detail"]["group"] == [f"service:{compute.names.service}"]
    assert pattern["detail"]["lastStatus"] == ["STOPPED"]
    # A rule without targets counts, and asks for no permission.
    assert "Targets" not in rule["Properties"]
    _, alarm = compute.one(ALARM, AlarmName=compute.names.task_failures_alarm)
    assert alarm["Properties"]["Dimensions"] == [{"Name": "RuleName", "Value": compute.names.task_failures_alarm}]


@every_variant
def test_only_both_windows_together_alarm(variant: Variant) -> None:
    compute = variant()
    windows = {
        resource["Properties"]["AlarmName"]: resource["Properties"]
        for resource in compute.of_type(ALARM).values()
        if resource["Properties"]["AlarmName"].startswith(compute.names.window_alarms)
    }
    lengths = (SHORT_MINUTES, LONG_MINUTES)
    assert set(windows) == {compute.names.window_alarm("availability", minutes) for minutes in lengths}
    limits = load_settings("dev").objectives
    for name, window in windows.items():
        assert "AlarmActions" not in window
        assert window["TreatMissingData"] == "notBreaching"
        (length,) = {query["MetricStat"]["Period"] for query in window["Metrics"] if "MetricStat" in query}
        assert name.endswith(f"-{length // 60}m")
        assert window["Threshold"] == limits.availability_limit
    told = [resource["Properties"] for resource in compute.of_type(COMPOSITE).values()]
    assert [it["AlarmName"] for it in told] == [compute.names.availability_alarm]
    for alarm in told:
        assert len(alarm["AlarmActions"]) == len(alarm["OKActions"]) == 1
        assert " AND " in str(alarm["AlarmRule"])


@every_variant
def test_slow_answers_alarm_after_two_windows(variant: Variant) -> None:
    compute = variant()
    alarm = compute.properties(ALARM, AlarmName=compute.names.latency_alarm)
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (2, 2)
    assert alarm["Metrics"][1]["MetricStat"]["Period"] == SHORT_MINUTES * 60
    assert alarm["Threshold"] == load_settings("dev").objectives.latency_limit
    assert len(alarm["AlarmActions"]) == 1
