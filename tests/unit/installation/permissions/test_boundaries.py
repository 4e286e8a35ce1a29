"""Boundaries have no room that an attacker could use and nobody else does."""

from installation.permissions.boundaries import cicd_boundary, deploy_boundary, ecs_boundary
from installation.permissions.execution_policies import PIPELINE_POLICIES
from tests.support.policies import ACCOUNT, REGION, allowing, arns, covers, matches
from tests.support.roles import ROLES


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
