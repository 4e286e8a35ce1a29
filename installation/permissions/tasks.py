"""What each task of the operations guide needs: a role is a list of tasks.

Which action knows which resources is read from the service authorization reference. An action that knows none takes
``*`` only; those stand in grants of their own, each with that as its reason.
"""

from typing import Final

from installation import names as stacks
from installation.permissions.grants import Arns, Grant, of
from installation.persistent_names import TOOLKIT_STACK

KNOWS_NO_RESOURCE: Final = "Service authorization reference: these actions know no resource."
ID_BY_AWS: Final = "The end of the name is an id that AWS gives."
OF_THIS_GROUP: Final = "Streams and lines of these groups only."
OF_THIS_BUCKET: Final = "What these buckets hold."


def deploy(arns: Arns) -> tuple[Grant, ...]:
    """Deploy, compare and destroy with CDK: take on the roles that its bootstrap made for that."""
    roles = [arns.names.bootstrap_role(purpose, arns.account, arns.region) for purpose in ("deploy", "file-publishing")]
    return (
        Grant(
            sid="UseBootstrapRoles",
            actions=("sts:AssumeRole",),
            resources=arns.worldwide("iam", *(f"role/{role}" for role in roles)),
        ),
    )


def read_bootstrap_version(arns: Arns) -> tuple[Grant, ...]:
    """Let CDK see that the account is bootstrapped."""
    return (
        Grant(
            sid="ReadBootstrapVersion",
            actions=("ssm:GetParameter",),
            resources=arns.regional("ssm", f"parameter{arns.names.bootstrap_version_parameter}"),
        ),
    )


def look(arns: Arns) -> tuple[Grant, ...]:
    """Status, differences and drift: how everything stands, without secrets, logs or data.

    What CloudFormation compares for a drift it reads with the role that it deployed the stack with.
    """
    names = arns.names
    application, group = names.codedeploy_application, names.codedeploy_group
    return (
        Grant(
            sid="SeeStacks",
            actions=of(
                "cloudformation",
                # DetectStackDrift asks for DetectStackResourceDrift too, and for the configurations of types below
                # (CloudFormation user guide, "Detect unmanaged configuration changes").
                "DescribeChangeSet DescribeEvents DescribeStackEvents DescribeStackResourceDrifts DescribeStacks "
                "DetectStackDrift DetectStackResourceDrift GetTemplate ListStackResources",
            ),
            resources=arns.regional(
                "cloudformation", *(f"stack/{stack}/*" for stack in (*stacks.ALL_STACKS, TOOLKIT_STACK))
            ),
            reason=ID_BY_AWS,
        ),
        Grant(
            sid="SeeService",
            actions=of("ecs", "DescribeClusters DescribeServices DescribeTasks"),
            resources=arns.regional(
                "ecs",
                f"cluster/{names.cluster}",
                f"service/{names.cluster}/{names.service}",
                f"task/{names.cluster}/*",
            ),
            reason=ID_BY_AWS,
        ),
        Grant(
            sid="FindTasks",
            actions=("ecs:ListTasks",),
            resources=("*",),
            reason="Limited by its condition to the cluster (ECS developer guide, 'List or describe tasks').",
            conditions={"ArnEquals": {"ecs:cluster": list(arns.regional("ecs", f"cluster/{names.cluster}"))}},
        ),
        Grant(
            sid="SeeDatabase",
            actions=of("rds", "DescribeDBInstanceAutomatedBackups DescribeDBInstances DescribeDBSnapshots"),
            # Of what a restore has put aside the names end with a time, and snapshots are found by their instance.
            resources=arns.regional("rds", "db:*", "snapshot:*"),
            reason="Both are found by the beginnings of names, so those of all are asked for.",
        ),
        Grant(
            sid="SeeVersions",
            actions=of("rds", "DescribeDBEngineVersions DescribeDBMajorEngineVersions"),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
        Grant(
            sid="SeeReleases",
            actions=of(
                "codedeploy",
                "BatchGetDeployments GetApplication GetApplicationRevision GetDeployment GetDeploymentConfig "
                "GetDeploymentGroup ListDeployments",
            ),
            resources=arns.regional(
                "codedeploy",
                f"application:{application}",
                f"deploymentgroup:{application}/{group}",
                "deploymentconfig:CodeDeployDefault.ECS*",
            ),
            reason="AWS's own configurations for ECS.",
        ),
        Grant(
            sid="SeeRelease",
            actions=of("ssm", "GetParameter GetParameterHistory"),
            resources=arns.regional("ssm", f"parameter{names.release_parameter}"),
        ),
        Grant(
            sid="SeeImages",
            actions=of("ecr", "DescribeImageScanFindings DescribeImages DescribeRepositories"),
            resources=arns.regional("ecr", f"repository/{names.repository}"),
        ),
        Grant(
            sid="SeeAlarms",
            actions=of("cloudwatch", "DescribeAlarmHistory DescribeAlarms"),
            resources=("*",),
            reason="Limited to names they answer nothing about composite alarms (CloudWatch API reference).",
        ),
        Grant(
            # Who is told; the answer has the addresses of this project's own subscribers.
            sid="SeeAudience",
            actions=("sns:ListSubscriptionsByTopic",),
            resources=arns.regional("sns", names.alert_topic, names.security_topic),
        ),
        Grant(
            # Whether a spent budget keeps the morning from ending a pause.
            sid="SeeMorning",
            actions=("scheduler:GetSchedule",),
            resources=arns.regional("scheduler", *(f"schedule/default/{it}" for it in names.resume_schedules)),
        ),
        Grant(
            sid="SeeOthers",
            actions=(
                *of("cloudformation", "BatchDescribeTypeConfigurations DescribeStackDriftDetectionStatus ListStacks"),
                *of("application-autoscaling", "DescribeScalableTargets DescribeScalingActivities"),
                *of("cloudwatch", "GetMetricData GetMetricStatistics"),
                *of("codedeploy", "GetDeploymentTarget ListDeploymentTargets"),
                *of("ecs", "DescribeTaskDefinition ListTaskDefinitions"),
                *of(
                    "elasticloadbalancing",
                    "DescribeListeners DescribeLoadBalancers DescribeRules DescribeTargetGroups DescribeTargetHealth",
                ),
                *of("logs", "DescribeLogGroups"),
            ),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
    )


def release(arns: Arns) -> tuple[Grant, ...]:
    """Release an image: a new task definition, a deployment, the record of it; stop one and go back."""
    names = arns.names
    application = names.codedeploy_application
    return (
        Grant(
            sid="Register",
            actions=of("ecs", "RegisterTaskDefinition TagResource"),
            resources=arns.regional("ecs", f"task-definition/{names.task_family}:*"),
            reason="Each release is a new revision of this one family.",
        ),
        Grant(
            sid="PassRoles",
            actions=("iam:PassRole",),
            resources=arns.worldwide("iam", f"role/{names.task_role}", f"role/{names.execution_role}"),
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        Grant(
            sid="StartRelease",
            # UpdateDeploymentGroup for a rollback that no alarm may end: CreateDeployment asks for it when it is given
            # overrideAlarmConfiguration (CodeDeploy API reference).
            actions=of("codedeploy", "CreateDeployment RegisterApplicationRevision UpdateDeploymentGroup"),
            resources=arns.regional(
                "codedeploy",
                f"application:{application}",
                f"deploymentgroup:{application}/{names.codedeploy_group}",
            ),
        ),
        Grant(
            sid="RecordRelease",
            actions=("ssm:PutParameter",),
            resources=arns.regional("ssm", f"parameter{names.release_parameter}"),
        ),
        Grant(
            # Whether the secrets that the settings name are there: names and tags, never values.
            sid="StopRelease",
            actions=(
                "codedeploy:StopDeployment",
                "ecs:DeregisterTaskDefinition",
                "secretsmanager:ListSecrets",
                "ssm:DescribeParameters",
            ),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
    )


def run_tasks(arns: Arns) -> tuple[Grant, ...]:
    """Run one-off tasks of the service's definition in its cluster, and keep a record of them in its log."""
    names = arns.names
    cluster = {"ArnEquals": {"ecs:cluster": list(arns.regional("ecs", f"cluster/{names.cluster}"))}}
    return (
        Grant(
            sid="RunTask",
            actions=("ecs:RunTask",),
            resources=arns.regional("ecs", f"task-definition/{names.task_family}:*"),
            reason="Each release is a new revision of this one family.",
            conditions=cluster,
        ),
        Grant(
            sid="StopTask",
            actions=("ecs:StopTask",),
            resources=arns.regional("ecs", f"task/{names.cluster}/*"),
            reason=ID_BY_AWS,
        ),
        Grant(
            sid="TagTask",
            actions=("ecs:TagResource",),
            resources=arns.regional("ecs", f"task/{names.cluster}/*"),
            reason=ID_BY_AWS,
            conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
        Grant(
            sid="RecordRun",
            actions=of("logs", "CreateLogStream PutLogEvents"),
            resources=arns.regional("logs", f"log-group:{names.service_log_group}:log-stream:runs/*"),
            reason="A stream for each run; the streams of tasks are not theirs to write.",
        ),
    )


def size_leftovers(arns: Arns) -> tuple[Grant, ...]:
    """Count what still bills after month end."""
    names, account = arns.names, arns.account
    return (
        Grant(
            sid="MeasureBuckets",
            actions=("s3:ListBucket",),
            resources=arns.buckets(f"{names.project}-*-{account}", names.bootstrap_bucket(account, arns.region)),
            reason="All buckets of this project, which begin with its name and end with the account's number.",
        ),
        Grant(
            sid="SeeRegions",
            actions=("ce:GetCostAndUsage",),
            resources=("*",),
            reason="It knows no resource but billing views, which are not used here.",
        ),
        Grant(
            sid="MeasureImages",
            actions=("ecr:DescribeImages",),
            resources=arns.regional("ecr", f"repository/{names.bootstrap_repository(account, arns.region)}"),
        ),
    )


def read_logs(arns: Arns) -> tuple[Grant, ...]:
    """Follow and search the logs of service, database and network, and of the functions that verify and restore."""
    names = arns.names
    groups = (names.service_log_group, names.function_log_group, names.database_log_group, names.flow_log_group)
    return (
        Grant(
            sid="ReadLogs",
            actions=of(
                "logs", "DescribeLogStreams FilterLogEvents GetLogEvents GetQueryResults StartLiveTail StartQuery"
            ),
            # With and without what follows the name, because the actions differ in what they ask for.
            resources=arns.regional(
                "logs",
                *(f"log-group:{group}{end}" for group in groups for end in ("", ":*")),
            ),
            reason=OF_THIS_GROUP,
        ),
    )
