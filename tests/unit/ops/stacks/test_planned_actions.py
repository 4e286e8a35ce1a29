import pytest

from ops.stacks.planned_actions import StackStep, planned_deployment, planned_destroy
from ops.stacks.state import Stack
from tests.support.fakes import NOW


def stack(status: str, *, name: str = "StorageStack", protected: bool = False, reason: str = "") -> Stack:
    return Stack(name=name, stack_id="arn", status=status, reason=reason, since=NOW, protected=protected)


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("CREATE_COMPLETE", StackStep.UPDATE),
        ("UPDATE_COMPLETE", StackStep.UPDATE),
        ("UPDATE_ROLLBACK_COMPLETE", StackStep.UPDATE),
        ("REVIEW_IN_PROGRESS", StackStep.CREATE),
        ("CREATE_IN_PROGRESS", StackStep.WAIT),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", StackStep.WAIT),
        ("DELETE_IN_PROGRESS", StackStep.WAIT),
        ("ROLLBACK_COMPLETE", StackStep.RECREATE),
        ("ROLLBACK_FAILED", StackStep.RECREATE),
        ("CREATE_FAILED", StackStep.BLOCKED),
        ("UPDATE_FAILED", StackStep.BLOCKED),
        ("UPDATE_ROLLBACK_FAILED", StackStep.BLOCKED),
        ("DELETE_FAILED", StackStep.BLOCKED),
        ("IMPORT_ROLLBACK_FAILED", StackStep.BLOCKED),
    ],
)
def test_deployment_of_each_state(status: str, step: StackStep) -> None:
    assert planned_deployment("StorageStack", stack(status)).step is step


def test_deployment_creates_what_is_not_there() -> None:
    assert planned_deployment("StorageStack", None).step is StackStep.CREATE


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("UPDATE_ROLLBACK_FAILED", "npx cdk rollback StorageStack"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name StorageStack --resources-to-skip"),
        ("UPDATE_ROLLBACK_FAILED", "bucket is full"),
        ("UPDATE_FAILED", "npx cdk rollback StorageStack"),
        ("DELETE_FAILED", "hannibal stop"),
    ],
)
def test_blocked_states_say_what_to_do(status: str, advice: str) -> None:
    assert advice in planned_deployment("StorageStack", stack(status, reason="bucket is full")).note


@pytest.mark.parametrize(
    ("name", "status", "command"),
    [
        (
            "IdentityStack",
            "UPDATE_ROLLBACK_FAILED",
            "aws cloudformation continue-update-rollback --stack-name IdentityStack",
        ),
        ("CDKToolkit-Admin", "UPDATE_FAILED", "aws cloudformation rollback-stack --stack-name CDKToolkit-Admin"),
        ("NetworkStack", "UPDATE_ROLLBACK_FAILED", "npx cdk rollback NetworkStack"),
    ],
)
def test_the_cdk_rolls_back_stacks_of_the_pipeline_alone(name: str, status: str, command: str) -> None:
    assert f"`{command}`" in planned_deployment(name, stack(status, name=name)).note


def test_persistent_stack_whose_deletion_failed_is_not_finished_by_stop() -> None:
    note = planned_deployment("AuditStack", stack("DELETE_FAILED", name="AuditStack")).note
    assert "delete-stack --stack-name AuditStack" in note
    assert "hannibal stop" not in note


def test_failed_creation_under_protection_is_blocked_with_the_way_out() -> None:
    action = planned_deployment("AuditStack", stack("ROLLBACK_COMPLETE", name="AuditStack", protected=True))
    assert action.step is StackStep.BLOCKED
    assert "--no-enable-termination-protection --stack-name AuditStack" in action.note
    assert "delete-stack --stack-name AuditStack" in action.note


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("CREATE_COMPLETE", StackStep.DESTROY),
        ("DELETE_FAILED", StackStep.DESTROY),
        ("ROLLBACK_COMPLETE", StackStep.DESTROY),
        ("UPDATE_ROLLBACK_FAILED", StackStep.DESTROY),
        ("DELETE_IN_PROGRESS", StackStep.DESTROY),
        ("UPDATE_IN_PROGRESS", StackStep.WAIT),
        ("CREATE_IN_PROGRESS", StackStep.WAIT),
        ("REVIEW_IN_PROGRESS", StackStep.DESTROY),
    ],
)
def test_destroy_of_each_state(status: str, step: StackStep) -> None:
    assert planned_destroy("StorageStack", stack(status)).step is step


def test_destroy_of_nothing_and_of_protected() -> None:
    assert planned_destroy("StorageStack", None).step is StackStep.NOTHING
    assert planned_destroy("StorageStack", stack("CREATE_COMPLETE", protected=True)).step is StackStep.BLOCKED
