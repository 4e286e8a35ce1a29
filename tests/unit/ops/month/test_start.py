from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from installation.settings import Settings
from ops.account.caller import Caller
from ops.aws.polling import Polling
from ops.errors import CancelledError, FailedError, RefusedError
from ops.month.start import add_validation, plan_start, start
from ops.month.template_checks import changed_administrator_stacks
from ops.stacks.checkout import Checkout
from ops.stacks.planned_actions import StackStep
from ops.stacks.progress import StackProgress
from ops.stacks.watch import Watching, interruptible
from tests.support.aws import given
from tests.support.fakes import ACCOUNT, FINAL, REGION, FakeAccount
from tests.support.synthesis import changed
from tests.support.zone import with_zone

Make = Callable[[str], Checkout]
POLLING = Polling(seconds=0.01)


def run(
    account: FakeAccount, settings: Settings, project: Checkout, told: list[str] | None = None
) -> tuple[StackProgress, ...]:
    aws = account.aws()
    plan = plan_start(given(aws, settings), project)
    notify = told.append if told is not None else lambda _: None
    return start(given(aws, settings, polling=POLLING), project, plan, watching=Watching(notify=notify)).stacks


def test_plan_of_an_empty_account(account: FakeAccount, settings: Settings, project: Make) -> None:
    plan = plan_start(account.aws(settings), project("exit 1"))
    assert {action.step for action in plan.stacks} == {StackStep.CREATE}
    assert plan.database == "new and empty: there is no snapshot"
    assert plan.image == settings.service.initial_image
    assert plan.refusals == ()
    assert account.changed == []


def test_plan_names_the_snapshot_that_is_restored(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_snapshot("old", days_old=30)
    account.add_snapshot(f"{FINAL}new", days_old=1)
    plan = plan_start(account.aws(settings), project(""))
    assert plan.database == f"restored from {FINAL}new, made 2026-11-23 12:00 UTC"


def test_plan_leaves_a_running_database_alone(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_month()
    account.add_snapshot("failed", status="failed")
    plan = plan_start(account.aws(settings), project(""))
    assert (plan.database, plan.image) == ("stays as it is", "")
    assert plan.refusals == ()


def test_a_failed_newest_snapshot_is_refused(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_snapshot("good", days_old=30)
    account.add_snapshot("bad", days_old=1, status="failed")
    plan = plan_start(account.aws(settings), project(""))
    assert "bad, is failed" in plan.refusals[0]
    assert "delete-db-snapshot --db-snapshot-identifier bad" in plan.refusals[0]


def test_a_secret_that_nobody_has_set_is_refused(account: FakeAccount, settings: Settings, project: Make) -> None:
    naming = changed(settings, service={"secrets": {"JWT_SECRET": {"kept": "jwt"}}})
    (refusal,) = plan_start(account.aws(naming), project("exit 1")).refusals
    assert "JWT_SECRET of the container api" in refusal
    assert "`hannibal secrets set jwt`" in refusal
    account.parameters[settings.names.kept_secret("jwt")] = "x"
    assert plan_start(account.aws(naming), project("exit 1")).refusals == ()


@pytest.mark.parametrize(("status", "refused"), [("available", True), ("stopped", True), ("deleting", False)])
@pytest.mark.parametrize("stack", ["", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_database_that_no_stack_has_is_refused_unless_it_is_being_deleted(
    account: FakeAccount, settings: Settings, project: Make, status: str, refused: bool, stack: str
) -> None:
    """An empty stack has no database either: a creation that its name has made fail once would fail again."""
    account.database = {"DBInstanceStatus": status}
    if stack:
        account.add_stack("StorageStack", stack)
    refusals = plan_start(account.aws(settings), project("exit 1")).refusals
    assert len(refusals) == refused
    state = f"is {stack} and has none" if stack else "does not exist"
    assert all(f"exists and is {status}, but StorageStack {state}" in one for one in refusals)
    # RDS makes no final snapshot of a stopped instance.
    assert ["start-db-instance" in one for one in refusals] == ([status == "stopped"] if refused else [])

    account.add_stack("StorageStack", "DELETE_IN_PROGRESS")
    assert plan_start(account.aws(settings), project("exit 1")).refusals == ()


def test_what_rds_would_refuse_is_refused_before_it_is_tried(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_snapshot("final-of-another-version")
    account.snapshots[0] |= {"EngineVersion": "18.4", "AllocatedStorage": 22}
    storage, version = plan_start(account.aws(settings), project("exit 1")).refusals
    assert "Write `storage_gib: 22`" in storage
    assert 'Write `engine_version: "18.4"`' in version

    account.add_stack("StorageStack")
    account.database = {"DBInstanceStatus": "available"}
    assert plan_start(account.aws(settings), project("exit 1")).refusals == ()


REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/nestjs-hannibal-3"


def test_a_released_image_that_is_gone_is_refused(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.parameters["/hannibal/release/current"] = f"{REPOSITORY}:1.2"
    assert plan_start(account.aws(settings), project("")).refusals == ()

    account.missing_images = ("1.2",)
    (refusal,) = plan_start(account.aws(settings), project("")).refusals

    assert (
        f"names {REPOSITORY}:1.2, which no task could start: the repository nestjs-hannibal-3 has no image" in refusal
    )
    assert "aws ssm put-parameter --name /hannibal/release/current --overwrite --value IMAGE" in refusal


@pytest.mark.parametrize("image", ["public.ecr.aws/nginx/nginx:1.2", "ghcr.io/mendhak/http-https-echo:1.2", "node"])
def test_a_public_image_is_not_looked_for(account: FakeAccount, settings: Settings, project: Make, image: str) -> None:
    account.parameters["/hannibal/release/current"] = image
    account.missing_images = ("1.2",)
    plan = plan_start(account.aws(settings), project(""))
    assert (plan.refusals, plan.image) == ((), image)


def test_a_record_that_is_no_image_is_refused(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.parameters["/hannibal/release/current"] = "what somebody typed"
    (refusal,) = plan_start(account.aws(settings), project("")).refusals
    assert "names what somebody typed, which no task could start: 'what somebody typed' is not an image" in refusal


def test_a_running_month_is_deployed_whatever_became_of_its_image(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_month()
    account.parameters["/hannibal/release/current"] = f"{REPOSITORY}:1.2"
    account.missing_images = ("1.2",)
    assert plan_start(account.aws(settings), project("")).refusals == ()


def test_an_account_that_is_not_bootstrapped_is_refused(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.parameters = {}
    plan = plan_start(account.aws(settings), project(""))
    assert "hannibal bootstrap --env dev" in plan.refusals[0]


def test_a_blocked_stack_is_refused_and_the_cdk_is_not_called(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_month()
    account.add_stack("ComputeStack", "UPDATE_ROLLBACK_FAILED")
    made = project("touch called")
    with pytest.raises(RefusedError, match="ComputeStack is UPDATE_ROLLBACK_FAILED"):
        run(account, settings, made)
    assert not (made.root / "called").exists()


def test_a_start_calls_the_cdk(account: FakeAccount, settings: Settings, project: Make) -> None:
    made = project('echo "$@" > called')
    run(account, settings, made)
    assert (made.root / "called").read_text().startswith("deploy --all -c env=dev --require-approval never")


def test_a_snapshot_that_is_being_made_is_waited_for(account: FakeAccount, settings: Settings, project: Make) -> None:
    account.add_snapshot("new", status="creating")
    account.snapshots[0]["PercentProgress"] = -60
    messages: list[str] = []
    fast, aws = project("exit 0"), account.aws()
    plan = plan_start(given(aws, settings), fast)
    assert plan.wait_for is not None
    assert "still creating" in plan.database
    polled = given(aws, settings, polling=Polling(sleep=lambda _: None))
    start(polled, fast, plan, watching=Watching(notify=messages.append))
    assert any("new: creating" in line for line in messages)
    assert account.snapshots[0]["Status"] == "available"
    account.snapshots[0]["Status"] = "upgrading"
    plan = plan_start(given(aws, settings), fast)
    assert (plan.refusals, plan.wait_for is None) == ((), False)


def test_what_cloudformation_is_working_on_is_waited_for_and_looked_at_again(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    account.add_month()
    account.add_stack("StorageStack", "CREATE_IN_PROGRESS")
    account.add_event("StorageStack", "CREATE_IN_PROGRESS")
    made = project("touch called")
    aws = account.aws(settings)
    plan = plan_start(aws, made)
    assert not (made.root / "called").exists()

    def sleep(_: float) -> None:
        account.add_stack("StorageStack", "UPDATE_ROLLBACK_FAILED")

    with pytest.raises(RefusedError, match="UPDATE_ROLLBACK_FAILED"):
        start(given(aws, settings, polling=Polling(sleep=sleep)), made, plan, watching=Watching())
    assert not (made.root / "called").exists()


def test_a_failure_is_reported_with_its_first_cause(account: FakeAccount, settings: Settings, project: Make) -> None:
    made = project("sleep 0.3; exit 1")
    account.add_month()
    aws = account.aws(settings)
    plan = plan_start(aws, made)

    def view(_: tuple[StackProgress, ...]) -> None:
        if account.stacks["ComputeStack"]["StackStatus"] == "CREATE_COMPLETE":
            account.add_stack("ComputeStack", "UPDATE_IN_PROGRESS")
            account.add_event("ComputeStack", "UPDATE_IN_PROGRESS")
            account.add_event("ComputeStack", "UPDATE_FAILED", "Service", reason="not [allowed]")
            account.add_event("ComputeStack", "UPDATE_FAILED", "Other", reason="Resource update cancelled")

    with pytest.raises(FailedError) as error:
        start(given(aws, settings, polling=POLLING), made, plan, watching=Watching(view=view))
    assert error.value.problem == "ComputeStack: Service (AWS::SNS::Topic) is UPDATE_FAILED: not [allowed]"
    assert "exit code 1" in error.value.advice[0]


def test_a_failure_before_cloudformation_shows_what_the_cdk_said(
    account: FakeAccount, settings: Settings, project: Make
) -> None:
    with pytest.raises(FailedError) as error:
        run(account, settings, project("echo 'synthesis: no such field'; exit 1"))
    assert "synthesis: no such field" in error.value.advice


def test_interruption_says_what_goes_on_and_how_to_go_on() -> None:
    with pytest.raises(CancelledError) as error, interruptible("hannibal start --env dev"):
        raise KeyboardInterrupt
    assert error.value.exit_code == 130
    assert "goes on by itself" in error.value.problem
    assert any("hannibal start --env dev" in step for step in error.value.advice)


# -- what an administrator has to deploy first ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("deployed", "differing"), [({"Resources": {}}, ()), ({"Resources": {"A": {}}}, ("AuditStack",))]
)
def test_a_plan_names_stacks_that_only_an_administrator_may_change(
    account: FakeAccount, settings: Settings, tmp_path: Path, deployed: Any, differing: tuple[str, ...]
) -> None:
    account.add_month()
    account.templates = {"IdentityStack": {"Resources": {}}, "AuditStack": deployed}
    for name in account.templates:
        (tmp_path / f"{name}.template.json").write_text('{"Resources": {}}')
    caller = Caller(account=account.number, identity="arn:x", region="ap-northeast-1", endpoint=None)
    assert changed_administrator_stacks(account.aws(), caller, tmp_path) == differing
    assert changed_administrator_stacks(account.aws(), replace(caller, endpoint="http://127.0.0.1:1"), tmp_path) == ()


def test_a_zone_is_not_adopted_within_a_month(
    account: FakeAccount, settings: Settings, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("certificate", "hosted_zone"):
        monkeypatch.setattr(f"ops.account.domain.{name}_refusals", lambda *_, **__: ())
    monkeypatch.setattr("ops.account.domain.domain_record_refusals", lambda _, edge: () if edge else ("the record",))
    account.add_month()
    zoned = with_zone(settings)
    (reason,) = plan_start(account.aws(zoned), project("exit 0")).refusals
    assert "EdgeStack was deployed as ephemeral and shall be persistent" in reason
    assert "`hannibal stop`" in reason
    # Between two months nothing is in its way; with it, the edge is a stack that stays.
    for name in ("StorageStack", "ComputeStack", "EdgeStack"):
        del account.stacks[name]
    account.database, account.parameters[settings.names.release_parameter] = None, "public.ecr.aws/example/api:1"
    plan = plan_start(account.aws(zoned), project("exit 0"))
    assert plan.refusals == ("the record",)  # only where CloudFront makes a distribution
    # One that is still being deleted will be gone.
    account.add_stack("EdgeStack", "DELETE_IN_PROGRESS")
    assert "the record" in plan_start(account.aws(settings), project("exit 0")).refusals
    account.add_stack("EdgeStack")
    assert "the record" not in plan_start(account.aws(settings), project("exit 0")).refusals
    assert [action.stack for action in plan.stacks][-3:] == ["EdgeStack", "StorageStack", "ComputeStack"]


def test_what_validation_says_is_part_of_the_plan(account: FakeAccount, settings: Settings, project: Make) -> None:
    output = """
printf '%s\\n' "Online validation could not be completed for stack 'IdentityStack': is an administrator's"
printf '%s\\n' "Online validation could not be completed for stack 'EdgeStack': AWS is busy"
printf '%s\\n   %s\\n' "FATAL 'it' already exists. (CloudFormation)" "ArtifactStack/Logs/Resource (Logs1)"
exit 1
"""
    plan = plan_start(account.aws(settings), project(""))
    asked = add_validation(account.aws(), plan, project(output), Path("cdk.out"))
    assert asked.refusals == ("CloudFormation's validation: ArtifactStack/Logs/Resource: 'it' already exists.",)
    assert asked.unvalidated == ("EdgeStack: AWS is busy",)
