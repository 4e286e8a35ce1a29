"""Which share of a week the schedules of a template leave."""

import json

import pytest

from ops.cost.schedule import shares
from ops.templates.template import Resource
from ops.templates.values import Map


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
            schedule("cron(30 20 ? * * *)", "rds:stopDBInstance"),
            schedule("cron(0 8 ? * MON,TUE *)", "cloudwatch:enableAlarmActions"),
        ]
    )
    assert found.tasks == pytest.approx(24 / 168)
    assert found.database == pytest.approx(26 / 168)


def test_an_expression_of_another_kind_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="not an hour"):
        shares([schedule("rate(1 day)", "rds:stopDBInstance")])
