"""How far any role of the project can ever reach, whatever its own policies say.

A boundary grants nothing: a role may do what its policies and its boundary both allow. So the boundaries allow by what
an action is about, and deny for good what nobody here may do.
"""

from typing import Final

from installation import names as stacks
from installation.permissions.domain_records import domain_ceiling
from installation.permissions.grants import Arns, Grant, of
from installation.permissions.tasks import KNOWS_NO_RESOURCE

CEILING: Final = "A boundary grants nothing; policies scope these actions, and no policy can go beyond them."


def cicd_boundary(arns: Arns) -> tuple[Grant, ...]:
    """The ceiling of people, workflows and CloudFormation: the services of the eight stacks, and no instance."""
    return (*_ceiling(arns), *never(arns))


def ecs_boundary(arns: Arns) -> tuple[Grant, ...]:
    """The ceiling of the roles that run the system: tasks, functions, CodeDeploy, delivery of logs."""
    names = arns.names
    return (
        Grant(
            sid="Logs",
            actions=of("logs", "CreateLogStream DescribeLogStreams PutLogEvents"),
            resources=arns.regional("logs", "log-group:*"),
            reason=CEILING,
        ),
        Grant(
            sid="Images",
            actions=of("ecr", "BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer"),
            resources=arns.regional("ecr", f"repository/{names.repository}"),
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
            sid="Snapshots",
            actions=of("rds", "DescribeDBInstances DescribeDBSnapshots"),
            resources=arns.regional("rds", f"db:{names.database}", "snapshot:*"),
            reason=CEILING,
        ),
        Grant(
            sid="Releases",
            # The tasks: those that started with another address of the frontend are stopped.
            actions=of("ecs", "*TaskSet DescribeServices DescribeTasks StopTask"),
            resources=arns.regional(
                "ecs",
                f"service/{names.cluster}/{names.service}",
                f"task-set/{names.cluster}/{names.service}/*",
                f"task/{names.cluster}/*",
            ),
            reason=CEILING,
        ),
        Grant(
            sid="VerifyRelease",
            actions=("lambda:InvokeFunction",),
            resources=arns.regional(
                "lambda", f"function:{names.probe_function}", f"function:{names.verification_function}"
            ),
        ),
        Grant(
            sid="AnswerCodeDeploy",
            actions=("codedeploy:PutLifecycleEventHookExecutionStatus",),
            resources=arns.regional(
                "codedeploy", f"deploymentgroup:{names.codedeploy_application}/{names.codedeploy_group}"
            ),
        ),
        Grant(
            sid="Traffic",
            actions=of("elasticloadbalancing", "ModifyListener ModifyRule"),
            resources=arns.regional(
                "elasticloadbalancing",
                f"listener/app/{names.load_balancer}/*",
                f"listener-rule/app/{names.load_balancer}/*",
            ),
            reason=CEILING,
        ),
        Grant(
            sid="Passing",
            actions=("iam:PassRole",),
            resources=arns.worldwide("iam", f"role/{names.task_role}", f"role/{names.execution_role}"),
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
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
            resources=("*",),
            reason=CEILING,
        ),
        *never(arns, cloudformation=False),
    )


def never(arns: Arns, *, cloudformation: bool = True) -> tuple[Grant, ...]:
    """What neither people nor workflows nor CloudFormation may do: it takes an administrator outside of all this.

    Args:
        arns: the installation's ARNs.
        cloudformation: whether CloudFormation's role is among those that carry the boundary, and may make the trail.
    """
    names = arns.names
    boundaries = arns.worldwide("iam", f"policy/{names.cicd_boundary}", f"policy/{names.ecs_boundary}")
    trail_bucket = names.trail_bucket(arns.account)
    execution_role = names.bootstrap_role("cfn-exec", arns.account, "*")
    creator = {"ArnNotLike": {"aws:PrincipalArn": list(arns.worldwide("iam", f"role/{execution_role}"))}}
    not_cloudformation = creator if cloudformation else None
    return (
        _deny(
            "NoUsers",
            *of(
                "iam",
                "*AccessKey* *AccountAlias *AccountPasswordPolicy *Group* *LoginProfile *MFADevice *SAMLProvider* "
                "*SSHPublicKey* *ServiceSpecificCredential* *SigningCertificate* *User* ChangePassword",
            ),
        ),
        _deny("NoOrganisation", "account:*", "organizations:*", "sso:*"),
        # A role that is made or given more power must carry one of the boundaries.
        _deny(
            "RolesCarryBoundary",
            *of("iam", "AttachRolePolicy CreateRole PutRolePermissionsBoundary PutRolePolicy"),
            conditions={"StringNotEquals": {"iam:PermissionsBoundary": list(boundaries)}},
        ),
        _deny("BoundariesStayOn", "iam:DeleteRolePermissionsBoundary"),
        # Boundaries and CloudFormation's own policies change by an administrator's hand only.
        _deny(
            "PoliciesStay",
            *of("iam", "CreatePolicyVersion DeletePolicy DeletePolicyVersion SetDefaultPolicyVersion"),
            resources=arns.worldwide("iam", "policy/Hannibal*"),
        ),
        # Whom these roles trust is not for the pipeline to say, or it could let anybody in; and whoever passes one of
        # them to a service borrows its power.
        _deny(
            "TrustStays",
            *of("iam", "DeleteRole PassRole UpdateAssumeRolePolicy"),
            resources=arns.worldwide("iam", "role/Hannibal*", "role/cdk-*"),
        ),
        _deny(
            "IssuersStay",
            *of(
                "iam",
                "AddClientIDToOpenIDConnectProvider DeleteOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint",
            ),
        ),
        # Also for CloudFormation: a template without the trail must not end the record of who deployed it.
        _deny(
            "TrailRunsOn",
            *of("cloudtrail", "DeleteTrail StopLogging UpdateTrail"),
        ),
        # CloudFormation sets these once, when it makes the trail.
        _deny(
            "TrailSeesAll",
            *of("cloudtrail", "PutEventConfiguration PutEventSelectors PutInsightSelectors"),
            conditions=not_cloudformation,
        ),
        _deny(
            "TrailFiles",
            *of("s3", "DeleteBucket DeleteObject DeleteObjectVersion PutObject"),
            resources=arns.buckets(trail_bucket, f"{trail_bucket}/*"),
        ),
        _deny(
            "TrailBucket",
            *of(
                "s3",
                "DeleteBucketPolicy PutBucketAcl PutBucketPolicy PutBucketPublicAccessBlock PutBucketVersioning "
                "PutEncryptionConfiguration PutLifecycleConfiguration PutReplicationConfiguration",
            ),
            resources=arns.buckets(trail_bucket),
            conditions=not_cloudformation,
        ),
        _deny("ProtectionStays", "cloudformation:UpdateTerminationProtection"),
    )


def _deny(
    sid: str,
    *actions: str,
    resources: tuple[str, ...] = ("*",),
    conditions: dict[str, dict[str, list[str]]] | None = None,
) -> Grant:
    return Grant(
        sid=sid,
        effect="Deny",
        actions=actions,
        resources=resources,
        conditions={operator: dict(keys) for operator, keys in (conditions or {}).items()},
    )


def _ceiling(arns: Arns) -> tuple[Grant, ...]:
    names = arns.names
    running_roles = (f"role/{names.project}-*", *(f"role/{stack}-*" for stack in stacks.ALL_STACKS))
    bootstrap_roles = arns.worldwide("iam", f"role/{names.bootstrap_role('*', arns.account, '*')}")
    return (
        Grant(
            sid="Services",
            actions=tuple(action for service, verbs in CEILING_BY_SERVICE.items() for action in of(service, verbs)),
            resources=("*",),
            reason=CEILING,
        ),
        # The password, and the connection string, whose name CloudFormation begins with the id of the construct.
        Grant(
            sid="Secrets",
            actions=of("secretsmanager", "*Secret* *Tag*"),
            resources=arns.regional("secretsmanager", f"secret:{names.database_secret}-*", "secret:Connection*"),
            reason=CEILING,
        ),
        # Of the three kinds of resources, each action knows one.
        Grant(
            sid="Identities",
            actions=("iam:*OpenIDConnectProvider*", "iam:*Polic*", "iam:*Role*"),
            resources=arns.worldwide(
                "iam",
                "oidc-provider/token.actions.githubusercontent.com",
                "policy/Hannibal*",
                "role/Hannibal*",
                "role/aws-service-role/*",
                *running_roles,
            ),
            reason=CEILING,
        ),
        Grant(sid="BootstrapRoles", actions=("sts:AssumeRole",), resources=bootstrap_roles, reason=CEILING),
        *domain_ceiling(arns),
    )


# By what an action is about, rather than whole services: EC2 without instances, SSM without commands, no KMS at all.
CEILING_BY_SERVICE: Final = {
    "athena": "*Quer* *Tag* *WorkGroup*",
    "billing": "GetBillingViewData",
    "budgets": "*Tag* ModifyBudget ViewBudget",
    "ce": "*Anomaly* *Tag* GetCost*",
    "cloudformation": "*Describe* Detect* Get* List*",
    "cloudfront": "*Distribution* *Function* *Invalidation* *OriginAccessControl* *Polic* *Tag*",
    "cloudtrail": "*Tags CreateTrail DescribeTrails Get* Put* StartLogging",
    "cloudwatch": "*Alarm* *Dashboard* *Metric* *Tag*",
    "codedeploy": "*Application* *Deployment* *Tag*",
    "ec2": "*Address* *FlowLogs *Gateway* *Route* *SecurityGroup* *Subnet* *Tags *Vpc* Describe*",
    "ecr": "*Image* *Layer* *LifecyclePolicy *Repositor* *Tag* GetAuthorizationToken",
    "ecs": "*CapacityProvider* *Cluster* *Service* *Tag* *Task* ExecuteCommand",
    "elasticloadbalancing": "*Listener* *LoadBalancer* *Rule* *Tag* *Target* Describe* Set*",
    "glue": "*Database* *Partition* *Table*",
    "lambda": "*Function* *Permission *Tag* Get*",
    "logs": "*Log* *MetricFilter* *RetentionPolicy *Tag* Describe* Get* Start*",
    "rds": "*DB* *Tags* Describe*",
    "s3": "*Bucket* *Configuration *Multipart* *Object* *Tag*",
    "secretsmanager": "*RandomPassword ListSecrets",
    "sns": "*Tag* *Topic* *ubscri* Get*",
    "ssm": "*Parameter* *Tags*",
}
