"""The ceiling of people and workflows, by services: what their boundary leaves them of each."""

from dataclasses import replace
from typing import Final

from installation.names import STORAGE_STACK
from installation.permissions.grants import Arns, of


def actions(by_service: dict[str, str]) -> tuple[str, ...]:
    """Actions from a service's prefix to names of its actions, separated by blanks."""
    return tuple(action for service, verbs in by_service.items() for action in of(service, verbs))


def named(arns: Arns) -> tuple[str, ...]:
    """What people and workflows change, of any service: one list, because an ARN says its service."""
    names = arns.names
    # In any region, which is shorter: the policies of these roles say which one, and a boundary has 6,144 characters.
    arns = replace(arns, region="*")
    return (
        *arns.regional("application-autoscaling", "scalable-target/*"),
        *arns.regional("athena", f"workgroup/{names.audit_workgroup}"),
        *arns.worldwide("cloudfront", "distribution/*"),
        *arns.regional("cloudwatch", f"alarm:{names.project}-*"),
        *arns.regional("codedeploy", f"*:{names.project}-*", "deploymentconfig:CodeDeployDefault.ECS*"),
        *arns.regional("ecr", f"repository/{names.repository}"),
        *arns.regional("ecs", f"*/{names.project}-*"),
        *arns.regional("fis", "experiment*"),
        *arns.regional("rds", f"db:{names.database}*", "og:default:*", "snapshot:*"),
        *arns.regional("rds", *(f"{kind}:{STORAGE_STACK.lower()}-*" for kind in ("pg", "subgrp"))),
        *arns.regional("scheduler", f"schedule/default/{names.pause_schedule('Resume')}*"),
        *arns.regional("sns", names.alert_topic, names.security_topic),
        *arns.regional("ssm", "parameter/hannibal/*", f"parameter/{names.project}/*"),
    )


# By what an action is about, rather than whole services. Of what changes something, only what knows no resource.
BY_ACTION: Final = {
    "application-autoscaling": "Describe*",
    "billing": "GetBillingViewData",
    "budgets": "ViewBudget",
    "ce": "GetCost*",
    "cloudformation": "*Describe* Detect* Get* List*",
    "cloudfront": "Get* List*",
    "cloudtrail": "DescribeTrails Get*",
    "cloudwatch": "Describe* Get* List*",
    "codedeploy": "*Get* List* StopDeployment",
    "ec2": "Describe*",
    "ecr": "Describe* GetAuthorizationToken",
    "ecs": "DeregisterTaskDefinition Describe* List*",
    "elasticloadbalancing": "Describe*",
    "events": "DescribeRule",
    "glue": "Get*",
    "lambda": "Get*",
    "logs": "Describe* Filter* Get* Start* Stop*",
    "rds": "Describe*",
    "secretsmanager": "ListSecrets",
    "sns": "Get* List*",
    "ssm": "Describe* Get*",
}
# Services whose resources have names: EC2 without instances, SSM without commands, no KMS at all.
BY_NAME: Final = {
    "application-autoscaling": "RegisterScalableTarget",
    "athena": "*Quer* GetWorkGroup",
    "cloudfront": "*Invalidation*",
    "cloudwatch": "*AlarmActions",
    "codedeploy": "*Application* *Deployment* *Tag*",
    "ecr": "*Image* *Layer*",
    "ecs": "*CapacityProvider* *Cluster* *Service* *Tag* *Task* ExecuteCommand",
    "fis": "*Experiment",
    "rds": "AddTags* CreateDBSnapshot DeleteDBInstance DeleteDBSnapshot ModifyDBInstance RebootDBInstance "
    "RemoveTags* RestoreDBInstance* St*DBInstance",
    "scheduler": "GetSchedule UpdateSchedule",
    "sns": "Publish",
    "ssm": "*Parameter* *Tags*",
}
