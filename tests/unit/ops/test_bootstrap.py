"""The way to a restricted account, and back after a failure."""

from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.settings import Settings
from ops.bootstrap import ADMINISTRATOR, Step, bootstrap, execution_policies, plan_bootstrap, read_state
from ops.errors import FailedError
from ops.operation import Pace
from ops.project import Project
from tests.unit.ops.fakes import ACCOUNT, FakeAccount, FakeCloudFormation

Make = Callable[[str], Project]
BOUNDARY = "HannibalCICDBoundary"
PACE = Pace(sleep=lambda _: None)
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
    account.parameters = {}

    plan = plan_bootstrap(account.aws(), settings, project(SAME), PACE)

    assert plan.steps == (Step.BOOTSTRAP, Step.IDENTITY, Step.RESTRICT)
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
    bootstrap(aws, settings, made, plan, view=lambda _: None, tell=lambda _: None, pace=PACE)

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
        bootstrap(aws, settings, made, plan, view=lambda _: None, tell=lambda _: None, pace=PACE)

    assert read_state(aws).restricted_to(execution_policies(settings, ACCOUNT), BOUNDARY)
    assert account.stacks["CDKToolkit"]["Parameters"][0]["ParameterValue"] == "hnb659fds"


def test_an_application_that_cannot_be_compared_is_an_error(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_stack("IdentityStack", "CREATE_COMPLETE")

    with pytest.raises(FailedError, match="`cdk diff` failed"):
        plan_bootstrap(account.aws(), settings, project("echo no such thing; exit 1"), PACE)
