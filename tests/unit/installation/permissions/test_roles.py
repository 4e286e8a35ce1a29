"""What the roles of people and workflows are for: each can do its work, and nothing beside it."""

from collections.abc import Sequence

import pytest

from installation.permissions.execution_policies import PIPELINE_POLICIES
from installation.permissions.roles import cicd_boundary, deploy_boundary, ecs_boundary
from installation.permissions.statements import Statement
from tests.support.policies import ACCOUNT, REGION, allowing, arns, covers, matches
from tests.support.roles import CICD, DEVELOPER, PLAN, ROLES, TUNNEL_DOCUMENT, actions


def test_only_the_administrators_function_writes_to_the_administrators_topic() -> None:
    """Whoever deploys the others could write whatever he likes in the name of the security alarms."""
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:nestjs-hannibal-3-security"
    (statement,) = allowing(ecs_boundary(arns()), "sns:Publish", topic)

    role = f"arn:aws:iam::{ACCOUNT}:role/HannibalSnapshotRole-Dev"
    assert statement.conditions == {"ArnEquals": {"aws:PrincipalArn": [role]}}
    assert not allowing(cicd_boundary(arns()), "sns:Publish", topic)
    assert not allowing(deploy_boundary(arns()), "sns:Publish", topic)


def test_the_boundary_of_people_has_no_room_that_nobody_uses() -> None:
    granted = [
        (action, resource)
        for statements in ROLES.values()
        for statement in statements
        for action in statement.actions
        for resource in statement.resources
    ]
    for statement in cicd_boundary(arns()):
        if statement.effect == "Allow":
            for action in statement.actions:
                assert any(matches([action], it) for it, _ in granted), action
            for resource in statement.resources:
                assert any(matches(statement.actions, it) and covers([resource], on) for it, on in granted), resource


def test_nothing_becomes_another_projects() -> None:
    """By CloudFormation's policies, because the boundary of the CDK's roles is full."""
    of_cloudformation = [statement for policy in PIPELINE_POLICIES for statement in policy.statements(arns())]
    for statements in (cicd_boundary(arns()), ecs_boundary(arns()), of_cloudformation):
        (statement,) = [it for it in statements if it.sid == "OursStayOurs"]

        assert (statement.effect, statement.actions, statement.resources) == ("Deny", ("*",), ("*",))
        # A request without the tag is none of them: a missing key is unequal to everything.
        assert statement.conditions == {
            "StringNotEquals": {"aws:RequestTag/Project": "nestjs-hannibal-3"},
            "Null": {"aws:RequestTag/Project": "false"},
        }


# -- what the three roles are for -------------------------------------------------------------------------------------
def test_a_pull_request_changes_nothing_and_reads_no_secret_log_or_data() -> None:
    verbs = {action.split(":")[1] for action in actions(PLAN)}

    # Not even DetectStackDrift, whose answer has the values that resources have: neither status nor `cdk diff` asks.
    assert all(verb.startswith(("BatchGet", "Describe", "Get", "List")) for verb in verbs)
    assert "DescribeStackResourceDrifts" not in verbs
    services = {action.split(":")[0] for action in actions(PLAN)}
    assert not services & {"secretsmanager", "s3", "athena", "glue", "sts", "kms", "iam"}
    assert not actions(PLAN) & {"logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery"}


def test_parameters_that_are_read_are_named() -> None:
    reading = [
        statement for role in ROLES.values() for statement in role if matches(statement.actions, "ssm:GetParameter")
    ]
    assert len(reading) >= 2
    assert not [statement.sid for statement in reading if statement.wildcards]


@pytest.mark.parametrize("role", ["cicd", "developer"])
def test_a_release_can_be_done_from_start_to_end(role: str) -> None:
    project, group = "nestjs-hannibal-3", "nestjs-hannibal-3-app/nestjs-hannibal-3-dg"
    for action, resource in [
        ("ecs:DescribeServices", f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{project}-cluster/{project}-api-service"),
        ("ecs:DescribeTaskDefinition", "*"),
        ("ecs:RegisterTaskDefinition", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{project}-api-task:*"),
        # As it is registered, it has no revision yet.
        ("ecs:TagResource", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{project}-api-task"),
        ("ecs:DeregisterTaskDefinition", "*"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{project}-task"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{project}-task-execution"),
        ("codedeploy:CreateDeployment", f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:{group}"),
        ("codedeploy:GetDeployment", f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:{group}"),
        ("codedeploy:StopDeployment", "*"),
        ("ecr:DescribeImages", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{project}"),
        ("ssm:PutParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/hannibal/release/current"),
    ]:
        assert allowing(ROLES[role], action, resource), action


def test_roles_are_passed_to_tasks_only_and_that_of_schedules_to_them() -> None:
    passing = [statement for role in ROLES.values() for statement in role if matches(statement.actions, "iam:PassRole")]
    assert len(passing) >= 2
    of_schedules = f"arn:aws:iam::{ACCOUNT}:role/nestjs-hannibal-3-pause"
    for statement in passing:
        service = "scheduler" if statement.resources == (of_schedules,) else "ecs-tasks"
        assert statement.conditions == {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
        assert service == "scheduler" or of_schedules not in statement.resources


def test_only_people_pause_and_resume() -> None:
    """No workflow does it, and whoever stole its credentials could end the service by it."""
    for role, statements in ROLES.items():
        may = {"rds:StopDBInstance", "scheduler:UpdateSchedule", "cloudwatch:DisableAlarmActions"} & actions(statements)
        assert bool(may) is (role == "developer"), role


def test_who_ends_the_month_may_start_its_database() -> None:
    """RDS makes no final snapshot of one that a pause has stopped."""
    database = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:nestjs-hannibal-3-db"
    for role, statements in ROLES.items():
        assert bool(allowing(statements, "rds:StartDBInstance", database)) is (role in ("cicd", "developer")), role


def test_workflows_deploy_through_the_bootstrap_roles_only() -> None:
    (statement,) = [statement for statement in CICD if "sts:AssumeRole" in statement.actions]

    assert set(statement.resources) == {
        f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-{purpose}-role-{ACCOUNT}-{REGION}"
        for purpose in ("deploy", "file-publishing")
    }


def test_workflows_see_no_secret_and_open_no_shell() -> None:
    assert not actions(CICD) & {"secretsmanager:GetSecretValue", "ecs:ExecuteCommand"}


def test_workflows_read_the_services_log_and_no_other() -> None:
    """Lines of PostgreSQL have what users wrote, and flow logs whom they talk to."""
    read = {on for statement in CICD for on in statement.resources if "logs:FilterLogEvents" in statement.actions}
    assert {it.partition(":log-group:")[2].removesuffix(":*") for it in read} == {"/ecs/nestjs-hannibal-3"}
    assert not actions(CICD) & {"logs:StartQuery", "logs:GetQueryResults", "logs:StartLiveTail"}


def test_only_snapshots_of_this_database_are_pruned() -> None:
    (statement,) = [statement for statement in CICD if "rds:DeleteDBSnapshot" in statement.actions]

    assert covers(statement.resources, f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:storagestack-snapshot-database-1abc")
    assert not covers(statement.resources, f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:another-database-final")


def test_a_shell_opens_in_the_service_container_only() -> None:
    (statement,) = [statement for statement in DEVELOPER if "ecs:ExecuteCommand" in statement.actions]

    assert statement.conditions == {"StringEquals": {"ecs:container-name": "api"}}


def test_a_person_opens_a_tunnel_to_the_database_and_no_other_session() -> None:
    task = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/nestjs-hannibal-3-cluster/0a1b2c"
    for policy in (DEVELOPER, cicd_boundary(arns())):
        (statement,) = [statement for statement in policy if "ssm:StartSession" in statement.actions]
        assert matches(statement.resources, task)
        assert matches(statement.resources, TUNNEL_DOCUMENT)
        assert statement.conditions == {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}
        for beyond in (
            f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/SSM-SessionManagerRunShell",
            f"arn:aws:ssm:{REGION}::document/AWS-StartInteractiveCommand",
            f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0",
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/another-cluster/0a1b2c",
        ):
            assert not matches(statement.resources, beyond)
    (own,) = [statement for statement in DEVELOPER if "ssm:TerminateSession" in statement.actions]
    assert own.conditions == {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": ["${aws:userid}"]}}
    assert not any("ssm:StartSession" in statement.actions for role in (CICD, PLAN) for statement in role)


@pytest.mark.parametrize("role", [CICD, DEVELOPER])
def test_whoever_takes_a_snapshot_may_give_it_the_databases_tags(role: Sequence[Statement]) -> None:
    """RDS copies them with the rights of the caller."""
    for begin in (arns().names.taken_snapshots, arns().names.release_snapshots):
        snapshot = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:{begin}20261126-090000"
        assert allowing(role, "rds:CreateDBSnapshot", snapshot)
        assert allowing(role, "rds:AddTagsToResource", snapshot)
        assert not allowing(role, "rds:AddTagsToResource", snapshot.replace(begin, "another-"))


def test_whoever_sees_a_budget_may_see_what_it_is_about() -> None:
    view = f"arn:aws:billing::{ACCOUNT}:billingview/primary"
    budget = f"arn:aws:budgets::{ACCOUNT}:budget/{arns().names.limit_budget}"
    for statements in (DEVELOPER, cicd_boundary(arns()), ecs_boundary(arns())):
        assert allowing(statements, "budgets:ViewBudget", budget)
        assert allowing(statements, "billing:GetBillingViewData", view)


def test_whoever_restores_may_see_the_network() -> None:
    """RDS looks at it with the rights of the caller."""
    for verb in ("AccountAttributes", "AvailabilityZones", "InternetGateways", "SecurityGroups", "Subnets", "Vpcs"):
        assert allowing(DEVELOPER, f"ec2:Describe{verb}")
    assert allowing(DEVELOPER, "ec2:DescribeVpcAttribute", f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-0a1b2c")


def test_no_role_outside_the_bootstrap_can_be_assumed() -> None:
    (statement,) = [statement for statement in cicd_boundary(arns()) if "sts:AssumeRole" in statement.actions]

    assert set(statement.resources) == {
        f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-{purpose}-role-{ACCOUNT}-{REGION}"
        for purpose in ("deploy", "file-publishing")
    }
    for role in (PLAN, DEVELOPER):
        assert not allowing(role, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/anything")


def test_roles_that_run_the_system_read_only_the_projects_secrets() -> None:
    (statement,) = [it for it in ecs_boundary(arns()) if "secretsmanager:GetSecretValue" in it.actions]

    assert statement.conditions == {"StringEquals": {"aws:ResourceTag/Project": "nestjs-hannibal-3"}}
