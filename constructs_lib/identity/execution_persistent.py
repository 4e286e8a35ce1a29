"""What CloudFormation needs for the stacks that outlive the months."""

from constructs_lib import names as stacks
from constructs_lib.identity.execution_shared import (
    OF_THIS_PROJECT,
    alarms,
    buckets,
    functions,
    log_groups,
    secret,
)
from constructs_lib.identity.grants import Arns, Grant, of
from constructs_lib.identity.tasks import KNOWS_NO_RESOURCE


def identity(arns: Arns) -> tuple[Grant, ...]:
    """IdentityStack."""
    names = arns.names
    running = (
        *(f"role/{stack}-*" for stack in stacks.ALL_STACKS),
        *(f"role/{role}" for role in (names.task_role, names.execution_role, names.codedeploy_role)),
    )
    people = (f"role/{role}" for role in (names.cicd_role, names.plan_role, names.developer_role))
    service_linked = "role/aws-service-role/{0}.amazonaws.com/*"
    linked_services = ("ecs", "elasticloadbalancing", "rds")
    return (
        Grant(
            sid="Roles",
            actions=of(
                "iam",
                "CreateRole DeleteRole DeleteRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies "
                "ListRolePolicies PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy "
                "UpdateRole UpdateRoleDescription",
            ),
            resources=arns.worldwide("iam", *running, *people),
            reason=OF_THIS_PROJECT,
        ),
        Grant(
            sid="PassRoles",
            actions=("iam:PassRole",),
            resources=arns.worldwide("iam", *running),
            reason=OF_THIS_PROJECT,
            conditions={
                "StringEquals": {
                    "iam:PassedToService": [
                        f"{service}.amazonaws.com"
                        for service in ("cloudtrail", "codedeploy", "ecs-tasks", "lambda", "vpc-flow-logs")
                    ]
                }
            },
        ),
        Grant(
            sid="Policies",
            actions=of(
                "iam",
                "CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion "
                "ListEntitiesForPolicy ListPolicyVersions TagPolicy UntagPolicy",
            ),
            resources=arns.worldwide("iam", "policy/Hannibal*"),
            reason="The boundaries and these policies.",
        ),
        Grant(
            sid="GitHubProvider",
            actions=of(
                "iam",
                "AddClientIDToOpenIDConnectProvider CreateOpenIDConnectProvider DeleteOpenIDConnectProvider "
                "GetOpenIDConnectProvider ListOpenIDConnectProviderTags RemoveClientIDFromOpenIDConnectProvider "
                "TagOpenIDConnectProvider UntagOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint",
            ),
            resources=arns.worldwide("iam", "oidc-provider/token.actions.githubusercontent.com"),
        ),
        Grant(
            sid="ServiceLinkedRoles",
            actions=of("iam", "CreateServiceLinkedRole GetRole"),
            resources=arns.worldwide("iam", *(service_linked.format(service) for service in linked_services)),
            reason="AWS names these roles.",
        ),
    )


def network(arns: Arns) -> tuple[Grant, ...]:
    """NetworkStack."""
    kinds = (
        "elastic-ip internet-gateway natgateway route-table security-group security-group-rule subnet vpc "
        "vpc-endpoint vpc-flow-log"
    )
    return (
        Grant(
            sid="Network",
            actions=of(
                "ec2",
                "AllocateAddress AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress "
                "AuthorizeSecurityGroupIngress CreateFlowLogs CreateInternetGateway CreateNatGateway CreateRoute "
                "CreateRouteTable CreateSecurityGroup CreateSubnet CreateTags CreateVpc CreateVpcEndpoint "
                "DeleteFlowLogs DeleteInternetGateway DeleteNatGateway DeleteRoute DeleteRouteTable "
                "DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints DescribeVpcAttribute "
                "DetachInternetGateway DisassociateAddress DisassociateRouteTable ModifySubnetAttribute "
                "ModifyVpcAttribute ModifyVpcEndpoint ReleaseAddress ReplaceRoute ReplaceRouteTableAssociation "
                "RevokeSecurityGroupEgress RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsEgress "
                "UpdateSecurityGroupRuleDescriptionsIngress",
            ),
            resources=arns.regional("ec2", *(f"{kind}/*" for kind in kinds.split())),
            reason="EC2 gives ids instead of names.",
        ),
        Grant(
            sid="SeeNetwork",
            actions=(
                *of(
                    "ec2",
                    "DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeFlowLogs "
                    "DescribeInstances DescribeInternetGateways DescribeNatGateways DescribeNetworkAcls "
                    "DescribeNetworkInterfaces DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups "
                    "DescribeSubnets DescribeTags DescribeVpcEncryptionControls DescribeVpcEndpoints DescribeVpcs",
                ),
                *of("logs", "CreateLogDelivery DeleteLogDelivery"),
            ),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
        *log_groups(arns, "FlowLogs", arns.names.flow_log_group),
    )


def artifact(arns: Arns) -> tuple[Grant, ...]:
    """ArtifactStack."""
    names, account = arns.names, arns.account
    return (
        *buckets(
            "Buckets",
            names.access_log_bucket(account),
            names.frontend_bucket(account),
            names.load_balancer_log_bucket(account),
            arns=arns,
        ),
        Grant(
            sid="Repository",
            actions=of(
                "ecr",
                "CreateRepository DeleteLifecyclePolicy DeleteRepository DeleteRepositoryPolicy "
                "DescribeRepositories GetLifecyclePolicy GetRepositoryPolicy ListTagsForResource "
                "PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy SetRepositoryPolicy "
                "TagResource UntagResource",
            ),
            resources=arns.regional("ecr", f"repository/{names.repository}"),
        ),
        *secret(arns, "Password", f"{names.database_secret}-??????"),
        Grant(
            sid="NewPassword",
            actions=("secretsmanager:GetRandomPassword",),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
        # References in templates are read with this role: the release that runs, and the version of the bootstrap.
        Grant(
            sid="Parameters",
            actions=of("ssm", "GetParameter GetParameters"),
            resources=arns.regional(
                "ssm", f"parameter{names.release_parameter}", f"parameter{names.bootstrap_version_parameter}"
            ),
        ),
        *log_groups(arns, "Logs", names.service_log_group, names.database_log_group),
        Grant(
            sid="SeeLogs",
            actions=of("logs", "DescribeIndexPolicies DescribeLogGroups DescribeResourcePolicies"),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
        *functions(arns),
    )


def audit(arns: Arns) -> tuple[Grant, ...]:
    """AuditStack. Stopping, changing or deleting the trail is not in it: its boundary denies that in any case."""
    names, account = arns.names, arns.account
    return (
        Grant(
            sid="Trail",
            actions=of(
                "cloudtrail",
                "AddTags CreateTrail GetEventConfiguration GetEventSelectors GetInsightSelectors GetTrail "
                "GetTrailStatus ListTags PutEventConfiguration PutEventSelectors PutInsightSelectors RemoveTags "
                "StartLogging",
            ),
            resources=arns.regional("cloudtrail", f"trail/{names.trail}"),
        ),
        Grant(
            sid="SeeTrails",
            actions=("cloudtrail:DescribeTrails",),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
        *buckets("TrailBuckets", names.trail_bucket(account), names.athena_results_bucket(account), arns=arns),
        *log_groups(arns, "TrailLogs", names.trail_log_group),
        *alarms(arns),
        Grant(
            sid="Tables",
            actions=of(
                "glue",
                "CreateDatabase CreateTable DeleteDatabase DeleteTable GetDatabase GetTable "
                "GetTables UpdateDatabase UpdateTable",
            ),
            resources=arns.regional(
                "glue", "catalog", f"database/{names.audit_database}", f"table/{names.audit_database}/*"
            ),
            reason="Tables and views of this one database.",
        ),
        Grant(
            sid="Workgroup",
            actions=of(
                "athena",
                "CreateNamedQuery CreateWorkGroup DeleteNamedQuery DeleteWorkGroup GetNamedQuery GetWorkGroup "
                "ListNamedQueries ListTagsForResource TagResource UntagResource UpdateWorkGroup",
            ),
            resources=arns.regional("athena", f"workgroup/{names.audit_workgroup}"),
        ),
    )


def guardrail(arns: Arns) -> tuple[Grant, ...]:
    """GuardrailStack."""
    names = arns.names
    return (
        Grant(
            sid="Topic",
            actions=of(
                "sns",
                "CreateTopic DeleteTopic GetDataProtectionPolicy GetSubscriptionAttributes GetTopicAttributes "
                "ListSubscriptionsByTopic ListTagsForResource SetSubscriptionAttributes SetTopicAttributes Subscribe "
                "TagResource Unsubscribe UntagResource",
            ),
            resources=arns.regional("sns", names.alert_topic, f"{names.alert_topic}:*"),
            reason="Subscriptions of this topic.",
        ),
        Grant(
            sid="Budget",
            actions=of("budgets", "ListTagsForResource ModifyBudget TagResource UntagResource ViewBudget"),
            resources=arns.worldwide("budgets", f"budget/{names.budget}-*"),
            reason="The budget's name goes on with its threshold.",
        ),
        Grant(
            sid="BillingView",
            actions=("billing:GetBillingViewData",),
            resources=arns.worldwide("billing", "billingview/primary"),
        ),
        Grant(
            sid="Anomalies",
            actions=of(
                "ce",
                "DeleteAnomalyMonitor DeleteAnomalySubscription GetAnomalyMonitors GetAnomalySubscriptions "
                "ListTagsForResource TagResource UpdateAnomalyMonitor UpdateAnomalySubscription",
            ),
            resources=arns.worldwide("ce", "anomalymonitor/*", "anomalysubscription/*"),
            reason="Cost Explorer gives ids instead of names.",
        ),
        Grant(
            sid="NewAnomalies",
            actions=of("ce", "CreateAnomalyMonitor CreateAnomalySubscription"),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
    )
