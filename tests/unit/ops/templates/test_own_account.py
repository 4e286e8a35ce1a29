"""The number of an application's own account stands for a reference to it."""

from pathlib import Path

import pytest

from ops.templates.assembly import Assembly, Stack
from ops.templates.own_account import without_own_account
from ops.templates.values import Json, at

_OURS = "111122223333"
_REFERENCE: Json = {"Ref": "AWS::AccountId"}


def _written(value: Json, account: str = _OURS) -> Json:
    template: dict[str, Json] = {"Resources": {"R": {"Properties": {"P": value}}}, "Mappings": {"M": {account: {}}}}
    roles = {"assumeRoleArn": f"arn:aws:iam::{account}:role/r"}
    stack = Stack(
        name="S", tags={}, protected=False, template=template, paths={}, region="", account=account, roles=roles
    )
    found = without_own_account(Assembly(Path(), {"S": stack}, {})).stacks["S"]
    assert found.template["Mappings"] == template["Mappings"]
    assert (found.roles == roles) == (not account.isdigit())
    return at(found.template, "Resources", "R", "Properties", "P")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"bucket-{_OURS}", {"Fn::Join": ["", ["bucket-", _REFERENCE]]}),
        ({"Fn::Sub": f"${{X}}-{_OURS}"}, {"Fn::Sub": "${X}-${AWS::AccountId}"}),
        ({"Fn::FindInMap": ["M", _OURS, "x"]}, {"Fn::FindInMap": ["M", _OURS, "x"]}),
        (f"9{_OURS}", f"9{_OURS}"),
        ("999988887777", "999988887777"),
    ],
)
def test_only_the_number_of_the_stacks_own_account_becomes_a_reference(value: Json, expected: Json) -> None:
    assert _written(value) == expected


def test_where_the_account_is_not_named_everything_stays() -> None:
    assert _written(f"bucket-{_OURS}", "unknown-account") == f"bucket-{_OURS}"
