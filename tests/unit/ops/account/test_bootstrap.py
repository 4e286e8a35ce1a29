"""What a bootstrap would do, and what it refuses."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from installation.names.persistent import ADMINISTRATOR_TOOLKIT_STACK, TOOLKIT_STACK
from installation.settings import Settings
from installation.settings.github import PLACEHOLDER_OWNER
from ops.account.bootstrap.desired_stacks import POLICIES, DesiredStack, desired_stacks
from ops.account.bootstrap.plan import Step, difference, execution_policies, plan_bootstrap, remaining_policies
from ops.account.caller import Caller
from ops.account.github_subject import SubjectCheck
from ops.aws.clients import Aws
from ops.errors import FailedError
from ops.stacks.checkout import Checkout
from tests.conftest import ROOT
from tests.support.fakes import ACCOUNT, FakeAccount
from tests.support.planned_change_set import ROLE, STACK, Planned
from tests.support.zone import with_zone

CALLER = Caller(account=ACCOUNT, identity="arn:x", region="ap-northeast-1", endpoint=None)


@pytest.fixture
def owned(settings: Settings) -> Settings:
    """Settings with an owner."""
    return settings.model_copy(update={"github": settings.github.model_copy(update={"owner": "somebody"})})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Templates of the two stacks that an administrator deploys, of one that outlives the month, and of another."""
    artifacts = {}
    for name, protected in (
        ("IdentityStack", True),
        ("ArtifactStack", True),
        ("AuditStack", True),
        ("ComputeStack", False),
    ):
        (tmp_path / f"{name}.template.json").write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
        files = {"x": {"source": {"path": f"{name}.template.json"}}}
        (tmp_path / f"{name}.assets.json").write_text(json.dumps({"files": files}))
        properties = {"templateFile": f"{name}.template.json", "terminationProtection": protected, "tags": STACK.tags}
        artifacts[name] = {"type": "aws:cloudformation:stack", "properties": properties}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return tmp_path


# -- what is planned --------------------------------------------------------------------------------------------------
def test_an_administrator_deploys_in_this_order_what_outlives_the_month(settings: Settings, folder: Path) -> None:
    desired = desired_stacks(settings, CALLER, Checkout(root=ROOT), folder, ["arn:a", "arn:b"])

    assert [it.name for it in desired] == [
        "CDKToolkit-Admin",
        "IdentityStack",
        "CDKToolkit",
        "ArtifactStack",
        "AuditStack",
    ]
    by_name = {it.name: it for it in desired}
    assert by_name["IdentityStack"].role == by_name["AuditStack"].role == ROLE
    assert by_name["ArtifactStack"].once
    assert "hnb659fds" in (by_name["ArtifactStack"].role or "")
    toolkit = by_name["CDKToolkit"].parameters
    assert toolkit[POLICIES] == "arn:a,arn:b"
    assert toolkit["InputPermissionsBoundary"] == "HannibalDeployBoundary"
    assert toolkit["ApplyPermissionsBoundaryToAllRoles"] == "true"
    assert toolkit["TrustedAccounts"] == ""


def test_a_stack_that_needs_files_of_the_pipelines_bucket_is_not_deployed(settings: Settings, folder: Path) -> None:
    files = {"x": {"source": {"path": "asset.1234.zip"}}}
    (folder / "AuditStack.assets.json").write_text(json.dumps({"files": files}))

    with pytest.raises(FailedError, match="AuditStack needs files besides its template"):
        desired_stacks(settings, CALLER, Checkout(root=ROOT), folder, [])


def test_the_administrators_role_is_for_cloudformation_only(settings: Settings, folder: Path) -> None:
    toolkit = json.loads(desired_stacks(settings, CALLER, Checkout(root=ROOT), folder, [])[0].template)

    role = toolkit["Resources"]["CloudFormation"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    assert {policy["PolicyName"] for policy in role["Policies"]} == {"Identity", "Audit", "Audit2"}
    assert len(json.dumps(role["Policies"], separators=(",", ":"))) <= 10_240
    assert "ManagedPolicyArns" not in role


@pytest.mark.parametrize(
    ("more", "template", "kind"),
    [
        ({}, {"Resources": {}}, Step.TAKE_OVER),
        ({"RoleARN": ROLE}, {"Resources": {}}, Step.PROTECT),
        ({"RoleARN": ROLE, "EnableTerminationProtection": True}, {"Resources": {}}, None),
        ({"RoleARN": ROLE, "EnableTerminationProtection": True}, {"Resources": {"A": {}}}, Step.DEPLOY),
        ({"RoleARN": ROLE, "Tags": []}, {"Resources": {}}, Step.DEPLOY),
    ],
)
def test_what_is_to_be_done_about_a_stack(account: FakeAccount, more: Any, template: Any, kind: Step | None) -> None:
    account.add_stack("IdentityStack", "CREATE_COMPLETE", **more)
    aws = account.aws()
    aws.__dict__["cloudformation"] = planned = Planned(account)
    planned.held = template

    step = difference(aws, STACK)

    assert (step.kind if step else None) is kind


def test_what_the_pipeline_updates_is_left_to_it_once_it_is_there(account: FakeAccount) -> None:
    account.add_stack("ArtifactStack", "UPDATE_COMPLETE", EnableTerminationProtection=True)
    assert (
        difference(account.aws(), DesiredStack(name="ArtifactStack", template="{}", role="arn:pipeline", once=True))
        is None
    )


def test_policies_that_go_are_taken_from_the_role_before_they_are_deleted(
    account: FakeAccount, settings: Settings
) -> None:
    wanted = execution_policies(settings, ACCOUNT)
    obsolete = f"arn:aws:iam::{ACCOUNT}:policy/HannibalExecutionIdentity"
    account.add_stack(TOOLKIT_STACK, "CREATE_COMPLETE")

    def remaining(*policies: str) -> tuple[str, ...] | None:
        account.stacks[TOOLKIT_STACK]["Parameters"] = [{"ParameterKey": POLICIES, "ParameterValue": ",".join(policies)}]
        return remaining_policies(account.aws(), wanted)

    assert remaining(*wanted) is None
    assert remaining("arn:aws:iam::aws:policy/AdministratorAccess") is None
    assert remaining(obsolete, wanted[0]) == (wanted[0],)
    assert remaining(obsolete) == ("arn:aws:iam::aws:policy/AWSDenyAll",)


# -- what is refused --------------------------------------------------------------------------------------------------
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


@pytest.mark.parametrize("status", [None, "ROLLBACK_COMPLETE"])
def test_a_second_provider_for_github_is_refused_before_anything_is_made(
    account: FakeAccount, owned: Settings, status: str | None
) -> None:
    account.identity_providers = [f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com", PROVIDER]
    if status:
        account.add_stack("IdentityStack", status)

    (refusal,) = plan_bootstrap(account.aws(owned), Checkout(root=ROOT)).refusals

    assert f"`existing_provider_arn: {PROVIDER}` under `github:` in config/dev.yaml" in refusal


def test_a_provider_that_is_used_is_not_refused(account: FakeAccount, owned: Settings, folder: Path) -> None:
    account.identity_providers = [PROVIDER]
    github = owned.github.model_copy(update={"existing_provider_arn": PROVIDER})
    using = owned.model_copy(update={"github": github})

    plan = plan_bootstrap(account.aws(using), Checkout(root=ROOT), folder)

    assert plan.refusals == ()
    assert [step.stack for step in plan.steps] == [it.name for it in plan.desired]


def test_the_owner_that_nobody_has_changed_is_refused(account: FakeAccount, settings: Settings) -> None:
    assert settings.github.owner == PLACEHOLDER_OWNER

    (refusal,) = plan_bootstrap(account.aws(settings), Checkout(root=ROOT)).refusals

    assert f"`github.owner` in config/dev.yaml is still {PLACEHOLDER_OWNER}" in refusal


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "DELETE_FAILED"])
@pytest.mark.parametrize("stack", [ADMINISTRATOR_TOOLKIT_STACK, "IdentityStack", TOOLKIT_STACK, "AuditStack"])
def test_a_stack_that_cannot_be_deployed_is_refused_with_the_way_out(
    account: FakeAccount, owned: Settings, stack: str, status: str
) -> None:
    account.add_stack(stack, status)

    (refusal,) = plan_bootstrap(account.aws(owned), Checkout(root=ROOT)).refusals

    assert f"{stack} is {status}" in refusal
    assert "hannibal bootstrap" in refusal


@pytest.mark.parametrize(
    ("status", "refusals", "deployed"),
    [
        ("UPDATE_ROLLBACK_FAILED", 0, False),
        ("UPDATE_IN_PROGRESS", 0, False),
        ("DELETE_FAILED", 1, False),
        ("ROLLBACK_COMPLETE", 0, True),
        ("CREATE_FAILED", 0, True),
        ("REVIEW_IN_PROGRESS", 0, True),
        ("DELETE_IN_PROGRESS", 0, True),
    ],
)
def test_an_update_of_the_pipeline_that_did_not_end_keeps_no_administrator_from_the_permissions(
    account: FakeAccount, owned: Settings, folder: Path, status: str, refusals: int, *, deployed: bool
) -> None:
    account.add_stack("ArtifactStack", status, EnableTerminationProtection=True)
    plan = plan_bootstrap(account.aws(owned), Checkout(root=ROOT), folder)
    assert len(plan.refusals) == refusals
    assert any(step.stack == "ArtifactStack" for step in plan.steps) is deployed


@pytest.mark.parametrize(
    ("status", "with_records"),
    [("", []), ("ROLLBACK_COMPLETE", []), ("CREATE_FAILED", ["EdgeStack"]), ("CREATE_COMPLETE", None)],
)
def test_a_zone_whose_records_would_fail_the_edge_is_refused(
    account: FakeAccount,
    owned: Settings,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    with_records: list[str] | None,
) -> None:
    stacks: list[frozenset[str]] = []

    def zone(_: Aws, *, deployed: Collection[str]) -> tuple[str, ...]:
        stacks.append(frozenset(deployed))
        return ("the zone",)

    monkeypatch.setattr("ops.account.bootstrap.plan.hosted_zone_refusals", zone)
    monkeypatch.setattr("ops.account.bootstrap.plan.certificate_refusals", lambda _: ("the certificate",))
    monkeypatch.setattr("ops.account.bootstrap.plan.domain_record_refusals", lambda _: ("the record",))
    if status:
        account.add_stack("EdgeStack", status)

    refusals = plan_bootstrap(account.aws(with_zone(owned)), Checkout(root=ROOT)).refusals

    assert refusals == (() if with_records is None else ("the certificate", "the zone", "the record"))
    assert stacks == ([] if with_records is None else [frozenset(with_records)])


# -- what GitHub's tokens say -----------------------------------------------------------------------------------------
def test_a_subject_that_no_role_would_trust_is_refused(account: FakeAccount, owned: Settings) -> None:
    check = SubjectCheck(mismatch="write the ids")
    assert plan_bootstrap(account.aws(owned), Checkout(root=ROOT), subject=check).refusals == ("write the ids",)


def test_a_subject_that_nobody_could_ask_for_is_noted(account: FakeAccount, owned: Settings, folder: Path) -> None:
    plan = plan_bootstrap(account.aws(owned), Checkout(root=ROOT), folder, SubjectCheck(unknown="no token"))
    assert plan.refusals == ()
    assert plan.notes == ("no token",)
