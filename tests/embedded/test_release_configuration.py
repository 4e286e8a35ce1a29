"""Configuration that was deployed into a running month reaches tasks by a release, and goes back with it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from installation.settings.file import load_settings
from ops.errors import ExitCode
from ops.stacks.drift import read_drift
from tests.support.aws import aws_of
from tests.support.compute_stack import ComputeTemplates
from tests.support.embedded import stacks
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.embedded.running_service import control
from tests.support.synthesis import changed
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded
DEFINITION = "AWS::ECS::TaskDefinition"


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    with running_month(tmp_path_factory.mktemp("configuration"), assembly("dev"), "--clock-factor", "120") as month:
        yield month


def running(month: RunningMonth) -> Any:
    """The definition that tasks run."""
    (service,) = month.ecs.describe_services(cluster=month.names.cluster, services=[month.names.service])["services"]
    return month.ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]


def variables(month: RunningMonth) -> dict[str, str]:
    container = next(each for each in running(month)["containerDefinitions"] if each["name"] == month.names.container)
    return {each["name"]: each["value"] for each in container["environment"]}


def deploy(month: RunningMonth, **environment: str) -> str:
    """Deploy a template whose service container has further variables; give the revision that the stack names."""

    def change(template: Any) -> None:
        (definition,) = (it for it in template["Resources"].values() if it["Type"] == DEFINITION)
        definition["Properties"]["Memory"] = "1024"
        for container in definition["Properties"]["ContainerDefinitions"]:
            if container["Name"] == month.names.container:
                container["Environment"] += [{"Name": name, "Value": value} for name, value in environment.items()]

    assert month.update("ComputeStack", change).status == "UPDATE_COMPLETE"
    return deployed(month)


def deployed(month: RunningMonth) -> str:
    resources = month.cloudformation.describe_stack_resources(StackName="ComputeStack")["StackResources"]
    (found,) = (it["PhysicalResourceId"] for it in resources if it["ResourceType"] == DEFINITION)
    return str(found)


def test_what_was_deployed_waits_for_a_release(hannibal: Hannibal, month: RunningMonth) -> None:
    first = deployed(month)
    assert "deployed, not released" not in hannibal("status").stdout
    assert "nothing to do" in hannibal("release", "--configuration", "--yes").stdout
    assert deploy(month, GREETING="hello") != first
    # CloudFormation deregisters the revision that it replaced, and the tasks go on with it.
    assert month.ecs.describe_task_definition(taskDefinition=first)["taskDefinition"]["status"] == "INACTIVE"
    assert "GREETING" not in variables(month)
    # ECS starts no task from it, and `hannibal run` does what it has.
    ran = hannibal("run", "--", "printenv", "PORT")
    assert (ran.exit_code, ran.stdout.splitlines()[-1]) == (0, "3000"), ran.output
    assert hannibal("run", "--", "printenv", "GREETING").exit_code == 1
    status = hannibal("status")
    assert "deployed, not released: api environment GREETING, memory" in " ".join(status.stdout.split())
    assert [each["what"] for each in json.loads(hannibal("status", "--json").stdout)["status"]["unreleased"]] == [
        "api environment GREETING",
        "memory",
    ]


def test_a_release_ships_image_and_configuration_and_shows_both(hannibal: Hannibal, month: RunningMonth) -> None:
    before = month.serving()
    planned = hannibal("release", "--image", "example/api:1", "--dry-run")
    assert planned.exit_code == 0, planned.output
    for part in ("Release  example/api:1", "api environment GREETING: new → hello", "memory: 512 → 1024"):
        assert part in planned.stdout
    assert month.serving() == before
    released = hannibal("release", "--image", "example/api:1", "--yes")
    assert released.exit_code == 0, released.output
    assert month.serving() == month.recorded() == "example/api:1"
    assert (variables(month)["GREETING"], running(month)["memory"]) == ("hello", "1024")
    assert "deployed, not released" not in hannibal("status").stdout
    newest = json.loads(hannibal("releases", "--json").stdout)["deployments"][0]
    assert newest["like"] == deployed(month).rpartition("/")[2]


def test_a_rollback_takes_both_back_to_the_months_first_release(hannibal: Hannibal, month: RunningMonth) -> None:
    """To a revision that CloudFormation has deregistered, and that no release has made."""
    result = hannibal("rollback", "--yes")
    assert result.exit_code == 0, result.output
    assert "api environment GREETING: hello → gone" in result.stdout
    assert "GREETING" not in variables(month)
    assert month.serving() == month.recorded() != "example/api:1"
    assert hannibal("rollback", "--yes").exit_code == 0
    assert (month.serving(), variables(month)["GREETING"]) == ("example/api:1", "hello")


def test_configuration_ships_alone_and_goes_back_alone(hannibal: Hannibal, month: RunningMonth) -> None:
    deploy(month, GREETING="good morning")
    result = hannibal("release", "--configuration", "--yes")
    assert result.exit_code == 0, result.output
    assert (month.serving(), variables(month)["GREETING"]) == ("example/api:1", "good morning")
    back = hannibal("rollback", "--yes")
    assert back.exit_code == 0, back.output
    assert (month.serving(), variables(month)["GREETING"]) == ("example/api:1", "hello")
    assert "api environment GREETING" in hannibal("status").stdout


def test_a_revision_is_gone_back_to_as_it_was(hannibal: Hannibal, month: RunningMonth) -> None:
    """And an image that is named gets what is deployed."""
    number = running(month)["revision"]
    assert hannibal("release", "--image", "example/api:2", "--yes").exit_code == 0
    assert variables(month)["GREETING"] == "good morning"
    assert hannibal("rollback", "--to", str(number), "--yes").exit_code == 0
    assert (month.serving(), variables(month)["GREETING"]) == ("example/api:1", "hello")
    assert hannibal("rollback", "--to", "example/api:2", "--yes").exit_code == 0
    assert (month.serving(), variables(month)["GREETING"]) == ("example/api:2", "good morning")


def test_exactly_one_thing_is_asked_for(hannibal: Hannibal) -> None:
    for arguments in ((), ("--image", "a:1", "--configuration"), ("--configuration", "--wait")):
        assert hannibal("release", *arguments).exit_code == ExitCode.UNUSABLE_INPUT
    assert "the image is empty" in hannibal("release", "--image", "", "--yes").stderr


def test_the_next_month_starts_the_recorded_image_with_its_templates_configuration(month: RunningMonth) -> None:
    month.end_month()
    month.start_month()
    assert month.serving() == month.recorded() == "example/api:2"
    assert "GREETING" not in variables(month)
    assert running(month)["taskDefinitionArn"] == deployed(month)


# -- tasks that follow the load: last, because it holds for the rest of the month ----------------------------------
SCALING = {"least": 1, "most": 3, "requests_per_target": 600}


@pytest.fixture
def scales(month: RunningMonth, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The month with a scalable target, and the command with settings that say so."""
    settings = changed(load_settings("dev"), service={"autoscaling": SCALING})
    monkeypatch.setattr("installation.settings.file.load_settings", lambda _: settings)
    client: Any = month.server.session().client("application-autoscaling")
    if not client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]:
        wanted = ComputeTemplates("dev", service={"autoscaling": SCALING})
        kinds = ("ScalableTarget", "ScalingPolicy")
        new = {key: it for kind in kinds for key, it in wanted.of_type(f"AWS::ApplicationAutoScaling::{kind}").items()}
        outcome = month.update("ComputeStack", lambda template: template["Resources"].update(new))
        assert outcome.status == "UPDATE_COMPLETE", outcome.reasons
    return client


def target(client: Any) -> Any:
    return client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]


def held(client: Any) -> bool:
    return bool(target(client)["SuspendedState"]["DynamicScalingOutSuspended"])


def test_scaling_is_deployed_into_a_running_month(hannibal: Hannibal, scales: Any) -> None:
    assert (target(scales)["MinCapacity"], target(scales)["MaxCapacity"]) == (1, 3)
    (policy,) = scales.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 600
    assert "SCALING" in hannibal("status").stdout
    assert "1 to 3 tasks" in hannibal("status").stdout


def test_nothing_scales_while_a_release_shifts_and_all_does_after_it(
    hannibal: Hannibal, month: RunningMonth, scales: Any
) -> None:
    application = month.names.codedeploy_application
    control(month.server, "POST", "faults", {"kind": "hold", "pattern": application, "at_percent": 10})
    try:
        options = ("--image", "example/api:7", "--mode", "canary", "--detach", "--yes")
        assert hannibal("release", *options).exit_code == 0
        assert held(scales)
        assert (target(scales)["MinCapacity"], target(scales)["MaxCapacity"]) == (1, 3)
        wait_for(lambda: len(month.weights()) == 2)
        assert "held while a release shifts" in hannibal("status").stdout
    finally:
        control(month.server, "DELETE", "faults")
    wait_for(lambda: not _running(month))
    # Nobody has watched it to its end.
    assert "held although no release runs" in hannibal("status").stdout
    assert "scaling-suspended" in hannibal("doctor", "ecs", "--json").stdout
    assert "scaling is suspended" in hannibal("preflight", "--assembly", str(month.assembly)).stdout
    assert hannibal("release", "--wait").exit_code == 0
    assert not held(scales)


def _running(month: RunningMonth) -> list[str]:
    found: list[str] = month.deploy.list_deployments(includeOnlyStatuses=["Created", "InProgress"])["deployments"]
    return found


def test_tasks_follow_requests_and_that_is_no_drift(month: RunningMonth, scales: Any) -> None:
    """A thousand requests a minute for the one task: seen on the group that serves since the release."""
    assert list(month.weights()) == ["green"]
    groups = {it["TargetGroupName"].rpartition("-")[2]: it for it in month.elb.describe_target_groups()["TargetGroups"]}
    balancer = groups["green"]["LoadBalancerArns"][0].partition("loadbalancer/")[2]
    dimensions = [
        {"Name": "LoadBalancer", "Value": balancer},
        {"Name": "TargetGroup", "Value": groups["green"]["TargetGroupArn"].rpartition(":")[2]},
    ]

    def desired() -> int:
        data = {"MetricName": "RequestCountPerTarget", "Dimensions": dimensions, "Value": 1000.0}
        control(month.server, "POST", "metrics", {"Namespace": "AWS/ApplicationELB", "MetricData": [data]})
        (found,) = month.ecs.describe_services(cluster=month.names.cluster, services=[month.names.service])["services"]
        return int(found["desiredCount"])

    policies = scales.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    tracked = policies[0]["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]["Metrics"][1]
    assert tracked["MetricStat"]["Metric"]["Dimensions"] == dimensions
    wait_for(lambda: desired() > 1)
    (activity, *_) = scales.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"]
    assert activity["Description"].startswith("Setting desired count to")
    drift = read_drift(aws_of(cloudformation=month.cloudformation), ["ComputeStack"])
    assert "AWS::ECS::Service" not in {resource.resource_type for resource in drift.unexpected}


def test_a_listener_on_green_is_drift_that_a_release_explains(month: RunningMonth) -> None:
    drift = read_drift(aws_of(cloudformation=month.cloudformation))

    assert [it for it in drift.unexpected if it.resource_type not in (DEFINITION, "AWS::ECS::Service")] == []
    moved = {it.resource_type for it in drift.resources if it.by_release}
    assert moved >= {"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"}


def test_reverting_drift_after_a_release_is_refused_and_ends_where_it_was(month: RunningMonth) -> None:
    """ECS refuses another task definition under CodeDeploy, and CloudFormation puts the listeners back to green."""

    def moved() -> set[tuple[str, str]]:
        drift = read_drift(aws_of(cloudformation=month.cloudformation), ["ComputeStack"])
        return {
            (it.logical_id, one.actual)
            for it in drift.resources
            if it.resource_type.startswith("AWS::ElasticLoadBalancingV2::Listener")
            for one in it.differences
        }

    before = moved()
    assert before
    cloudformation: Any = month.cloudformation
    cloudformation.create_change_set(
        StackName="ComputeStack",
        ChangeSetName="revert",
        UsePreviousTemplate=True,
        DeploymentMode="REVERT_DRIFT",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    described = cloudformation.describe_change_set(ChangeSetName="revert", StackName="ComputeStack")
    assert {it["ResourceChange"]["LogicalResourceId"] for it in described["Changes"]} >= {name for name, _ in before}
    cloudformation.execute_change_set(ChangeSetName="revert", StackName="ComputeStack")
    assert stacks.wait(cloudformation, "ComputeStack").status == "UPDATE_ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="ComputeStack")["StackEvents"]
    reason = next(it["ResourceStatusReason"] for it in events if it["ResourceStatus"] == "UPDATE_FAILED")
    assert "Unable to update task definition on services with a CODE_DEPLOY deployment controller" in reason
    assert moved() == before


def test_what_was_changed_by_hand_is_drift(month: RunningMonth) -> None:
    ec2: Any = month.server.session().client("ec2")
    rds: Any = month.server.session().client("rds")
    groups = ec2.describe_security_groups()["SecurityGroups"]
    rule = next(
        (group["GroupId"], one) for group in groups for one in group["IpPermissions"] if one["FromPort"] == 5432
    )
    ec2.revoke_security_group_ingress(GroupId=rule[0], IpPermissions=[rule[1]])
    rds.modify_db_instance(DBInstanceIdentifier=month.names.database, BackupRetentionPeriod=1, ApplyImmediately=True)
    (alarm,) = month.cloudwatch.describe_alarms(AlarmNames=[f"{month.names.project}-cpu"])["MetricAlarms"]
    known = {"AlarmName", "MetricName", "Namespace", "Statistic", "Period", "EvaluationPeriods", "ComparisonOperator"}
    month.cloudwatch.put_metric_alarm(**{key: alarm[key] for key in known & alarm.keys()}, Threshold=99)

    found = {it.resource_type: it for it in read_drift(aws_of(cloudformation=month.cloudformation)).unexpected}

    assert found["AWS::EC2::SecurityGroupIngress"].status == "DELETED"
    (retention,) = found["AWS::RDS::DBInstance"].differences
    assert (retention.path, retention.expected, retention.actual) == ("/BackupRetentionPeriod", "7", "1")
    assert "/Threshold" in [one.path for one in found["AWS::CloudWatch::Alarm"].differences]
