"""Exercises that AWS's Fault Injection Service carries out, and alarms stop."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow, arn_of, colon_arn, of_this_account
from installation.names import DATABASE_RESTARTS, EXERCISE_OUTPUTS, TASK_STOPS, Names


class Exercises(Construct):
    """Two experiment templates behind alarms; nothing runs until an operator begins it (decision record 50).

    The stack prints the ids. A template costs nothing; an experiment costs 0.10 USD for each minute of an action.

    Args:
        stop_alarms: names of alarms; while one of them is in ALARM no experiment begins, and a running one stops.
    """

    def __init__(self, scope: Construct, construct_id: str, *, names: Names, stop_alarms: tuple[str, ...]) -> None:
        super().__init__(scope, construct_id)
        self._names, self._stop_alarms = names, stop_alarms
        self._database = colon_arn(self, "rds", "db", names.database)
        self._role = self._make_role()
        # The only way to name a service as a target (AWS FIS user guide, "ECS task actions").
        service: dict[str, object] = {"Parameters": {"cluster": names.cluster, "service": names.service}}
        self._template(
            TASK_STOPS,
            "Stop one task of the service",
            action="aws:ecs:stop-task",
            key="Tasks",
            target={"ResourceType": "aws:ecs:task", "SelectionMode": "COUNT(1)", **service},
        )
        self._template(
            DATABASE_RESTARTS,
            "Restart the database",
            action="aws:rds:reboot-db-instances",
            key="DBInstances",
            target={"ResourceType": "aws:rds:db", "SelectionMode": "ALL", "ResourceArns": [self._database]},
        )

    def _make_role(self) -> iam.Role:
        names = self._names
        tasks = arn_of(self, "ecs", "task", f"{names.cluster}/*")
        cluster = arn_of(self, "ecs", "cluster", names.cluster)
        statements = [
            allow("ecs:ListTasks", "*", sid="FindTasks", conditions={"ArnEquals": {"ecs:cluster": cluster}}),
            allow("ecs:DescribeTasks ecs:StopTask", tasks, sid="StopTask"),
            allow("rds:DescribeDBInstances rds:RebootDBInstance", self._database, sid="Restart"),
        ]
        role = iam.Role(
            self,
            "Role",
            role_name=names.exercise_role,
            assumed_by=of_this_account(self, "fis.amazonaws.com"),
            inline_policies={"Task": iam.PolicyDocument(statements=statements)},
        )
        acknowledge_wildcards(
            role,
            {
                "*": "ecs:ListTasks is limited by its condition to the project's cluster.",
                f"ecs:task/{names.cluster}/*": "ECS gives each task of the cluster an id of its own.",
            },
        )
        return role

    def _template(self, fault: str, description: str, *, action: str, key: str, target: Mapping[str, object]) -> None:
        # Not the L1, whose module each synthesis would load, also without exercises. So its tags are written here.
        template = cdk.CfnResource(
            self,
            fault.title().replace("-", ""),
            type="AWS::FIS::ExperimentTemplate",
            properties={
                "Description": description,
                "RoleArn": self._role.role_arn,
                "StopConditions": [
                    {"Source": "aws:cloudwatch:alarm", "Value": colon_arn(self, "cloudwatch", "alarm", name)}
                    for name in self._stop_alarms
                ],
                "Targets": {"One": target},
                "Actions": {"Fault": {"ActionId": action, "Targets": {key: "One"}}},
                "Tags": {"Name": self._names.exercise(fault), **cdk.Stack.of(self).tags.tag_values()},
            },
        )
        cdk.CfnOutput(
            cdk.Stack.of(self), EXERCISE_OUTPUTS[fault], value=template.ref, description=f"Template of FIS for {fault}"
        )
