"""What FIS gets: off by default, behind alarms, and for this service and this database only."""

import json

import pytest

from tests.support.compute_stack import ComputeTemplates, dev

TEMPLATE = "AWS::FIS::ExperimentTemplate"


@pytest.fixture(scope="module")
def compute() -> ComputeTemplates:
    return ComputeTemplates("dev", exercises=True)


def test_without_the_setting_there_are_no_exercises() -> None:
    compute = dev()
    assert compute.of_type(TEMPLATE) == {}
    assert compute.names.exercise_role not in json.dumps(compute.json)


def test_each_fault_has_a_template_behind_alarms(compute: ComputeTemplates) -> None:
    found = {one["Properties"]["Tags"]["Name"]: one["Properties"] for one in compute.of_type(TEMPLATE).values()}
    names = compute.names
    assert set(found) == {names.exercise("task-stops"), names.exercise("database-restarts")}
    for properties in found.values():
        alarms = [json.dumps(it["Value"]) for it in properties["StopConditions"]]
        assert [it["Source"] for it in properties["StopConditions"]] == ["aws:cloudwatch:alarm"] * 2
        assert names.no_target_alarm in alarms[0]
        assert names.errors_alarm in alarms[1]


def test_templates_carry_the_tags_of_the_stack(compute: ComputeTemplates) -> None:
    for template in compute.of_type(TEMPLATE).values():
        assert set(template["Properties"]["Tags"]) == {"Name", "Project", "Environment", "Lifecycle", "ManagedBy"}


def test_one_task_of_the_service_is_stopped(compute: ComputeTemplates) -> None:
    _, found = compute.one(TEMPLATE, Description="Stop one task of the service")
    (target,) = found["Properties"]["Targets"].values()
    assert target == {
        "ResourceType": "aws:ecs:task",
        "SelectionMode": "COUNT(1)",
        "Parameters": {"cluster": compute.names.cluster, "service": compute.names.service},
    }


def test_the_role_can_do_nothing_else(compute: ComputeTemplates) -> None:
    _, role = compute.one("AWS::IAM::Role", RoleName=compute.names.exercise_role)
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "fis.amazonaws.com"}
    assert "aws:SourceAccount" in json.dumps(statement["Condition"])
    actions = {
        action
        for it in role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        for action in ([it["Action"]] if isinstance(it["Action"], str) else it["Action"])
    }
    assert actions == {
        *("ecs:DescribeTasks", "ecs:ListTasks", "ecs:StopTask"),
        *("rds:DescribeDBInstances", "rds:RebootDBInstance"),
    }
