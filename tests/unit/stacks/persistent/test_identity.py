"""IdentityStack: who is trusted, under which boundary."""

from typing import Any

import pytest

from installation import names
from installation.permissions.execution_policies import PIPELINE_POLICIES
from installation.permissions.roles import SHARED_TASKS
from installation.settings import Settings
from installation.settings.file import load_settings
from stacks.persistent.identity import IdentityStack
from tests.conftest import ROOT
from tests.support.synthesis import Synthesized, changed

ISSUER = "token.actions.githubusercontent.com"
WORKFLOWS = "hannibal-platform/nestjs-hannibal-3/.github/workflows"
EXISTING = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"


@pytest.fixture(scope="module")
def identity(settings: Settings) -> Synthesized:
    return Synthesized(IdentityStack, names.IDENTITY_STACK, settings)


@pytest.fixture(scope="module")
def renamed(settings: Settings) -> Synthesized:
    """A repository that sends ids, in an account that has a provider, deploying from another branch."""
    github = {"owner_id": 11, "repository_id": 22, "existing_provider_arn": EXISTING, "branch": "release"}
    return Synthesized(IdentityStack, names.IDENTITY_STACK, changed(settings, github=github))


def roles(identity: Synthesized) -> dict[str, dict[str, Any]]:
    return {role["RoleName"]: role for role in identity.properties("AWS::IAM::Role")}


def trust(identity: Synthesized, role: str) -> dict[str, Any]:
    (statement,) = roles(identity)[role]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    found: dict[str, Any] = statement
    return found


def expected(identity: Synthesized, role: str) -> dict[str, Any]:
    """What a token must carry, which is compared as it is and without patterns."""
    statement = trust(identity, role)
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    (operator,) = statement["Condition"]
    assert operator == "StringEquals"
    claims: dict[str, Any] = statement["Condition"][operator]
    assert not [value for value in claims.values() if "*" in value]
    return claims


def test_provider_has_no_thumbprint_and_no_function(identity: Synthesized) -> None:
    identity.template.has_resource_properties(
        "AWS::IAM::OIDCProvider", {"Url": f"https://{ISSUER}", "ClientIdList": ["sts.amazonaws.com"]}
    )
    (provider,) = identity.properties("AWS::IAM::OIDCProvider")
    assert "ThumbprintList" not in provider
    identity.template.resource_count_is("AWS::Lambda::Function", 0)


def test_an_existing_provider_is_used(renamed: Synthesized) -> None:
    renamed.template.resource_count_is("AWS::IAM::OIDCProvider", 0)
    assert trust(renamed, "HannibalCICDRole-Dev")["Principal"] == {"Federated": EXISTING}


def test_workflows_deploy_from_their_environment_and_branch(identity: Synthesized) -> None:
    assert expected(identity, "HannibalCICDRole-Dev") == {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": "repo:hannibal-platform/nestjs-hannibal-3:environment:dev",
        f"{ISSUER}:ref": "refs/heads/main",
        f"{ISSUER}:job_workflow_ref": [
            f"{WORKFLOWS}/deploy.yml@refs/heads/main",
            f"{WORKFLOWS}/destroy.yml@refs/heads/main",
            f"{WORKFLOWS}/frontend.yml@refs/heads/main",
        ],
    }


@pytest.mark.parametrize(
    ("variable", "role"), [("AWS_ROLE_ARN", "HannibalCICDRole-Dev"), ("AWS_DRIFT_ROLE_ARN", "HannibalDriftRole-Dev")]
)
def test_a_role_trusts_the_workflows_that_take_it_on_and_no_other(
    identity: Synthesized, variable: str, role: str
) -> None:
    files = sorted((ROOT / ".github/workflows").glob("*.yml"))
    using = [it.name for it in files if f"role-to-assume: ${{{{ vars.{variable} }}}}" in it.read_text(encoding="utf-8")]
    assert expected(identity, role)[f"{ISSUER}:job_workflow_ref"] == [
        f"{WORKFLOWS}/{name}@refs/heads/main" for name in using
    ]


def test_drift_is_looked_for_by_its_own_workflow_with_a_role_that_only_reads(identity: Synthesized) -> None:
    claims = expected(identity, "HannibalDriftRole-Dev")
    assert claims[f"{ISSUER}:job_workflow_ref"] == [f"{WORKFLOWS}/drift.yml@refs/heads/main"]


def test_sessions_are_as_long_as_the_jobs_that_use_them(identity: Synthesized) -> None:
    assert roles(identity)["HannibalCICDRole-Dev"]["MaxSessionDuration"] == 90 * 60
    for job in ("deploy", "destroy"):
        workflow = (ROOT / f".github/workflows/{job}.yml").read_text(encoding="utf-8")
        assert "role-duration-seconds: 5400" in workflow
        assert "timeout-minutes: 90" in workflow


def test_a_pull_request_gets_the_plan_role(identity: Synthesized) -> None:
    assert expected(identity, "HannibalPRPlanRole-Dev") == {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": "repo:hannibal-platform/nestjs-hannibal-3:pull_request",
    }


def test_a_repository_with_ids_is_trusted_by_them(renamed: Synthesized) -> None:
    repository = "repo:hannibal-platform@11/nestjs-hannibal-3@22"

    assert expected(renamed, "HannibalCICDRole-Dev")[f"{ISSUER}:sub"] == f"{repository}:environment:dev"
    assert expected(renamed, "HannibalCICDRole-Dev")[f"{ISSUER}:ref"] == "refs/heads/release"
    assert expected(renamed, "HannibalPRPlanRole-Dev")[f"{ISSUER}:sub"] == f"{repository}:pull_request"


def test_a_person_needs_a_second_factor(identity: Synthesized) -> None:
    statement = trust(identity, "HannibalDeveloperRole-Dev")

    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert statement["Principal"]["AWS"]["Fn::Join"][1][-1] == ":root"


def test_people_of_a_permission_set_are_developers_without_the_factor_that_iam_cannot_see(settings: Settings) -> None:
    with_set = settings.model_copy(update={"developer_permission_set": "Developers"})
    identity = Synthesized(IdentityStack, names.IDENTITY_STACK, with_set)

    condition = trust(identity, "HannibalDeveloperRole-Dev")["Condition"]
    ends = [it["Fn::Join"][1][-1] for it in condition["ArnLike"]["aws:PrincipalArn"]]
    role = "AWSReservedSSO_Developers_????????????????"
    path = ":role/aws-reserved/sso.amazonaws.com"
    assert ends == [f"{path}/{role}", f"{path}/*/{role}"]
    assert list(condition) == ["ArnLike"]


def test_every_role_has_the_boundary_and_waits_for_it(identity: Synthesized) -> None:
    (boundary,) = [
        key
        for key, policy in identity.of_type("AWS::IAM::ManagedPolicy").items()
        if policy["Properties"]["ManagedPolicyName"] == "HannibalCICDBoundary"
    ]
    for role in identity.of_type("AWS::IAM::Role").values():
        assert role["Properties"]["PermissionsBoundary"]["Fn::Join"][1][-1] == ":policy/HannibalCICDBoundary"
        assert boundary in role["DependsOn"]


def test_no_role_takes_a_policy_of_aws(identity: Synthesized) -> None:
    assert set(roles(identity)) == {
        "HannibalCICDRole-Dev",
        "HannibalPRPlanRole-Dev",
        "HannibalDriftRole-Dev",
        "HannibalDeveloperRole-Dev",
    }
    own = set(identity.of_type("AWS::IAM::ManagedPolicy"))
    for role in roles(identity).values():
        assert {policy["Ref"] for policy in role["ManagedPolicyArns"]} <= own
        assert [policy["PolicyName"] for policy in role["Policies"]] == ["Tasks"]
    identity.template.resource_count_is("AWS::IAM::Policy", 0)


def test_policies_have_the_names_that_others_know(identity: Synthesized) -> None:
    assert {policy["ManagedPolicyName"] for policy in identity.properties("AWS::IAM::ManagedPolicy")} == {
        "HannibalCICDBoundary",
        "HannibalDeployBoundary",
        "HannibalECSBoundary",
        *(f"Hannibal{subject}" for subject in SHARED_TASKS),
        *(f"HannibalExecution{policy.subject}" for policy in PIPELINE_POLICIES),
    }


def test_execution_policies_are_printed_as_bootstrap_takes_them(identity: Synthesized) -> None:
    parts = identity.json["Outputs"]["ExecutionPolicyArns"]["Value"]["Fn::Join"][1]

    assert [part for part in parts if isinstance(part, str)] == [","] * (len(PIPELINE_POLICIES) - 1)
    assert {"CicdRoleArn", "PlanRoleArn", "DeveloperRoleArn"} <= set(identity.json["Outputs"])


def test_statements_keep_their_names_for_a_review(identity: Synthesized) -> None:
    role = roles(identity)["HannibalPRPlanRole-Dev"]
    (own,), (attached,) = role["Policies"], role["ManagedPolicyArns"]
    shared = identity.of_type("AWS::IAM::ManagedPolicy")[attached["Ref"]]["Properties"]

    assert [statement["Sid"] for statement in own["PolicyDocument"]["Statement"]] == ["ReadBootstrapVersion"]
    assert "SeeStacks" in [statement["Sid"] for statement in shared["PolicyDocument"]["Statement"]]


def test_roles_of_production() -> None:
    production = Synthesized(IdentityStack, names.IDENTITY_STACK, load_settings("prod"))

    assert set(roles(production)) == {
        "HannibalCICDRole-Prod",
        "HannibalPRPlanRole-Prod",
        "HannibalDriftRole-Prod",
        "HannibalDeveloperRole-Prod",
    }
    assert expected(production, "HannibalCICDRole-Prod")[f"{ISSUER}:sub"].endswith(":environment:prod")
