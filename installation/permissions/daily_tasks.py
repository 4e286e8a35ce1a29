"""What a person's daily work needs beyond status, logs and releases; see `tasks` for how to read it."""

from installation.permissions.grants import Arns, Grant, of
from installation.permissions.tasks import ID_BY_AWS, KNOWS_NO_RESOURCE, OF_THIS_BUCKET
from installation.persistent_names import TUNNEL_DOCUMENT


def open_shell(arns: Arns) -> tuple[Grant, ...]:
    """A shell in a task, where settings allow it."""
    names = arns.names
    return (
        Grant(
            sid="OpenShell",
            actions=("ecs:ExecuteCommand",),
            resources=arns.regional("ecs", f"cluster/{names.cluster}", f"task/{names.cluster}/*"),
            reason=ID_BY_AWS,
            conditions={"StringEquals": {"ecs:container-name": names.container}},
        ),
    )


def open_database(arns: Arns) -> tuple[Grant, ...]:
    """A tunnel through a task, where settings allow sessions: port forwarding to another host, and no other session.

    Without the condition a session that names no document would open a shell (Systems Manager user guide, "Start a
    session with a document by specifying the session documents in IAM policies"). Where the tunnel leads, IAM cannot
    limit; the security group of the task does.
    """
    task = arns.regional("ecs", f"task/{arns.names.cluster}/*")
    return (
        Grant(
            sid="OpenTunnel",
            actions=("ssm:StartSession",),
            resources=(*task, f"arn:aws:ssm:{arns.region}::document/{TUNNEL_DOCUMENT}"),
            reason=ID_BY_AWS,
            conditions={"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
        ),
        Grant(
            sid="EndOwnSession",
            actions=("ssm:TerminateSession",),
            resources=arns.regional("ssm", "session/*"),
            # A session of a role begins with the session's name, and the tag says whose it is (Systems Manager user
            # guide, "Additional sample IAM policies for Session Manager").
            reason="Limited by its condition to the sessions that this caller has begun.",
            conditions={"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": ["${aws:userid}"]}},
        ),
        Grant(
            sid="UseSession",
            actions=("ssmmessages:OpenDataChannel",),
            resources=arns.regional("ssm", "session/*"),
            reason="The end of the name is an id that AWS gives; the channel opens with the session's token only.",
        ),
    )


def keep_secrets(arns: Arns) -> tuple[Grant, ...]:
    """Set and remove secrets of the containers; reading one is the execution role's alone."""
    return (
        Grant(
            sid="Secrets",
            actions=of("ssm", "AddTagsToResource DeleteParameter PutParameter"),
            resources=arns.regional("ssm", f"parameter{arns.names.kept_secrets}*"),
            reason="The secrets of this project, by the beginning of their names.",
        ),
    )


def analyse_trail(arns: Arns) -> tuple[Grant, ...]:
    """Query CloudTrail by Athena in the project's workgroup, which limits what a query may read."""
    names = arns.names
    trail, results = names.trail_bucket(arns.account), names.athena_results_bucket(arns.account)
    return (
        Grant(
            sid="QueryTrail",
            actions=of(
                "athena",
                "BatchGetNamedQuery BatchGetQueryExecution GetNamedQuery GetQueryExecution GetQueryResults "
                "GetWorkGroup ListNamedQueries ListQueryExecutions StartQueryExecution StopQueryExecution",
            ),
            resources=arns.regional("athena", f"workgroup/{names.audit_workgroup}"),
        ),
        Grant(
            sid="TrailTables",
            actions=of("glue", "GetDatabase GetPartition GetPartitions GetTable GetTables"),
            resources=arns.regional(
                "glue", "catalog", f"database/{names.audit_database}", f"table/{names.audit_database}/*"
            ),
            reason="Tables and views of this one database.",
        ),
        Grant(
            sid="TrailBuckets",
            actions=of("s3", "GetBucketLocation ListBucket"),
            resources=arns.buckets(trail, results),
        ),
        Grant(
            sid="ReadTrail",
            actions=("s3:GetObject",),
            resources=arns.buckets(f"{trail}/*"),
            reason=OF_THIS_BUCKET,
        ),
        Grant(
            sid="Results",
            actions=of("s3", "AbortMultipartUpload GetObject ListMultipartUploadParts PutObject"),
            resources=arns.buckets(f"{results}/*"),
            reason=OF_THIS_BUCKET,
        ),
    )


def review_permissions(arns: Arns) -> tuple[Grant, ...]:
    """Read what the project's roles may do, to hold it against what they did."""
    roles = ("Hannibal*", f"{arns.names.project}-*")
    return (
        Grant(
            sid="ReadRoles",
            actions=of("iam", "GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies"),
            resources=arns.worldwide("iam", *(f"role/{role}" for role in roles)),
            reason="Roles of this project, by the beginnings of their names.",
        ),
        Grant(
            sid="ReadPolicies",
            actions=of("iam", "GetPolicy GetPolicyVersion"),
            resources=arns.worldwide("iam", "policy/Hannibal*"),
            reason="Policies of this project, by the beginning of their names.",
        ),
    )


def find_trouble(arns: Arns) -> tuple[Grant, ...]:
    """The guide's troubles: the password and the connection string, security groups and routes, access logs."""
    names, account = arns.names, arns.account
    buckets = (names.load_balancer_log_bucket(account), names.access_log_bucket(account))
    return (
        Grant(
            sid="Password",
            actions=of("secretsmanager", "DescribeSecret GetSecretValue"),
            resources=arns.regional("secretsmanager", f"secret:{names.database_secret}-??????", "secret:Connection*"),
            reason="CloudFormation ends the connection string's name; the tag keeps other projects' secrets out.",
            conditions={"StringEquals": {"aws:ResourceTag/Project": names.project}},
        ),
        Grant(
            sid="AccessLogs",
            actions=("s3:GetObject",),
            resources=arns.buckets(*(f"{bucket}/*" for bucket in buckets)),
            reason=OF_THIS_BUCKET,
        ),
        Grant(
            sid="SeeNetwork",
            actions=of(
                "ec2",
                "DescribeInternetGateways DescribeNatGateways DescribeRouteTables DescribeSecurityGroupRules "
                "DescribeSecurityGroups DescribeSubnets DescribeVpcs",
            ),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
    )


def send_test_alert(arns: Arns) -> tuple[Grant, ...]:
    """Write to the alert topic as an alarm does; the topic of the security alarms is the administrator's."""
    return (Grant(sid="TestAlert", actions=("sns:Publish",), resources=arns.regional("sns", arns.names.alert_topic)),)


def pause(arns: Arns) -> tuple[Grant, ...]:
    """Pause the month and resume it: tasks, database, the alarm that would tell of missing targets, the morning."""
    names = arns.names
    return (
        Grant(
            sid="Pause",
            actions=(
                "ecs:UpdateService",
                *of("rds", "StartDBInstance StopDBInstance"),
                *of("cloudwatch", "DisableAlarmActions EnableAlarmActions"),
            ),
            resources=(
                *arns.regional("ecs", f"service/{names.cluster}/{names.service}"),
                *arns.regional("rds", f"db:{names.database}"),
                *arns.regional("cloudwatch", f"alarm:{names.no_target_alarm}"),
            ),
        ),
        # After a pause for the budget's sake; Scheduler takes a schedule as a whole, with its role.
        Grant(
            sid="Morning",
            actions=("scheduler:UpdateSchedule",),
            resources=arns.regional("scheduler", *(f"schedule/default/{it}" for it in names.resume_schedules)),
        ),
        Grant(
            sid="MorningRole",
            actions=("iam:PassRole",),
            resources=arns.worldwide("iam", f"role/{names.pause_role}"),
            conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
        ),
    )


def run_exercises(arns: Arns) -> tuple[Grant, ...]:
    """Begin experiments of FIS from the templates that the stacks have made, and stop them; not make templates."""
    return (
        Grant(
            sid="Exercise",
            actions=of("fis", "GetExperiment StartExperiment StopExperiment"),
            resources=arns.regional("fis", "experiment/*"),
            reason="FIS gives ids instead of names; what an experiment can do is its role's, which is this project's.",
        ),
        Grant(
            sid="ExerciseTemplates",
            actions=("fis:StartExperiment",),
            resources=arns.regional("fis", "experiment-template/*"),
            reason="FIS gives ids instead of names; the tag keeps other projects' templates out.",
            conditions={"StringEquals": {"aws:ResourceTag/Project": arns.names.project}},
        ),
    )


def watch(arns: Arns) -> tuple[Grant, ...]:
    """Dashboard, metrics and costs."""
    names = arns.names
    return (
        Grant(
            sid="SeeDashboard",
            actions=("cloudwatch:GetDashboard",),
            resources=arns.worldwide("cloudwatch", f"dashboard/{names.dashboard}"),
        ),
        Grant(
            sid="SeeBudget",
            actions=("budgets:ViewBudget",),
            resources=arns.worldwide("budgets", "budget/*"),
            reason="Budgets are listed without a name, so those of all are asked for.",
        ),
        Grant(
            sid="SeeMetrics",
            actions=(
                *of("ce", "GetCostAndUsage GetCostForecast"),
                *of("cloudwatch", "ListDashboards ListMetrics"),
            ),
            resources=("*",),
            reason="They know no resource but billing views and datasets, which are not used here.",
        ),
    )
