"""Every role of the application carries a boundary, and the boundary leaves room for what the role may do.

A boundary that is too tight does not fail a deployment: it fails the running system, later, with a denied call.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from installation import names
from installation.permissions.roles import cicd_boundary, ecs_boundary
from tests.conftest import VARIANTS, Template, settings_of
from tests.support.policies import ACCOUNT, allowing, arns, denying

BOUNDARIES = {"HannibalCICDBoundary": cicd_boundary, "HannibalECSBoundary": ecs_boundary}
Templates = Callable[[str], dict[str, Template]]


def roles(template: Template) -> dict[str, dict[str, Any]]:
    return {key: value for key, value in template["Resources"].items() if value["Type"] == "AWS::IAM::Role"}


def boundary_of(role: dict[str, Any]) -> str:
    return str(address(role["Properties"]["PermissionsBoundary"])).rpartition(":policy/")[2]


def statements(template: Template, role: str) -> Iterator[dict[str, Any]]:
    """What a role may do by its own policies and by those that are attached to it."""
    for policy in roles(template)[role]["Properties"].get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role} in resource["Properties"]["Roles"]:
            yield from resource["Properties"]["PolicyDocument"]["Statement"]
    for attached in roles(template)[role]["Properties"].get("ManagedPolicyArns", []):
        if isinstance(attached, dict) and "Ref" in attached:
            yield from template["Resources"][attached["Ref"]]["Properties"]["PolicyDocument"]["Statement"]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def address(value: Any) -> str | None:
    """An ARN as text, when the template says it but for the account number."""
    if isinstance(value, str):
        return value
    parts = value.get("Fn::Join", [None, []])[1]
    known = [ACCOUNT if part == {"Ref": "AWS::AccountId"} else part for part in parts]
    return "".join(known) if known and all(isinstance(part, str) for part in known) else None


@pytest.mark.parametrize("environment", VARIANTS)
def test_every_role_of_the_pipeline_has_a_name_of_this_project(templates: Templates, environment: str) -> None:
    """By the beginning of a stack's name, the pipeline would reach another project's roles, and could pass them."""
    project = settings_of(environment).project
    for stack, template in templates(environment).items():
        for key, role in roles(template).items():
            if key.startswith("NetworkFlowLogsRole"):  # known by the beginning with its logical id
                continue
            name = role["Properties"].get("RoleName", "")
            assert name.startswith(f"{project}-") or stack in names.ADMINISTRATOR_STACKS, (stack, key)
            assert len(name) - len(project) + 26 <= 64  # with the longest project


@pytest.mark.parametrize("environment", VARIANTS)
def test_every_role_carries_a_boundary(templates: Templates, environment: str) -> None:
    for stack, template in templates(environment).items():
        expected = "HannibalCICDBoundary" if stack == names.IDENTITY_STACK else "HannibalECSBoundary"
        for role in roles(template).values():
            assert boundary_of(role) == expected, stack


@pytest.mark.parametrize("environment", VARIANTS)
def test_every_boundary_leaves_room(templates: Templates, environment: str) -> None:
    settings = settings_of(environment)
    longest = replace(
        arns(settings.project, settings.region),
        account=settings.account_id or ACCOUNT,
        hosted_zone=settings.edge.hosted_zone,
    )
    for stack, template in templates(environment).items():
        for role, resource in roles(template).items():
            boundary = BOUNDARIES[boundary_of(resource)](longest)
            for statement in statements(template, role):
                for action in as_list(statement["Action"]):
                    allowed = [statement for statement in boundary if action_is_in(statement, action)]
                    assert allowed, f"{stack} {role}: {action} is beyond {boundary_of(resource)}"
                    for text in filter(None, map(address, as_list(statement["Resource"]))):
                        where = f"{stack} {role}: {action} on {text}"
                        assert allowing(boundary, action, text), where
                        assert all(statement.conditions for statement in denying(boundary, action, text)), where


def action_is_in(statement: Any, action: str) -> bool:
    return bool(allowing([statement], action, statement.resources[0]))


# Services that do not say for which account they act, and could not assume a role that asks for it
# (`constructs_lib.arns`). All others are asked (IAM user guide, "The confused deputy problem").
SAYS_NO_ACCOUNT = {"cloudtrail.amazonaws.com", "lambda.amazonaws.com"}


@pytest.mark.parametrize("environment", VARIANTS)
def test_services_assume_roles_for_this_account_only(templates: Templates, environment: str) -> None:
    seen = set()
    account = settings_of(environment).account_id or {"Ref": "AWS::AccountId"}
    for template in templates(environment).values():
        for name, role in roles(template).items():
            for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
                if service := statement["Principal"].get("Service"):
                    seen.add(service)
                    asked = None if service in SAYS_NO_ACCOUNT else {"StringEquals": {"aws:SourceAccount": account}}
                    assert statement.get("Condition") == asked, name
    assert seen >= SAYS_NO_ACCOUNT | {"codedeploy.amazonaws.com", "ecs-tasks.amazonaws.com"}


@pytest.mark.parametrize("environment", VARIANTS)
def test_the_pipelines_stacks_have_roles_that_trust_services_alone(templates: Templates, environment: str) -> None:
    for stack in names.PIPELINE_STACKS:
        for name, role in roles(templates(environment)[stack]).items():
            for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
                assert set(statement["Principal"]) == {"Service"}, f"{stack}/{name}"
