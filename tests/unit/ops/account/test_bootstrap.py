"""What a bootstrap would do, what it refuses, and what it does not execute."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from installation.names.persistent import TOOLKIT_STACK
from installation.settings import Settings
from installation.settings.github import PLACEHOLDER_OWNER
from ops.account.bootstrap.change_set import StackDeployment
from ops.account.bootstrap.desired_stacks import POLICIES, DesiredStack, desired_stacks
from ops.account.bootstrap.plan import Step, difference, execution_policies, plan_bootstrap, remaining_policies
from ops.account.caller import Caller
from ops.account.github_subject import SubjectCheck
from ops.aws.polling import Polling
from ops.errors import FailedError
from ops.stacks.checkout import Checkout
from ops.stacks.watch import Watching
from tests.conftest import ROOT
from tests.support.clock import Clock
from tests.support.fake_clients import client_error
from tests.support.fakes import ACCOUNT, NOW, FakeAccount, FakeCloudFormation

CALLER = Caller(account=ACCOUNT, identity="arn:x", region="ap-northeast-1", endpoint=None)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnbadmin-cfn-exec-role-{ACCOUNT}-ap-northeast-1"
STACK = DesiredStack(
    name="IdentityStack",
    template='{"Resources": {}}',
    role=ROLE,
    tags={"Project": "nestjs-hannibal-3", "Environment": "dev"},
)


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


class Planned(FakeCloudFormation):
    """CloudFormation with one change set, which holds what the test says."""

    held: object = None

    def create_change_set(self, **arguments: Any) -> Any:
        self.account.changed.append(f"create {arguments['StackName']} with {arguments.get('RoleARN')}")
        return {"Id": "arn:change-set"}

    def describe_change_set(self, ChangeSetName: str, StackName: str) -> Any:  # noqa: N803
        return {"Status": "CREATE_COMPLETE", "Changes": []}

    def get_template(self, **_: Any) -> Any:  # type: ignore[override]
        return {"TemplateBody": self.held}

    def delete_change_set(self, **_: Any) -> None:
        self.account.changed.append("delete")

    def execute_change_set(self, StackName: str, **_: Any) -> None:  # noqa: N803
        self.account.changed.append("execute")
        self.account.add_stack(StackName, "CREATE_COMPLETE")
        for status in ("CREATE_IN_PROGRESS", "CREATE_COMPLETE"):
            self.account.add_event(StackName, status)

    def update_termination_protection(self, StackName: str, EnableTerminationProtection: bool) -> None:  # noqa: N803
        self.account.changed.append(f"protect {StackName} {EnableTerminationProtection}")


def deployment(account: FakeAccount, held: object) -> StackDeployment:
    aws = account.aws(polling=Polling(sleep=lambda _: None))
    planned = Planned(account)
    planned.held = held
    aws.__dict__["cloudformation"] = planned
    return StackDeployment(aws, "bucket", Watching())


# -- what is executed is what was reviewed ----------------------------------------------------------------------------
def test_a_change_set_with_another_template_is_not_executed(account: FakeAccount) -> None:
    with pytest.raises(FailedError, match="holds another template than this checkout"):
        deployment(account, {"Resources": {"Backdoor": {}}}).deploy(STACK)

    assert account.changed == [f"create IdentityStack with {ROLE}", "delete"]


class Refusing(Planned):
    """CloudFormation that finds a name taken before it begins."""

    def describe_change_set(self, ChangeSetName: str, StackName: str) -> Any:  # noqa: N803
        hook = "AWS::EarlyValidation::ResourceExistenceCheck"
        return {"Status": "FAILED", "StatusReason": f"The following hook(s)/validation failed: [{hook}]."}

    def describe_events(self, ChangeSetName: str, Filters: dict[str, bool]) -> Any:  # noqa: N803
        assert (ChangeSetName, Filters) == ("arn:change-set", {"FailedEvents": True})
        reason = "Resource of type 'AWS::S3::Bucket' with identifier 'x' already exists."
        event = {"EventType": "VALIDATION_ERROR", "Timestamp": NOW, "LogicalResourceId": "Bucket"}
        event |= {"ResourceType": "AWS::S3::Bucket", "ValidationStatusReason": reason}
        return {"OperationEvents": [{"EventType": "STACK_EVENT"}, event]}


def test_what_cloudformation_finds_before_it_begins_is_told(account: FakeAccount) -> None:
    aws = account.aws(polling=Polling(sleep=lambda _: None))
    aws.__dict__["cloudformation"] = Refusing(account)
    deploying = StackDeployment(aws, "bucket", Watching())

    with pytest.raises(FailedError, match="ResourceExistenceCheck") as raised:
        deploying.deploy(STACK)

    assert raised.value.advice == (
        "Bucket (AWS::S3::Bucket): Resource of type 'AWS::S3::Bucket' with identifier 'x' already exists.",
    )
    assert account.changed[-1] == "delete"


def test_a_change_set_with_the_same_template_is_executed_and_the_stack_protected(account: FakeAccount) -> None:
    deployment(account, {"Resources": {}}).deploy(STACK)

    assert account.changed == [f"create IdentityStack with {ROLE}", "execute", "protect IdentityStack True"]


class Unseen(Planned):
    """CloudFormation that does not know a role yet that was made a moment ago."""

    refusals = 2

    def create_change_set(self, **arguments: Any) -> Any:
        if self.refusals:
            self.refusals -= 1
            raise client_error("ValidationError", f"Role {arguments['RoleARN']} is invalid or cannot be assumed")
        return super().create_change_set(**arguments)


@pytest.mark.parametrize(("refusals", "made"), [(2, True), (1000, False)])
def test_a_role_that_was_just_made_is_waited_for(account: FakeAccount, refusals: int, *, made: bool) -> None:
    """As the administrator's, which the stack before has made (terraform-provider-aws #22834)."""
    aws = account.aws(polling=Clock().polling())
    aws.__dict__["cloudformation"] = unseen = Unseen(account)
    unseen.held, unseen.refusals = {"Resources": {}}, refusals
    deploying = StackDeployment(aws, "bucket", Watching())
    if made:
        deploying.deploy(STACK)
    else:
        with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
            deploying.deploy(STACK)
    assert ("execute" in account.changed) is made


class Late(Planned):
    """CloudFormation that shows the state of before for two reads after it was asked (aws-cdk-cli #1802)."""

    shown: tuple[str, ...] = ()  # what it shows from read to read; empty before it was asked

    def execute_change_set(self, StackName: str, **_: Any) -> None:  # noqa: N803
        self.account.changed.append("execute")
        before = self.account.stacks[StackName]["StackStatus"]
        kind, self.after = ("CREATE", "ROLLBACK") if before == "REVIEW_IN_PROGRESS" else ("UPDATE", "UPDATE_ROLLBACK")
        self.shown = (before, before, f"{kind}_IN_PROGRESS", f"{self.after}_IN_PROGRESS", f"{self.after}_COMPLETE")

    def delete_stack(self, StackName: str) -> None:  # noqa: N803
        self.account.changed.append("delete stack")
        before = self.account.stacks[StackName]["StackStatus"]
        self.shown = (before, before, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")

    def describe_stacks(self, StackName: str | None = None) -> Any:  # noqa: N803
        if self.shown and StackName in self.account.stacks:
            status, *rest = self.shown
            self.shown = tuple(rest) or self.shown
            if status != self.account.stacks[StackName]["StackStatus"]:
                self.account.add_event(StackName, status)
                if status == "CREATE_IN_PROGRESS":
                    self.account.add_event(StackName, "CREATE_FAILED", "Policy", reason="it is malformed")
            self.account.stacks[StackName]["StackStatus"] = status
            if status == "DELETE_COMPLETE":
                del self.account.stacks[StackName]
                self.shown = ()
        return super().describe_stacks(StackName)


def late(account: FakeAccount) -> StackDeployment:
    aws = account.aws(polling=Polling(sleep=lambda _: None))
    aws.__dict__["cloudformation"] = planned = Late(account)
    planned.held = {"Resources": {}}
    return StackDeployment(aws, "bucket", Watching())


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("REVIEW_IN_PROGRESS", "it is ROLLBACK_COMPLETE: Policy"),
        ("UPDATE_COMPLETE", "it is UPDATE_ROLLBACK_COMPLETE"),
    ],
)
def test_the_state_of_before_is_not_taken_for_the_end(account: FakeAccount, before: str, why: str) -> None:
    """Else an update counts as done that has not begun, and fails later unseen."""
    account.add_stack("IdentityStack", before, Parameters=[])
    with pytest.raises(FailedError, match=why):
        late(account).deploy(STACK)


def test_what_a_failed_creation_left_is_gone_before_the_next_one_begins(account: FakeAccount) -> None:
    account.add_stack("IdentityStack", "ROLLBACK_COMPLETE")
    deploying = late(account)
    deploying._clear("IdentityStack")
    assert account.changed == ["delete stack"]
    assert not account.stacks


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
    gone = f"arn:aws:iam::{ACCOUNT}:policy/HannibalExecutionIdentity"
    account.add_stack(TOOLKIT_STACK, "CREATE_COMPLETE")

    def remaining(*policies: str) -> tuple[str, ...] | None:
        account.stacks[TOOLKIT_STACK]["Parameters"] = [{"ParameterKey": POLICIES, "ParameterValue": ",".join(policies)}]
        return remaining_policies(account.aws(), wanted)

    assert remaining(*wanted) is None
    assert remaining("arn:aws:iam::aws:policy/AdministratorAccess") is None
    assert remaining(gone, wanted[0]) == (wanted[0],)
    assert remaining(gone) == ("arn:aws:iam::aws:policy/AWSDenyAll",)


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


def test_a_stack_that_cannot_be_deployed_is_refused_with_the_way_out(account: FakeAccount, owned: Settings) -> None:
    account.add_stack("IdentityStack", "UPDATE_ROLLBACK_FAILED")

    (refusal,) = plan_bootstrap(account.aws(owned), Checkout(root=ROOT)).refusals

    assert "IdentityStack is UPDATE_ROLLBACK_FAILED" in refusal
    assert "hannibal bootstrap" in refusal


# -- what GitHub's tokens say -----------------------------------------------------------------------------------------
def test_a_subject_that_no_role_would_trust_is_refused(account: FakeAccount, owned: Settings) -> None:
    check = SubjectCheck(mismatch="write the ids")
    assert plan_bootstrap(account.aws(owned), Checkout(root=ROOT), subject=check).refusals == ("write the ids",)


def test_a_subject_that_nobody_could_ask_for_is_noted(account: FakeAccount, owned: Settings, folder: Path) -> None:
    plan = plan_bootstrap(account.aws(owned), Checkout(root=ROOT), folder, SubjectCheck(unknown="no token"))
    assert plan.refusals == ()
    assert plan.notes == ("no token",)
