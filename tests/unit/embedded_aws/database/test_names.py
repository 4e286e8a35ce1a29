"""Names of instances."""

from typing import Any

import pytest

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
