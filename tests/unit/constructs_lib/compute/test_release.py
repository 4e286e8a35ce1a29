"""What CodeDeploy is given to release an image."""

import json

from tests.support.compute_stack import Resource, Variant, dev, every_variant, secured

GROUP = "AWS::CodeDeploy::DeploymentGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"


def test_a_release_is_blue_green_between_both_target_groups_and_both_listeners() -> None:
    for compute, production_port in ((dev(), 80), (secured(), 443)):
        group = compute.properties(GROUP)
        assert group["DeploymentGroupName"] == compute.names.codedeploy_group
        assert group["DeploymentStyle"] == {
            "DeploymentType": "BLUE_GREEN",
            "DeploymentOption": "WITH_TRAFFIC_CONTROL",
        }
        (pair,) = group["LoadBalancerInfo"]["TargetGroupPairInfoList"]
        production, _ = compute.one(LISTENER, Port=production_port)
        test, _ = compute.one(LISTENER, Port=compute.settings.load_balancer.test_port)
        assert pair["ProdTrafficRoute"] == {"ListenerArns": [{"Ref": production}]}
        assert pair["TestTrafficRoute"] == {"ListenerArns": [{"Ref": test}]}
        assert len(pair["TargetGroups"]) == 2


def test_the_old_tasks_stay_for_a_minute() -> None:
    assert dev().properties(GROUP)["BlueGreenDeploymentConfiguration"] == {
        "DeploymentReadyOption": {"ActionOnTimeout": "CONTINUE_DEPLOYMENT", "WaitTimeInMinutes": 0},
        "TerminateBlueInstancesOnDeploymentSuccess": {"Action": "TERMINATE", "TerminationWaitTimeInMinutes": 1},
    }


def test_failure_stop_and_alarm_all_roll_back() -> None:
    assert dev().properties(GROUP)["AutoRollbackConfiguration"] == {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
    }


@every_variant
def test_the_alarms_of_a_release_are_given_all_at_once(variant: Variant) -> None:
    compute = variant()
    configuration = compute.properties(GROUP)["AlarmConfiguration"]
    alarms = compute.of_type("AWS::CloudWatch::Alarm")
    given = [alarms[alarm["Name"]["Ref"]]["Properties"]["AlarmName"] for alarm in configuration["Alarms"]]
    names = compute.names
    assert given == [
        names.release_errors_alarm,
        names.release_latency_alarm,
        names.blue_unhealthy_alarm,
        names.green_unhealthy_alarm,
        names.errors_alarm,
    ]
    assert (configuration["Enabled"], configuration["IgnorePollAlarmFailure"]) == (True, False)


def test_all_traffic_moves_at_once_unless_a_release_says_otherwise() -> None:
    assert dev().properties(GROUP)["DeploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    application = dev().properties("AWS::CodeDeploy::Application")
    assert (application["ApplicationName"], application["ComputePlatform"]) == (
        dev().names.codedeploy_application,
        "ECS",
    )
    assert not dev().of_type("AWS::CodeDeploy::DeploymentConfig")


def test_the_group_is_of_this_service() -> None:
    cluster, _ = dev().one("AWS::ECS::Cluster")
    service, _ = dev().one("AWS::ECS::Service")
    assert dev().properties(GROUP)["ECSServices"] == [
        {"ClusterName": {"Ref": cluster}, "ServiceName": {"Fn::GetAtt": [service, "Name"]}}
    ]


def statement(sid: str) -> Resource:
    found = {item["Sid"]: item for item in dev().policy(dev().names.codedeploy_role)}
    assert set(found) == {"Look", "Shift", "ShiftRule", "Replace", "PassTaskRoles", "Verify"}
    return found[sid]


def test_its_role_changes_these_listeners_and_this_service_only() -> None:
    role = dev().properties("AWS::IAM::Role", RoleName=dev().names.codedeploy_role)
    assert "ManagedPolicyArns" not in role
    listeners = sorted(dev().of_type(LISTENER))
    assert sorted(item["Ref"] for item in statement("Shift")["Resource"]) == listeners
    forwards = [
        key
        for key, rule in dev().of_type("AWS::ElasticLoadBalancingV2::ListenerRule").items()
        if rule["Properties"]["Actions"][0]["Type"] == "forward"
    ]
    assert [statement("ShiftRule")["Resource"]] == [{"Ref": key} for key in forwards]
    of_service = f"{dev().names.cluster}/{dev().names.service}"
    replaced = json.dumps(statement("Replace")["Resource"])
    assert f":service/{of_service}" in replaced
    assert f":task-set/{of_service}/*" in replaced
    assert '"*"' not in replaced


def test_what_its_role_may_do_anywhere_is_looking() -> None:
    look = statement("Look")
    assert look["Resource"] == "*"
    assert all(action.split(":")[1].startswith("Describe") for action in look["Action"])


def test_its_role_passes_the_two_task_roles_to_ecs_tasks_only() -> None:
    passed = statement("PassTaskRoles")
    roles = {
        dev().one("AWS::IAM::Role", RoleName=name)[0] for name in (dev().names.task_role, dev().names.execution_role)
    }
    assert {item["Fn::GetAtt"][0] for item in passed["Resource"]} == roles
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_its_permissions_are_there_before_the_group_and_after_it() -> None:
    policies = {key for key in dev().of_type("AWS::IAM::Policy") if key.startswith("Releases")}
    assert policies
    assert policies <= set(dev().one(GROUP)[1]["DependsOn"])
