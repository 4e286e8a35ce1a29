"""Which stacks import an export, and whose it is."""

from collections.abc import Iterator
from typing import Any

import pytest

from embedded_aws.cloudformation import emulator, exports
from embedded_aws.core import emulator as core

IMPORT: Any = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::ImportValue": "shared"}}}
OTHER: Any = {"Topic": {"Type": "AWS::SNS::Topic"}}


def branches(condition: str) -> Any:
    return {"Fn::If": [condition, {"Fn::ImportValue": "shared"}, "own"]}


def stack(name: str, template: Any = None, status: str = "CREATE_COMPLETE", exported: str = "", at: str = "1") -> Any:
    output = {"OutputKey": "Value", "OutputValue": name, "ExportName": exported}
    return {
        "StackName": name,
        "StackId": f"arn:aws:cloudformation:us-east-1:1:stack/{name}/1",
        "StackStatus": status,
        "CreationTime": at,
        "Outputs": [output] if exported else [],
        "_template": {"Resources": OTHER} | (template or {}),
        "_conditions": {"Yes": True, "No": False},
    }


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    function = emulator.imported_names.take()
    monkeypatch.setattr(emulator, "imported_names", lambda *given: exports._imported_names(function, *given))
    yield
    emulator.stacks.clear()
    emulator.exports.clear()


def put(*records: Any) -> None:
    for record in records:
        emulator.stacks[record["StackName"]] = record
    exports.restore()


@pytest.mark.parametrize(
    ("template", "status", "imports"),
    [
        ({"Resources": {"A": IMPORT}}, "CREATE_COMPLETE", True),
        ({"Resources": {"A": IMPORT}}, "CREATE_FAILED", True),
        ({"Resources": {"A": IMPORT}}, "UPDATE_IN_PROGRESS", True),
        ({"Resources": {"A": IMPORT}}, "DELETE_FAILED", True),
        ({"Resources": {"A": IMPORT}}, "DELETE_COMPLETE", False),
        ({"Resources": {"A": IMPORT}}, "ROLLBACK_COMPLETE", False),
        ({"Resources": {"A": IMPORT | {"Condition": "Yes"}}}, "CREATE_COMPLETE", True),
        ({"Resources": {"A": IMPORT | {"Condition": "No"}}}, "CREATE_COMPLETE", False),
        ({"Outputs": {"O": {"Value": {"Fn::ImportValue": "shared"}}}}, "CREATE_COMPLETE", True),
        ({"Outputs": {"O": {"Value": {"Fn::ImportValue": "shared"}, "Condition": "No"}}}, "CREATE_COMPLETE", False),
        ({"Outputs": {"O": {"Value": branches("Yes")}}}, "CREATE_COMPLETE", True),
        ({"Outputs": {"O": {"Value": branches("No")}}}, "CREATE_COMPLETE", False),
        ({"Outputs": {"O": {"Value": "shared"}}}, "CREATE_COMPLETE", False),
    ],
)
def test_a_stack_imports_what_its_conditions_include(template: Any, status: str, imports: bool) -> None:
    put(stack("exporting", exported="shared"), stack("importing", template, status))

    assert exports.importing_stacks("shared") == ["importing"] * imports
    reason = "Delete canceled. Cannot delete export shared as it is in use by importing."
    assert exports.used_export(emulator.stacks["exporting"]) == (reason if imports else "")
    listed = exports._list_imports(pytest.fail, {"ExportName": ["shared"]})
    assert listed[0] == (200 if imports else 400)


def test_a_stack_does_not_hold_its_own_export() -> None:
    put(stack("exporting", {"Resources": {"A": IMPORT}}, exported="shared"))
    assert not exports.used_export(emulator.stacks["exporting"])


def test_all_importing_stacks_are_named() -> None:
    put(stack("exporting", exported="shared"), *(stack(name, {"Resources": {"A": IMPORT}}) for name in "cab"))
    assert exports.used_export(emulator.stacks["exporting"]).endswith("in use by a, b and c.")


def test_saved_exports_are_those_of_the_outputs() -> None:
    emulator.exports["removed"] = {"StackId": "arn:aws:cloudformation:us-east-1:1:stack/first/1", "Name": "removed"}
    later, first = stack("later", exported="shared", at="2"), stack("first", exported="shared")
    put(later, first, stack("gone", status="DELETE_COMPLETE", exported="gone"))

    assert {name: it["Value"] for name, it in emulator.exports.items()} == {"shared": "first"}
    assert "ExportName" not in later["Outputs"][0]
    exported = {"shared": {"StackId": first["StackId"], "Value": "changed"}}
    assert exports._resolve_outputs(lambda _id: ([], exported), first["StackId"]) == ([], exported)
    with core.scope("000000000000", "eu-north-1"):
        assert not emulator.exports
