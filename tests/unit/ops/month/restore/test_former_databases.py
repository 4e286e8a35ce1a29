"""Letting go of a database that is between two states."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.month.restore import former_databases
from tests.support.aws import given
from tests.support.clock import Clock


@pytest.mark.parametrize("answer_lost", [False, True])
def test_a_database_whose_protection_is_being_taken_away_is_deleted_then(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, answer_lost: bool
) -> None:
    """RDS deletes with a final snapshot only what is available; what is being deleted already is not ordered again."""
    clock, calls = Clock(), list[str]()

    def modify(**_: Any) -> None:
        if clock.time < 20:
            raise ClientError(
                {"Error": {"Code": "InvalidDBInstanceState", "Message": "backing-up"}}, "ModifyDBInstance"
            )
        calls.append("modify")

    def delete(DBInstanceIdentifier: str, **final: Any) -> None:  # noqa: N803 - boto3's name
        if clock.time < 40 and not answer_lost:  # what was changed a moment ago is not known everywhere
            message = "Cannot delete protected DB Instance, please disable deletion protection and try again."
            raise ClientError(
                {"Error": {"Code": "InvalidParameterCombination", "Message": message}}, "DeleteDBInstance"
            )
        if clock.time < 60 or answer_lost:
            raise ClientError({"Error": {"Code": "InvalidDBInstanceState", "Message": "modifying"}}, "DeleteDBInstance")
        calls.append(f"delete {DBInstanceIdentifier} {final}")

    def describe(**_: Any) -> Any:
        return {"DBInstances": [{"DBInstanceStatus": "deleting" if answer_lost else "modifying"}]}

    rds = SimpleNamespace(
        modify_db_instance=modify,
        delete_db_instance=delete,
        describe_db_instances=describe,
        exceptions=SimpleNamespace(DBInstanceNotFoundFault=KeyError),
    )
    instance = SimpleNamespace(name="former", status="available", description={"DeletionProtection": True})
    gone = SimpleNamespace(former=(), coming=None, trial=None)
    monkeypatch.setattr(former_databases, "read_databases", lambda *_: gone)
    plan = former_databases.FormerDeletionPlan(kept=((instance, "kept"),), copies=(), refusals=())  # type: ignore[arg-type]
    former_databases.delete_former_databases(
        given(SimpleNamespace(rds=rds), settings, polling=clock.polling(20)), plan, lambda _: None
    )
    ordered = "delete former {'SkipFinalSnapshot': False, 'FinalDBSnapshotIdentifier': 'kept'}"
    assert calls == (["modify"] if answer_lost else ["modify", ordered])
