"""How far any role of the project can ever reach, whatever its own policies say.

A boundary grants nothing: a role may do what its policies and its boundary both allow. There are three: for people and
workflows, for what the CDK deploys with (`deploy_boundary`), and the narrow one for every role that the stacks make.
"""

from typing import Final

from installation import names as stacks
from installation.permissions import ceiling, denials
from installation.permissions.domain_records import domain_ceiling
from installation.permissions.grants import Arns, Conditions, Grant, of
from installation.permissions.tasks import KNOWS_NO_RESOURCE
from installation.persistent_names import TUNNEL_DOCUMENT

CEILING: Final = "A boundary grants nothing; policies scope these actions, and no policy can go beyond them."
# A schedule is changed as a whole, with its role.
_PASSED_TO: Final[Conditions] = {
    "StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com", "scheduler.amazonaws.com"]}
}


def cicd_boundary(arns: Arns) -> tuple[Grant, ...]:
    """The ceiling of people and workflows: the services of the stacks, no instance, and no change in IAM."""
    return (
        *_ceiling(arns),
        denials.trail_files_stay(arns),
        denials.snapshots_stay(),
        denials.nobody_tags_as_prunable(),
        denials.others_stay(arns),
    )


def ecs_boundary(arns: Arns) -> tuple[Grant, ...]:
    """The ceiling of the roles that run the system: tasks, functions, CodeDeploy, delivery of logs."""
    names = arns.names
    return (
        Grant(
            # One statement for what names tell apart, because a boundary has 6,144 characters: images, the check of a
            # release, its traffic and its tasks, logs, the page of the time between two months, nights and weekends,
            # exercises, the end of a budget, and the address that the synthetic check asks. Tasks that started with
            # another address of the frontend are stopped. Of the alarms only the one that a pause would set off.
            sid="Named",
            actions=(
                *of("logs", "CreateLogStream DescribeLogStreams PutLogEvents"),
                *of("ecr", "BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer"),
                "lambda:InvokeFunction",
                "codedeploy:PutLifecycleEventHookExecutionStatus",
                *of("elasticloadbalancing", "ModifyListener ModifyRule"),
                *of("s3", "*Object ListBucket"),
                "budgets:ViewBudget",
                "cloudformation:DescribeStacks",
                "cloudfront:CreateInvalidation",
                "cloudwatch:*ableAlarmActions",
                *of("ecs", "*TaskSet DescribeServices DescribeTasks StopTask UpdateService"),
                *of("rds", "DescribeDBInstances DescribeDBSnapshots RebootDBInstance StartDBInstance StopDBInstance"),
                *of("scheduler", "GetSchedule UpdateSchedule"),
            ),
            resources=(
                *arns.regional("logs", *_log_groups(arns)),
                *arns.regional("ecr", f"repository/{names.repository}"),
                *arns.regional("lambda", f"function:{names.probe_function}", f"function:{names.verification_function}"),
                *arns.regional(
                    "codedeploy", f"deploymentgroup:{names.codedeploy_application}/{names.codedeploy_group}"
                ),
                *arns.regional(
                    "elasticloadbalancing",
                    f"listener/app/{names.load_balancer}/*",
                    f"listener-rule/app/{names.load_balancer}/*",
                ),
                *arns.buckets(frontend := names.frontend_bucket(arns.account), f"{frontend}/*stopped*"),
                *arns.worldwide("cloudfront", "distribution/*"),
                *arns.regional(
                    "ecs",
                    f"service/{names.cluster}/{names.service}",
                    f"task-set/{names.cluster}/{names.service}/*",
                    f"task/{names.cluster}/*",
                ),
                *arns.regional("rds", f"db:{names.database}", "snapshot:*"),
                *arns.regional("cloudwatch", f"alarm:{names.no_target_alarm}"),
                *arns.regional("cloudformation", f"stack/{stacks.EDGE_STACK}/*"),
                *arns.worldwide("budgets", f"budget/{names.limit_budget}"),
                *arns.regional("scheduler", f"schedule/default/{names.pause_schedule('Resume')}*"),
            ),
            reason=CEILING,
        ),
        Grant(
            sid="Secrets",
            actions=("secretsmanager:GetSecretValue", "ssm:GetParameters"),
            resources=(*arns.regional("secretsmanager", "secret:*"), *arns.regional("ssm", "parameter/*")),
            reason="The connection string's secret has no fixed name, and settings name others; the tag keeps other "
            "projects' secrets out.",
            conditions={"StringEquals": {"aws:ResourceTag/Project": names.project}},
        ),
        Grant(
            sid="Records",
            actions=of("ssm", "AddTagsToResource GetParameter PutParameter"),
            resources=arns.regional(
                "ssm", f"parameter{names.release_parameter}", f"parameter{names.frontend_url_parameter}"
            ),
        ),
        Grant(
            sid="Passing",
            actions=("iam:PassRole",),
            resources=_passed_roles(arns),
            conditions=_PASSED_TO,
        ),
        Grant(
            sid="Looking",
            actions=(
                *of("cloudwatch", "DescribeAlarms"),
                *of("ec2", "DescribeNetworkInterfaces DescribeSubnets"),
                *of("ecr", "GetAuthorizationToken"),
                *of("ecs", "ListTasks"),
                *of("elasticloadbalancing", "DescribeListeners DescribeRules DescribeTargetGroups"),
                *of("logs", "DescribeLogGroups"),
                *of("ssmmessages", "*Channel"),
            ),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
        # What Lambda needs to put the probe of releases into the VPC.
        Grant(
            sid="Interfaces",
            actions=of(
                "ec2",
                "AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface UnassignPrivateIpAddresses",
            ),
            resources=arns.regional("ec2", "*/*"),
            reason=CEILING,
        ),
        Grant(
            sid="TrailLines",
            actions=of("logs", "CreateLogStream PutLogEvents"),
            resources=arns.regional("logs", f"log-group:{names.trail_log_group}:*"),
            reason="CloudTrail's own role; only an administrator makes roles of this name.",
            conditions={"ArnLike": {"aws:PrincipalArn": list(arns.worldwide("iam", f"role/{stacks.AUDIT_STACK}-*"))}},
        ),
        Grant(
            # Calls of functions that failed and that nobody waits for.
            sid="DeadLetters",
            actions=("sns:Publish",),
            resources=arns.regional("sns", names.alert_topic, names.security_topic),
            conditions={
                "ArnEquals": {
                    "aws:PrincipalArn": list(
                        arns.worldwide(
                            "iam",
                            f"role/{names.budget_pause}",
                            f"role/{names.verification_role}",
                            f"role/{names.snapshot_role}",
                        )
                    )
                }
            },
        ),
        Grant(
            sid="NewPassword",
            actions=("secretsmanager:PutSecretValue",),
            resources=arns.regional("secretsmanager", f"secret:{names.database_secret}-??????"),
            reason=CEILING,
            conditions={"ArnEquals": {"aws:PrincipalArn": list(arns.worldwide("iam", f"role/{names.password_role}"))}},
        ),
        *_snapshot_tags(arns),
        denials.others_stay(arns),
    )


def _passed_roles(arns: Arns) -> tuple[str, ...]:
    """Roles that are passed on: those of tasks, and of the schedules; which one by whom, policies say."""
    names = arns.names
    return arns.worldwide("iam", *(f"role/{it}" for it in (names.task_role, names.execution_role, names.pause_role)))


def _snapshot_tags(arns: Arns) -> tuple[Grant, ...]:
    """What the administrator's function needs; no other role has its name, and the pipeline cannot pass it."""
    names = arns.names
    only = {"ArnEquals": {"aws:PrincipalArn": list(arns.worldwide("iam", f"role/{names.snapshot_role}"))}}
    return (
        Grant(
            sid="SnapshotTags",
            actions=of("rds", "AddTagsToResource RemoveTagsFromResource"),
            resources=arns.regional("rds", f"snapshot:{stacks.FINAL_SNAPSHOT_PREFIX}*", f"snapshot:{names.database}-*"),
            reason=CEILING,
            conditions=only,
        ),
        Grant(
            sid="SnapshotTagsLog",
            actions=of("logs", "CreateLogStream PutLogEvents"),
            resources=arns.regional("logs", f"log-group:{names.snapshot_log_group}:*"),
            reason=CEILING,
            conditions=only,
        ),
    )


def _ceiling(arns: Arns) -> tuple[Grant, ...]:
    names = arns.names
    running_roles = (f"role/{names.project}-*", *(f"role/{stack}-*" for stack in stacks.ALL_STACKS))
    return (
        Grant(sid="Services", actions=ceiling.actions(ceiling.BY_ACTION), resources=("*",), reason=CEILING),
        Grant(sid="Named", actions=ceiling.actions(ceiling.BY_NAME), resources=ceiling.named(arns), reason=CEILING),
        Grant(
            sid="Buckets",
            actions=of("s3", "*Multipart* Get* List* *Object"),
            resources=arns.buckets(f"{names.project}-*", f"{names.bootstrap_bucket(arns.account, arns.region)}*"),
            reason=CEILING,
        ),
        # The password, and the connection string, whose name CloudFormation begins with the id of the construct.
        Grant(
            sid="Secrets",
            actions=of("secretsmanager", "*Secret* *Tag*"),
            resources=arns.regional("secretsmanager", f"secret:{names.database_secret}-*", "secret:Connection*"),
            reason=CEILING,
        ),
        # A tunnel to the database, and no other session.
        Grant(
            sid="Tunnel",
            actions=("ssm:StartSession",),
            resources=(
                *arns.regional("ecs", f"task/{names.cluster}/*"),
                f"arn:aws:ssm:{arns.region}::document/{TUNNEL_DOCUMENT}",
            ),
            reason=CEILING,
            conditions={"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
        ),
        Grant(
            sid="Sessions",
            actions=("ssm:TerminateSession", "ssmmessages:OpenDataChannel"),
            resources=arns.regional("ssm", "session/*"),
            reason=CEILING,
        ),
        # What a run of a command prints.
        Grant(
            sid="RecordRun",
            actions=of("logs", "CreateLogStream PutLogEvents"),
            resources=arns.regional("logs", f"log-group:{names.service_log_group}:*"),
            reason=CEILING,
        ),
        Grant(
            sid="SeeRoles",
            actions=of("iam", "Get* List*"),
            resources=arns.worldwide("iam", "policy/Hannibal*", "role/Hannibal*", "role/cdk-*", *running_roles),
            reason=CEILING,
        ),
        Grant(
            sid="Passing",
            actions=("iam:PassRole",),
            resources=_passed_roles(arns),
            conditions=_PASSED_TO,
        ),
        *domain_ceiling(arns),
        Grant(
            sid="BootstrapRoles",
            actions=("sts:AssumeRole",),
            resources=arns.worldwide(
                "iam",
                *(
                    f"role/{names.bootstrap_role(it, arns.account, arns.region)}"
                    for it in ("deploy", "file-publishing")
                ),
            ),
        ),
    )


def _log_groups(arns: Arns) -> tuple[str, ...]:
    """Groups of what runs; not the trail's."""
    return tuple(
        f"log-group:/{place}/{arns.names.project}*" for place in ("aws/lambda", "aws/rds/instance", "ecs", "vpc")
    )
