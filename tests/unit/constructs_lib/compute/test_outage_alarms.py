"""What tells of a service that is not there."""

from tests.support.compute_stack import Variant, dev, every_variant

ALARM = "AWS::CloudWatch::Alarm"
SERVICE = "AWS::ECS::Service"


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
def test_neither_ends_a_release(variant: Variant) -> None:
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
