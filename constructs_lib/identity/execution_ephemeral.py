"""What CloudFormation needs for the stacks of a month."""

from constructs_lib import names as stacks
from constructs_lib.identity.execution_shared import alarms, secret
from constructs_lib.identity.grants import Arns, Grant, of
from constructs_lib.identity.tasks import ID_BY_AWS, KNOWS_NO_RESOURCE


def storage(arns: Arns) -> tuple[Grant, ...]:
    """StorageStack."""
    names = arns.names
    beginning = stacks.STORAGE_STACK.lower()
    return (
        Grant(
            sid="Database",
            actions=of(
                "rds",
                "AddTagsToResource CreateDBInstance CreateDBParameterGroup CreateDBSnapshot CreateDBSubnetGroup "
                "DeleteDBInstance DeleteDBParameterGroup DeleteDBSubnetGroup DescribeDBInstanceAutomatedBackups "
                "DescribeDBInstances DescribeDBParameterGroups DescribeDBParameters DescribeDBSnapshots "
                "DescribeDBSubnetGroups ListTagsForResource ModifyDBInstance ModifyDBParameterGroup "
                "ModifyDBSubnetGroup RebootDBInstance RemoveTagsFromResource ResetDBParameterGroup "
                "RestoreDBInstanceFromDBSnapshot",
            ),
            resources=arns.regional(
                "rds",
                "auto-backup:*",
                f"db:{names.database}",
                "og:default:*",
                "pg:default.*",
                f"pg:{beginning}-*",
                f"snapshot:{beginning}-snapshot-*",
                f"snapshot:{names.database}-*",
                f"subgrp:{beginning}-*",
            ),
            reason="This database, what CloudFormation names after its stack, and AWS's default groups.",
        ),
        Grant(
            sid="SeeEngines",
            actions=of("rds", "DescribeDBEngineVersions DescribeEngineDefaultParameters DescribeEvents"),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
        # The connection string has no fixed name; CloudFormation begins it with the id of the construct.
        *secret(arns, "ConnectionString", "Connection*"),
    )


def compute(arns: Arns) -> tuple[Grant, ...]:
    """ComputeStack."""
    return (*_tasks(arns), *_load_balancer(arns), *_release(arns), *alarms(arns))


def _tasks(arns: Arns) -> tuple[Grant, ...]:
    names = arns.names
    return (
        Grant(
            sid="Service",
            actions=of(
                "ecs",
                "CreateCluster CreateService DeleteCluster DeleteService DescribeCapacityProviders DescribeClusters "
                "DescribeServices "
                "ListServiceDeployments ListTagsForResource PutClusterCapacityProviders RegisterTaskDefinition "
                "TagResource UntagResource UpdateCluster UpdateClusterSettings UpdateService",
            ),
            resources=arns.regional(
                "ecs",
                "capacity-provider/FARGATE*",
                f"cluster/{names.cluster}",
                f"service/{names.cluster}/{names.service}",
                f"task-definition/{names.task_family}:*",
            ),
            reason="Revisions of this one family, on AWS's own capacity.",
        ),
        Grant(
            sid="Revisions",
            actions=of("ecs", "DeregisterTaskDefinition DescribeTaskDefinition"),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
    )


def _load_balancer(arns: Arns) -> tuple[Grant, ...]:
    names = arns.names
    return (
        Grant(
            sid="LoadBalancer",
            actions=of(
                "elasticloadbalancing",
                "AddTags CreateListener CreateLoadBalancer CreateTargetGroup DeleteListener DeleteLoadBalancer "
                "DeleteTargetGroup DeregisterTargets ModifyListener ModifyListenerAttributes "
                "ModifyLoadBalancerAttributes ModifyTargetGroup ModifyTargetGroupAttributes RegisterTargets "
                "RemoveTags SetIpAddressType SetSecurityGroups SetSubnets",
            ),
            resources=arns.regional(
                "elasticloadbalancing",
                f"listener/app/{names.load_balancer}/*",
                f"loadbalancer/app/{names.load_balancer}/*",
                f"targetgroup/{names.blue_target_group}/*",
                f"targetgroup/{names.green_target_group}/*",
            ),
            reason=ID_BY_AWS,
        ),
        Grant(
            sid="SeeLoadBalancer",
            actions=of(
                "elasticloadbalancing",
                "DescribeCapacityReservation DescribeListenerAttributes DescribeListeners "
                "DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeTags DescribeTargetGroupAttributes "
                "DescribeTargetGroups DescribeTargetHealth",
            ),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
    )


def _release(arns: Arns) -> tuple[Grant, ...]:
    names = arns.names
    application = names.codedeploy_application
    return (
        Grant(
            sid="Releases",
            actions=of(
                "codedeploy",
                "CreateApplication CreateDeploymentGroup DeleteApplication DeleteDeploymentGroup GetApplication "
                "GetDeploymentConfig GetDeploymentGroup ListDeployments ListTagsForResource TagResource "
                "UntagResource UpdateDeploymentGroup",
            ),
            resources=arns.regional(
                "codedeploy",
                f"application:{application}",
                f"deploymentgroup:{application}/{names.codedeploy_group}",
                "deploymentconfig:CodeDeployDefault.ECS*",
            ),
            reason="AWS's own configurations for ECS.",
        ),
        Grant(
            sid="Dashboard",
            actions=of("cloudwatch", "DeleteDashboards GetDashboard PutDashboard"),
            resources=arns.worldwide("cloudwatch", f"dashboard/{names.dashboard}"),
        ),
    )


def edge(arns: Arns) -> tuple[Grant, ...]:
    """EdgeStack."""
    return (
        Grant(
            sid="Distribution",
            actions=of(
                "cloudfront",
                "DeleteCachePolicy DeleteDistribution DeleteFunction DeleteOriginAccessControl "
                "DeleteOriginRequestPolicy DeleteResponseHeadersPolicy DescribeFunction GetCachePolicy "
                "GetDistribution GetDistributionConfig GetFunction GetOriginAccessControl GetOriginRequestPolicy "
                "GetResponseHeadersPolicy ListTagsForResource PublishFunction TagResource UntagResource "
                "UpdateCachePolicy UpdateDistribution UpdateFunction UpdateOriginAccessControl "
                "UpdateOriginRequestPolicy UpdateResponseHeadersPolicy",
            ),
            resources=arns.worldwide(
                "cloudfront",
                "cache-policy/*",
                "distribution/*",
                f"function/*{stacks.EDGE_STACK}*",
                "origin-access-control/*",
                "origin-request-policy/*",
                "response-headers-policy/*",
            ),
            reason="CloudFront gives ids instead of names.",
        ),
        Grant(
            sid="NewDistribution",
            actions=of(
                "cloudfront",
                "CreateCachePolicy CreateDistribution CreateFunction CreateOriginAccessControl "
                "CreateOriginRequestPolicy CreateResponseHeadersPolicy",
            ),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
    )
