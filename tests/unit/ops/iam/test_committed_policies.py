"""The committed execution policies give what the application needs, and not more."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pydantic_core
import pytest

from installation.permissions.execution_policies import GENERATED, PIPELINE_POLICIES
from installation.permissions.roles import deploy_boundary
from installation.settings.file import load_settings
from ops.iam import required as subject
from ops.iam.needs import handler_actions, left_out, read_project_templates
from ops.iam.policy_documents import Document, read_documents
from ops.iam.published_figures import DOCUMENT, update_page
from ops.iam.required import required
from ops.iam.variants import variants
from ops.stacks.checkout import this_checkout
from tests.conftest import ENVIRONMENTS, GIVEN, new_app, own, settings_of
from tests.support.policies import ACCOUNT, allowing, arns, denying, of
from tools.policies import generate

REGION = "ap-northeast-1"
Assembly = Callable[[str], Path]


@pytest.fixture(scope="module")
def assemblies(assembly: Assembly, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every variant that policies have to cover, synthesized."""
    from app import build

    found = {environment: assembly(own(environment)) for environment in ENVIRONMENTS}
    for name, settings in variants().items():
        if name not in found:
            found[name] = tmp_path_factory.mktemp(name)
            app = new_app(found[name])
            build(app, settings)
            app.synth()
    return found


def test_the_policies_are_those_that_are_generated(assemblies: dict[str, Path]) -> None:
    region = settings_of(own("dev")).region
    generated = {policy.policy.file.name: policy.text for policy in generate(assemblies, region)}

    committed = {file.name: file.read_text(encoding="utf-8") for file in GENERATED.glob("*.json")}

    assert committed == generated, "run `make policies` and look at what changed"


def test_the_page_shows_todays_figures(assembly: Assembly) -> None:
    text = (this_checkout().root / DOCUMENT).read_text(encoding="utf-8")

    folder = assembly(own("dev"))
    current = update_page(text, required(folder, settings_of(own("dev"))), folder)

    assert text == current, "run `make policies`"
    assert "| `HannibalPRPlanRole-Dev` |" in current
    assert "| `ComputeStack` |" in current


def test_a_task_definition_is_tagged_before_and_after_it_has_a_revision() -> None:
    """ECS asks about the family alone as it is registered with tags, and about the revision later."""
    (compute,) = [policy for policy in PIPELINE_POLICIES if policy.subject == "Compute"]
    family = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{arns().names.task_family}"
    for resource in (family, f"{family}:7"):
        assert allowing(compute.statements(arns()), "ecs:TagResource", resource), resource


def test_composite_alarms_are_allowed_on_everything() -> None:
    """CloudWatch takes a permission with a narrower scope for none (API reference, PutCompositeAlarm)."""
    (compute,) = [policy for policy in PIPELINE_POLICIES if policy.subject == "Compute2"]
    assert allowing(compute.statements(arns()), "cloudwatch:PutCompositeAlarm", "*")


@pytest.mark.parametrize("stack", ["NetworkStack", "StorageStack", "ComputeStack"])
def test_the_security_groups_of_load_balancers_and_functions_are_looked_at(stack: str) -> None:
    """Load balancing and Lambda do it with the rights of the caller; no schema says so."""
    network = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-0a1b2c"
    policies = [policy for policy in PIPELINE_POLICIES if policy.stack == stack]
    assert any(allowing(it.statements(arns()), "ec2:GetSecurityGroupsForVpc", network) for it in policies)


def test_the_boundary_takes_nothing_away_from_what_the_pipeline_deploys() -> None:
    boundary = deploy_boundary(arns())
    for policy in PIPELINE_POLICIES:
        for statement in (it for it in policy.statements(arns()) if it.effect == "Allow"):
            for action in statement.actions:
                for resource in statement.resources:
                    assert allowing(boundary, action, resource), f"{policy.subject}: {action} on {resource}"
                    denied = [it for it in denying(boundary, action, resource) if not it.conditions]
                    assert not denied, f"{policy.subject}: {action} on {resource}"


@pytest.mark.parametrize("end", ["", ":$LATEST"])
def test_how_calls_of_the_check_are_repeated_is_said_of_a_version(end: str) -> None:
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{arns().names.synthetic_check}{end}"
    granted = [one for policy in PIPELINE_POLICIES for one in policy.statements(arns())]

    for action in of("lambda", "DeleteFunctionEventInvokeConfig PutFunctionEventInvokeConfig"):
        assert allowing(granted, action, function), action
        assert allowing(deploy_boundary(arns()), action, function), action


def test_nothing_is_lacking(assemblies: dict[str, Path]) -> None:
    for name, settings in variants().items():
        assert required(assemblies[name], settings).problems == (), name


def _without(documents: tuple[Document, ...], action: str) -> Iterator[Document]:
    for document in documents:
        statements = []
        for statement in document.statements:
            actions = statement["Action"]
            assert isinstance(actions, list)
            statements.append({**statement, "Action": [name for name in actions if name != action]})
        yield replace(document, statements=tuple(statements))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ec2:CreateVpc", "NetworkStack/"),
        ("rds:RestoreDBInstanceFromDBSnapshot", "StorageStack/Database"),
        ("cloudformation:DescribeStacks", "ComputeStack/"),
        ("iam:PassRole", "ComputeStack/"),
    ],
)
def test_an_action_that_is_taken_away_is_missed_by_its_resource(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch, action: str, resource: str
) -> None:
    monkeypatch.setattr(subject, "read_documents", lambda: tuple(_without(read_documents(), action)))

    problems = required(assembly(own("dev")), settings_of(own("dev"))).problems

    assert problems
    assert all(problem.endswith(f" needs {action}") for problem in problems)
    assert any(problem.startswith(resource) for problem in problems), problems


def test_the_same_templates_give_the_same_bytes(assembly: Assembly) -> None:
    first, second = (pydantic_core.to_json(required(assembly("dev"), load_settings("dev"))) for _ in range(2))

    assert first == second
    assert json.loads(first)["permissions"] > 300


def test_no_rule_is_left_that_leaves_nothing_out(assembly: Assembly) -> None:
    idle = set(left_out())
    for variant in GIVEN:
        for template in read_project_templates(assembly(variant)):
            for resource in template.resources:
                kind, properties = resource.resource_type, resource.properties
                if not kind.startswith("Custom::"):
                    actions = handler_actions(kind, REGION)
                    idle -= {rule for rule in idle if any(rule.leaves_out(kind, properties, name) for name in actions)}

    assert not [(rule.types, rule.actions) for rule in idle]


@pytest.mark.parametrize("document", read_documents(), ids=lambda document: document.policy.subject)
def test_no_policy_opens_a_service_or_more_than_it_forces(document: Document) -> None:
    for statement in document.statements:
        actions, resources = statement["Action"], statement["Resource"]
        assert isinstance(actions, list)
        assert isinstance(resources, list)
        assert not [name for name in actions if "*" in name]
        assert ("*" in resources) == (statement["Sid"] == "KnowNoResource")
