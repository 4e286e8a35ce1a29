"""Boundaries have no room that a thief could use and nobody else does."""

from installation.permissions.boundaries import cicd_boundary, deploy_boundary, ecs_boundary
from installation.permissions.execution_policies import PIPELINE_POLICIES
from tests.support.policies import ACCOUNT, REGION, allowing, arns, covers, matches
from tests.support.roles import ROLES


def test_only_the_administrators_function_writes_to_the_administrators_topic() -> None:
    """Whoever deploys the others could write whatever he likes in the name of the security alarms."""
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:nestjs-hannibal-3-security"
    (grant,) = allowing(ecs_boundary(arns()), "sns:Publish", topic)

    role = f"arn:aws:iam::{ACCOUNT}:role/HannibalSnapshotRole-Dev"
    assert grant.conditions == {"ArnEquals": {"aws:PrincipalArn": [role]}}
    assert not allowing(cicd_boundary(arns()), "sns:Publish", topic)
    assert not allowing(deploy_boundary(arns()), "sns:Publish", topic)


def test_the_boundary_of_people_has_no_room_that_nobody_uses() -> None:
    granted = [
        (action, resource)
        for grants in ROLES.values()
        for grant in grants
        for action in grant.actions
        for resource in grant.resources
    ]
    for grant in cicd_boundary(arns()):
        if grant.effect == "Allow":
            for action in grant.actions:
                assert any(matches([action], it) for it, _ in granted), action
            for resource in grant.resources:
                assert any(matches(grant.actions, it) and covers([resource], on) for it, on in granted), resource


def test_nothing_becomes_another_projects() -> None:
    """By CloudFormation's policies, because the boundary of the CDK's roles is full."""
    of_cloudformation = [grant for policy in PIPELINE_POLICIES for grant in policy.grants(arns())]
    for grants in (cicd_boundary(arns()), ecs_boundary(arns()), of_cloudformation):
        (grant,) = [it for it in grants if it.sid == "OursStayOurs"]

        assert (grant.effect, grant.actions, grant.resources) == ("Deny", ("*",), ("*",))
        # A request without the tag is none of them: a missing key is unequal to everything.
        assert grant.conditions == {
            "StringNotEquals": {"aws:RequestTag/Project": "nestjs-hannibal-3"},
            "Null": {"aws:RequestTag/Project": "false"},
        }
