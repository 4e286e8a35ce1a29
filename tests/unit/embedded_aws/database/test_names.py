"""Names of instances."""

from typing import Any

import pytest

from embedded_aws.database import cloudformation, emulator
from embedded_aws.database.names import _filter_instances

INSTANCES: list[dict[str, Any]] = [
    {"DBInstanceIdentifier": name, "DbiResourceId": f"db-{name.upper()}"} for name in ("one", "two")
]


def _original(instances: list[dict[str, Any]], filters: dict[str, list[str]]) -> list[dict[str, Any]]:
    names = filters.get("db-instance-id")
    return [it for it in instances if names is None or it["DBInstanceIdentifier"] in names]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"dbi-resource-id": ["db-TWO"]}, ["two"]),
        ({"dbi-resource-id": ["db-ONE"], "db-instance-id": ["two"]}, []),
        ({"db-instance-id": ["One", "arn:aws:rds:ap-northeast-1:000000000000:db:two"]}, ["one", "two"]),
    ],
)
def test_instances_are_found_by_resource_ids_arns_and_names_in_any_case(
    filters: dict[str, list[str]], found: list[str]
) -> None:
    assert [it["DBInstanceIdentifier"] for it in _filter_instances(_original, INSTANCES, filters)] == found


def test_groups_of_a_former_server_are_found_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = ("000000000000", "ap-northeast-1")
    instance = {"DBParameterGroups": [{"DBParameterGroupName": "Own"}], "DBSubnetGroup": {"DBSubnetGroupName": "Own"}}
    monkeypatch.setattr(emulator, "all_instances", lambda: [(*scope, instance)])
    stores = (
        (emulator.parameter_groups, "DBParameterGroup", "pg"),
        (emulator.subnet_groups, "DBSubnetGroup", "subgrp"),
    )
    for store, kind, short in stores:
        arn = f"arn:aws:rds:{scope[1]}:{scope[0]}:{short}:"
        store.set_scoped(*scope, "Own", {f"{kind}Name": "Own", f"{kind}Arn": f"{arn}Own"})
        emulator.tags.set_scoped(*scope, f"{arn}Own", [{"Key": "a", "Value": "b"}])
    try:
        emulator.lower_group_names()

        for store, kind, short in stores:
            arn = f"arn:aws:rds:{scope[1]}:{scope[0]}:{short}:own"
            assert store.pop_scoped(*scope, "own", None) == {f"{kind}Name": "own", f"{kind}Arn": arn}
            assert not store.contains_scoped(*scope, "Own")
            assert emulator.tags.pop_scoped(*scope, arn, None) == [{"Key": "a", "Value": "b"}]
        assert instance["DBParameterGroups"] == [{"DBParameterGroupName": "own"}]
        assert instance["DBSubnetGroup"] == {"DBSubnetGroupName": "own"}
    finally:
        for store, *_ in (*stores, (emulator.tags,)):
            store.clear()


def test_a_group_with_capitals_in_a_stack_is_updated_and_not_replaced() -> None:
    def original(name: str, *rest: Any) -> Any:
        return name, {}

    assert cloudformation._update_group(original, "Own", {}, {}, "stack") == ("Own", {})
