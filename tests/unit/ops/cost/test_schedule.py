"""Which share of a week the schedules of a template leave."""

import json
from dataclasses import replace

import pytest

from ops.cost.schedule import shares
from ops.templates.template import Resource
from ops.templates.values import Json, Map


def schedule(expression: str, call: str, **request: object) -> Resource:
    properties: Map = {
        "ScheduleExpression": expression,
        "Target": {"Arn": f"arn:aws:scheduler:::aws-sdk:{call}", "Input": json.dumps(request)},
    }
    return Resource(
        stack="ComputeStack",
        logical_id=call,
        resource_type="AWS::Scheduler::Schedule",
        properties=properties,
        neighbours={},
        lifecycle="ephemeral",
    )


def test_without_schedules_everything_runs_all_the_time() -> None:
    assert (shares([]).tasks, shares([]).database) == (1, 1)


def test_tasks_and_database_have_hours_of_their_own() -> None:
    found = shares(
        [
            schedule("cron(0 8 ? * MON,TUE *)", "ecs:updateService", DesiredCount=2),
            schedule("cron(0 20 ? * * *)", "ecs:updateService", DesiredCount=0),
            schedule("cron(30 7 ? * MON,TUE *)", "rds:startDBInstance"),
            schedule("cron(30 20 * * ? *)", "rds:stopDBInstance"),
            schedule("cron(0 8 ? * MON,TUE *)", "cloudwatch:enableAlarmActions"),
        ]
    )
    assert found.tasks == pytest.approx(24 / 168)
    assert found.database == pytest.approx(26 / 168)


@pytest.mark.parametrize(
    "other",
    [
        schedule("rate(1 day)", "rds:stopDBInstance"),
        schedule("cron(0 18 * * ? *)", "rds:deleteDBInstance"),
        schedule("at(2026-12-01T00:00:00)", "ecs:updateService", DesiredCount=0),
        schedule("cron(0 20 ? * * *)", "ecs:updateService", DesiredCount={"Ref": "Count"}),
    ],
)
def test_a_schedule_of_another_kind_shares_no_week(other: Resource) -> None:
    starts = [schedule("cron(0 8 ? * * *)", "ecs:updateService", DesiredCount=1)]
    found = shares([*starts, other])
    assert (found.tasks, found.database) == (1, 1)


def test_a_schedule_whose_input_only_a_deployment_knows_shares_no_week() -> None:
    made = schedule("cron(0 20 ? * * *)", "ecs:updateService")
    requests: tuple[Json, ...] = ("no JSON", '["a list"]', {"Ref": "Input"}, None)
    for request in requests:
        target: Map = {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:updateService", "Input": request}
        assert shares([replace(made, properties={**made.properties, "Target": target})]).tasks == 1
