"""Stacks in every state that needs an operator, and what is said about them."""

import re
from datetime import timedelta

import pytest

from installation.settings import Settings
from ops.doctor.finding import Finding
from ops.doctor.remediation import ContinueRollback
from ops.doctor.stack import examine
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount


def look(account: FakeAccount, settings: Settings) -> dict[str, Finding]:
    return {one.cause: one for one in examine(account.aws(settings), NOW, drift=False).findings}


def commands(finding: Finding) -> str:
    return "\n".join(remediation.command for remediation in finding.remediations)


def test_a_month_at_rest_has_nothing(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    examination = examine(account.aws(settings), NOW, drift=False)
    assert examination.findings == ()
    assert examination.healthy == ("8 of 8 stacks are stable",)


def test_only_resources_whose_rollback_failed_are_skipped(account: FakeAccount, settings: Settings) -> None:
    account.add_stack("StorageStack")
    account.add_stack("ComputeStack", "UPDATE_ROLLBACK_FAILED")
    account.add_event("ComputeStack", "UPDATE_IN_PROGRESS")
    account.add_event("ComputeStack", "UPDATE_FAILED", "Guilty", reason="quota exceeded")
    account.add_event("ComputeStack", "UPDATE_FAILED", "Cancelled", reason="Resource update cancelled")
    account.add_event("ComputeStack", "UPDATE_ROLLBACK_IN_PROGRESS", reason="[Guilty] failed to update")
    account.add_event("ComputeStack", "UPDATE_COMPLETE", "Guilty")
    account.add_event("ComputeStack", "UPDATE_FAILED", "Stuck", reason="cannot go back")
    account.add_event("ComputeStack", "UPDATE_FAILED", "Later", reason="Resource update cancelled")
    account.add_event("ComputeStack", "UPDATE_ROLLBACK_FAILED", reason="[Stuck] failed to roll back")
    account.resources["arn:ComputeStack"] = [
        {"LogicalResourceId": name, "ResourceType": "AWS::SNS::Topic", "ResourceStatus": "UPDATE_FAILED"}
        for name in ("Guilty", "Cancelled", "Stuck", "Later")
    ]
    finding = look(account, settings)["rollback-failed"]
    assert finding.fix == ContinueRollback(stack="ComputeStack", skip=("Stuck",))
    assert [one.source for one in finding.evidence] == ["update", "rollback"]
    assert "quota exceeded" in finding.evidence[0].text
    assert commands(finding).endswith("--resources-to-skip Stuck")
    # Where nothing may be skipped, the same command is not advised twice.
    account.events.clear()
    assert commands(look(account, settings)["rollback-failed"]).count("continue-update-rollback") == 1


def test_a_failure_of_an_older_operation_is_no_cause(account: FakeAccount, settings: Settings) -> None:
    account.add_stack("StorageStack")
    account.add_stack("ComputeStack", "UPDATE_ROLLBACK_COMPLETE")
    account.add_event("ComputeStack", "UPDATE_IN_PROGRESS")
    account.add_event("ComputeStack", "UPDATE_FAILED", "Old", reason="long ago")
    account.add_event("ComputeStack", "UPDATE_IN_PROGRESS")
    account.add_event("ComputeStack", "UPDATE_FAILED", "New", reason="now")
    finding = look(account, settings)["update-rolled-back"]
    assert finding.level == "notice"
    assert ["New" in one.text for one in finding.evidence] == [True]


@pytest.mark.parametrize(("hours", "cause", "level"), [(0.25, "stack-busy", "notice"), (3, "stack-stuck", "trouble")])
def test_an_update_that_waits_for_tasks(
    account: FakeAccount, settings: Settings, hours: float, cause: str, level: str
) -> None:
    account.add_stack("ComputeStack", "UPDATE_IN_PROGRESS", LastUpdatedTime=NOW - timedelta(hours=hours))
    account.add_event("ComputeStack", "UPDATE_IN_PROGRESS")
    account.add_event("ComputeStack", "UPDATE_IN_PROGRESS", "Done")
    account.add_event("ComputeStack", "UPDATE_COMPLETE", "Done")
    account.add_event("ComputeStack", "UPDATE_IN_PROGRESS", "Service", kind="AWS::ECS::Service")
    account.add_event("ComputeStack", "UPDATE_IN_PROGRESS", "Function", kind="Custom::NewestSnapshot")
    finding = look(account, settings)[cause]
    assert finding.level == level
    assert [one.text.partition(" ")[0] for one in finding.evidence if one.source == "waits for"] == [
        "Service",
        "Function",
    ]
    log = settings.names.function_log_group  # of all functions of custom resources, whichever stack they are of
    for part in ("cancel-update-stack --stack-name ComputeStack", "hannibal doctor ecs", f"aws logs tail {log} "):
        assert part in commands(finding)


@pytest.mark.parametrize(("hours", "cause"), [(0.25, "stack-busy"), (3, "stack-stuck")])
def test_a_service_that_is_created_without_its_database_is_ended(
    account: FakeAccount, settings: Settings, hours: float, cause: str
) -> None:
    """Its tasks cannot start whatever is corrected, and ECS tries for hours."""
    account.add_stack("ComputeStack", "CREATE_IN_PROGRESS", CreationTime=NOW - timedelta(hours=hours))
    assert look(account, settings)[cause].remediations[0].command == "hannibal stop --env dev"
    account.add_stack("StorageStack")
    assert "hannibal stop" not in commands(look(account, settings)[cause])


@pytest.mark.parametrize(
    ("name", "status", "cause", "says"),
    [
        ("ComputeStack", "ROLLBACK_COMPLETE", "creation-failed", "creates it again"),
        ("NetworkStack", "ROLLBACK_COMPLETE", "creation-failed", "no-enable-termination-protection"),
        ("ComputeStack", "UPDATE_FAILED", "stack-failed", "npx cdk rollback ComputeStack"),
        ("ComputeStack", "REVIEW_IN_PROGRESS", "change-set-waits", "only a change set"),
        ("NetworkStack", "DELETE_FAILED", "deletion-failed", "could not be deleted"),
    ],
)
def test_stacks_that_cannot_go_on(
    account: FakeAccount, settings: Settings, name: str, status: str, cause: str, says: str
) -> None:
    account.add_stack("StorageStack")
    account.add_stack(name, status, EnableTerminationProtection=name == "NetworkStack")
    finding = look(account, settings)[cause]
    assert says in finding.summary
    assert finding.remediations


def test_a_stack_that_cannot_go_back_is_not_rolled_back(account: FakeAccount, settings: Settings) -> None:
    account.add_stack("ComputeStack", "IMPORT_ROLLBACK_FAILED")
    assert "rollback" not in commands(look(account, settings)["stack-failed"])


def test_a_stack_that_waits_half_way_is_rolled_back_before_a_start(account: FakeAccount, settings: Settings) -> None:
    account.add_stack("StorageStack")
    account.add_stack("ComputeStack", "UPDATE_FAILED")
    first, then, _ = look(account, settings)["stack-failed"].remediations
    assert (first.command, then.command) == ("npx cdk rollback ComputeStack", "hannibal start --env dev")


@pytest.mark.parametrize(
    ("kind", "says", "command"),
    [
        (
            "AWS::RDS::DBInstance",
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
            "aws rds modify-db-instance --db-instance-identifier ID --no-deletion-protection --apply-immediately",
        ),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Load balancer 'ID' cannot be deleted because deletion protection is enabled",
            "--load-balancer-arn ID --attributes Key=deletion_protection.enabled,Value=false",
        ),
        *(
            (
                "AWS::RDS::DBSubnetGroup",
                f"Cannot delete the group because at least one database instance: {user} is still using it.",
                command,
            )
            for user, command in {
                "other": "delete-db-instance --db-instance-identifier other --final-db-snapshot-identifier other-final",
                "nestjs-hannibal-3-db-reports": "--final-db-snapshot-identifier nestjs-hannibal-3-db-reports-final",
                "nestjs-hannibal-3-db-replica": "--db-instance-identifier nestjs-hannibal-3-db-replica --skip-final",
                "nestjs-hannibal-3-db-before-20261126-093000": "hannibal restore --let-go --env dev",
            }.items()
        ),
    ],
)
def test_what_is_protected_by_hand_or_used_is_not_deleted(
    account: FakeAccount, settings: Settings, kind: str, says: str, command: str
) -> None:
    account.others = [{"DBInstanceIdentifier": user} for user in re.findall(r"instance: (\S+) is", says)]
    for other in account.others:
        if other["DBInstanceIdentifier"].endswith("-replica"):
            other["ReadReplicaSourceDBInstanceIdentifier"] = settings.names.database
    account.add_stack("ComputeStack", "DELETE_FAILED")
    account.add_event("ComputeStack", "DELETE_IN_PROGRESS")
    account.add_event("ComputeStack", "DELETE_FAILED", "Kept", kind=kind, reason=says)
    resource = {"LogicalResourceId": "Kept", "PhysicalResourceId": "ID", "ResourceType": kind}
    account.resources["arn:ComputeStack"] = [resource | {"ResourceStatus": "DELETE_FAILED"}]
    assert command in commands(look(account, settings)["deletion-failed"])
    account.events["arn:ComputeStack"][-1]["ResourceStatusReason"] = "is in use"
    assert command not in commands(look(account, settings)["deletion-failed"])


def test_a_stack_that_cannot_be_deleted_is_a_finding_without_the_right_to_read_databases(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: object) -> None:
        raise client_error("AccessDenied")

    monkeypatch.setattr("ops.doctor.stack.read_databases", denied)
    account.add_stack("StorageStack", "DELETE_FAILED")
    account.add_event("StorageStack", "DELETE_IN_PROGRESS")
    reason = "Cannot delete the group because at least one database instance: other is still using it."
    account.add_event("StorageStack", "DELETE_FAILED", "Group", kind="AWS::RDS::DBSubnetGroup", reason=reason)
    resource = {"LogicalResourceId": "Group", "PhysicalResourceId": "ID", "ResourceType": "AWS::RDS::DBSubnetGroup"}
    account.resources["arn:StorageStack"] = [resource | {"ResourceStatus": "DELETE_FAILED"}]
    assert "--retain-resources Group" in commands(look(account, settings)["deletion-failed"])


def test_ephemeral_stacks_that_are_missing_are_a_finding(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    storage = account.stacks.pop("StorageStack")
    deleted = look(account, settings)["stack-missing"]
    assert deleted.summary.startswith("ComputeStack exists without StorageStack")
    # By hand: a start would leave its tasks with the former database's secret.
    assert [it.command for it in deleted.remediations] == ["hannibal stop --env dev", "hannibal start --env dev"]
    # As after a start whose second half failed, or a stop that did not come to its end.
    account.stacks["StorageStack"] = storage
    del account.stacks["ComputeStack"]
    interrupted = look(account, settings)["stack-missing"]
    assert interrupted.summary.startswith("StorageStack exists without ComputeStack")
    assert [it.command for it in interrupted.remediations] == ["hannibal start --env dev", "hannibal stop --env dev"]
    account.add_stack("ComputeStack", "REVIEW_IN_PROGRESS")  # a change set makes no stack of it
    assert look(account, settings).keys() == {"stack-missing", "change-set-waits"}


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_database_is_not_created_again_under_its_service(
    account: FakeAccount, settings: Settings, status: str
) -> None:
    """A start would refuse it."""
    account.add_month()
    account.add_stack("StorageStack", status)
    finding = look(account, settings)["creation-failed"]
    assert "whose tasks know only the former database's secret" in finding.summary
    assert [it.command for it in finding.remediations[:2]] == ["hannibal stop --env dev", "hannibal start --env dev"]

    account.add_stack("ComputeStack", "ROLLBACK_COMPLETE")
    assert "hannibal stop" not in commands(look(account, settings)["creation-failed"])


@pytest.mark.parametrize("storage", [None, "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
@pytest.mark.parametrize("compute", ["UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_service_without_its_database_is_only_ended(
    account: FakeAccount, settings: Settings, storage: str | None, compute: str
) -> None:
    """No rollback brings the database back, and a start is refused."""
    account.add_month()
    account.add_stack("ComputeStack", compute)
    del account.stacks["StorageStack"]
    if storage:
        account.add_stack("StorageStack", storage)
    findings = look(account, settings)
    assert findings.keys() == {"stack-failed", "creation-failed" if storage else "stack-missing"}
    assert {it.fix for it in findings.values()} == {None}
    for finding in findings.values():
        advised = [
            it.command for it in finding.remediations if not it.command.startswith("aws cloudformation describe")
        ]
        assert advised == ["hannibal stop --env dev", "hannibal start --env dev"], finding.cause
