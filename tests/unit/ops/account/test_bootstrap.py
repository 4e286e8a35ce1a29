"""The way to a restricted account, and back after a failure."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.account.bootstrap import ADMINISTRATOR, Step, bootstrap, execution_policies, plan_bootstrap, read_state
from ops.account.service_linked_roles import create_ecs_role
from ops.aws.polling import Polling
from ops.errors import FailedError
from ops.stacks.checkout import Project
from tests.support.fakes import ACCOUNT, FakeAccount, FakeCloudFormation, client_error

Make = Callable[[str], Project]
BOUNDARY = "HannibalCICDBoundary"
PACE = Polling(sleep=lambda _: None)
# `cdk diff --fail` ends with 1 when there are differences.
SAME = 'echo "$@" >> calls'
DIFFERENT = 'echo "$@" >> calls; [ "$1" != diff ] || { echo "Number of stacks with differences: 1"; exit 1; }'


class FakeToolkit(FakeCloudFormation):
    """CloudFormation with the bootstrap's own stack, whose parameters can be changed."""

    def update_stack(self, *, StackName: str, Parameters: list[Any], **_: Any) -> None:  # noqa: N803
        stack = self.account.stacks[StackName]
        old = {it["ParameterKey"]: it["ParameterValue"] for it in stack["Parameters"]}
        stack["Parameters"] = [
            {"ParameterKey": it["ParameterKey"], "ParameterValue": it.get("ParameterValue", old[it["ParameterKey"]])}
            for it in Parameters
        ]
        stack["StackStatus"] = "UPDATE_COMPLETE"
        self.account.changed.append(f"{old} updated")


def with_toolkit(account: FakeAccount, policies: str, boundary: str) -> Any:
    """The clients of an account that was bootstrapped with these parameters."""
    account.add_stack("CDKToolkit", "CREATE_COMPLETE")
    account.stacks["CDKToolkit"]["Parameters"] = [
        {"ParameterKey": "Qualifier", "ParameterValue": "hnb659fds"},
        {"ParameterKey": "CloudFormationExecutionPolicies", "ParameterValue": policies},
        {"ParameterKey": "InputPermissionsBoundary", "ParameterValue": boundary},
    ]
    aws = account.aws()
    aws.__dict__["cloudformation"] = FakeToolkit(account)
    return aws


def restricted(settings: Settings) -> str:
    return ",".join(execution_policies(settings, ACCOUNT))


def calls(project: Project) -> list[str]:
    return [line.split()[0] for line in (project.root / "calls").read_text().splitlines()]


def test_a_new_account_goes_the_whole_way(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.parameters, account.ecs_roles = {}, []

    plan = plan_bootstrap(account.aws(), settings, project(SAME), PACE)

    assert plan.steps == (Step.ECS_ROLE, Step.BOOTSTRAP, Step.IDENTITY, Step.RESTRICT)
    assert plan.refusals == ()
    assert plan.identity == "it does not exist"
    assert plan.policies[0] == f"arn:aws:iam::{ACCOUNT}:policy/HannibalExecutionIdentity"


def test_a_restricted_account_needs_nothing(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_stack("IdentityStack", "CREATE_COMPLETE")

    plan = plan_bootstrap(with_toolkit(account, restricted(settings), BOUNDARY), settings, project(SAME), PACE)

    assert plan.steps == ()


@pytest.mark.parametrize(("policies", "boundary"), [("", ""), (ADMINISTRATOR, ""), ("all", BOUNDARY), ("right", "")])
def test_an_account_that_may_more_is_restricted(
    account: FakeAccount, settings: Settings, project: Make, policies: str, boundary: str
) -> None:
    account.add_stack("IdentityStack", "CREATE_COMPLETE")
    told = restricted(settings) if policies == "right" else policies

    plan = plan_bootstrap(with_toolkit(account, told, boundary), settings, project(SAME), PACE)

    assert plan.steps == (Step.RESTRICT,)


def test_a_changed_identity_stack_needs_an_administrator_for_a_while(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_stack("IdentityStack", "CREATE_COMPLETE")
    aws, made = with_toolkit(account, restricted(settings), BOUNDARY), project(DIFFERENT)

    plan = plan_bootstrap(aws, settings, made, PACE)
    bootstrap(aws, settings, made, plan, view=lambda _: None, tell=lambda _: None, polling=PACE)

    assert plan.steps == (Step.OPEN, Step.IDENTITY, Step.RESTRICT)
    assert calls(made) == ["diff", "deploy", "bootstrap"]
    assert (read_state(aws).policies, read_state(aws).boundary) == ((ADMINISTRATOR,), "")
    arguments = (made.root / "calls").read_text().splitlines()[-1]
    assert f"--cloudformation-execution-policies {restricted(settings)}" in arguments
    assert f"--custom-permissions-boundary {BOUNDARY}" in arguments


def test_a_failed_deployment_leaves_the_account_restricted(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_stack("IdentityStack", "CREATE_COMPLETE")
    aws = with_toolkit(account, restricted(settings), BOUNDARY)
    made = project(f"{DIFFERENT}; [ $1 != deploy ]")
    plan = plan_bootstrap(aws, settings, made, PACE)

    with pytest.raises(FailedError, match="the CDK failed"):
        bootstrap(aws, settings, made, plan, view=lambda _: None, tell=lambda _: None, polling=PACE)

    assert read_state(aws).restricted_to(execution_policies(settings, ACCOUNT), BOUNDARY)
    assert account.stacks["CDKToolkit"]["Parameters"][0]["ParameterValue"] == "hnb659fds"


def test_a_role_of_ecs_that_is_missing_is_made(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_stack("IdentityStack", "CREATE_COMPLETE")
    account.ecs_roles = []
    aws, made = with_toolkit(account, restricted(settings), BOUNDARY), project(SAME)

    plan = plan_bootstrap(aws, settings, made, PACE)
    bootstrap(aws, settings, made, plan, view=lambda _: None, tell=lambda _: None, polling=PACE)

    assert plan.steps == (Step.ECS_ROLE,)
    assert account.changed == ["role of ecs.amazonaws.com"]


TAKEN = "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."


def test_a_role_of_ecs_that_somebody_else_made_meanwhile_is_as_good(account: FakeAccount) -> None:
    account.ecs_role_error = client_error("InvalidInput", TAKEN)
    create_ecs_role(account.aws().iam)


@pytest.mark.parametrize(
    "error", [client_error("InvalidInput", "no such service"), client_error("AccessDenied", TAKEN)]
)
def test_a_role_of_ecs_that_cannot_be_made_is_an_error(account: FakeAccount, error: ClientError) -> None:
    account.ecs_role_error = error
    with pytest.raises(ClientError):
        create_ecs_role(account.aws().iam)


PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


@pytest.mark.parametrize("status", [None, "ROLLBACK_COMPLETE"])
def test_a_second_provider_for_github_is_refused_before_anything_is_made(
    account: FakeAccount, settings: Settings, project: Make, status: str | None
) -> None:
    account.identity_providers = [f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com", PROVIDER]
    if status:
        account.add_stack("IdentityStack", status)

    (refusal,) = plan_bootstrap(account.aws(), settings, project(SAME), PACE).refusals

    assert f"`existing_provider_arn: {PROVIDER}` under `github:` in config/dev.yaml" in refusal


def test_a_provider_that_is_used_or_ones_own_is_not_refused(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.identity_providers = [PROVIDER]
    github = settings.github.model_copy(update={"existing_provider_arn": PROVIDER})
    using = settings.model_copy(update={"github": github})
    assert plan_bootstrap(account.aws(), using, project(SAME), PACE).refusals == ()

    account.add_stack("IdentityStack", "CREATE_COMPLETE")
    assert plan_bootstrap(account.aws(), settings, project(SAME), PACE).refusals == ()


def test_providers_of_others_are_no_hindrance(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.identity_providers = [f"{PROVIDER}/enterprise", f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com"]
    assert plan_bootstrap(account.aws(), settings, project(SAME), PACE).refusals == ()


def test_a_protected_stack_that_failed_is_refused_with_the_way_out(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_stack("IdentityStack", "ROLLBACK_COMPLETE", EnableTerminationProtection=True)
    made = project(SAME)

    (refusal,) = plan_bootstrap(account.aws(), settings, made, PACE).refusals

    assert "update-termination-protection --no-enable-termination-protection --stack-name IdentityStack" in refusal
    assert "delete-stack --stack-name IdentityStack" in refusal
    assert "hannibal bootstrap" in refusal
    assert not (made.root / "calls").exists()


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_IN_PROGRESS"])
def test_a_stack_that_is_not_made_yet_is_deployed_though_its_template_is_the_same(
    account: FakeAccount, settings: Settings, project: Make, status: str
) -> None:
    account.add_stack("IdentityStack", status)

    plan = plan_bootstrap(account.aws(), settings, project(SAME), PACE)

    assert Step.IDENTITY in plan.steps
    assert plan.refusals == ()


def test_a_stack_that_is_being_made_is_waited_for(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_stack("IdentityStack", "CREATE_IN_PROGRESS")
    account.add_event("IdentityStack", "CREATE_IN_PROGRESS")
    made = project(SAME)
    plan = plan_bootstrap(account.aws(), settings, made, PACE)

    def sleep(_: float) -> None:
        if not (made.root / "calls").exists():
            account.add_stack("IdentityStack", "CREATE_COMPLETE")
            account.add_event("IdentityStack", "CREATE_COMPLETE")
            account.changed.append("made")

    bootstrap(
        account.aws(), settings, made, plan, view=lambda _: None, tell=lambda _: None, polling=Polling(sleep=sleep)
    )

    assert account.changed[:1] == ["made"]
    assert calls(made) == ["deploy", "bootstrap"]


def test_an_application_that_cannot_be_compared_is_an_error(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_stack("IdentityStack", "CREATE_COMPLETE")

    with pytest.raises(FailedError, match="`cdk diff` failed"):
        plan_bootstrap(account.aws(), settings, project("echo no such thing; exit 1"), PACE)
