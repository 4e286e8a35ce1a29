"""A resource that is being made stands on its stack's record, for the case that the server is killed meanwhile."""

import pytest

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.registry import recorded_resource
from embedded_aws.cloudformation.stack_states import end_operation

STACK = "unfinished"
Records = dict[str, dict[str, str]]


@pytest.fixture
def resources(monkeypatch: pytest.MonkeyPatch) -> Records:
    records: Records = {}
    stack = {"StackStatus": "CREATE_IN_PROGRESS", "StackName": STACK, "StackId": "id", "_resources": records}
    monkeypatch.setattr(emulator, "stacks", {STACK: stack})
    return records


def make(resources: Records, *, fails: bool = False) -> None:
    with recorded_resource(
        STACK, "Database", resource_type="AWS::RDS::DBInstance", physical_id="db", properties={"Port": 1}
    ):
        assert resources["Database"]["PhysicalResourceId"] in ("db", "old")
        if fails:
            raise ValueError


def test_a_resource_is_on_record_while_it_is_made_and_afterwards(resources: Records) -> None:
    make(resources)
    assert resources["Database"]["ResourceStatus"] == "CREATE_IN_PROGRESS"


def test_after_a_kill_the_stack_knows_what_to_delete(resources: Records) -> None:
    make(resources)
    stack = emulator.stacks[STACK]
    assert end_operation(stack)
    assert (resources["Database"]["PhysicalResourceId"], stack["StackStatus"]) == ("db", "ROLLBACK_FAILED")
    assert resources["Database"]["ResourceStatus"] == "CREATE_FAILED"


def test_what_could_not_be_made_is_forgotten(resources: Records) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        make(resources, fails=True)
    assert resources == {}


def test_a_replacement_leaves_its_predecessor_on_record(resources: Records) -> None:
    resources["Database"] = {"PhysicalResourceId": "old"}
    make(resources)
    assert resources == {"Database": {"PhysicalResourceId": "old"}}
