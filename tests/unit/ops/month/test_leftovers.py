import pytest

from installation.settings import Settings
from ops.month import leftovers
from ops.month.leftovers import bucket_bytes, read_leftovers, totals
from tests.support.fakes import FINAL, NOW, FakeAccount


def resource(kind: str, name: str, status: str = "CREATE_COMPLETE") -> dict[str, str]:
    return {"LogicalResourceId": name, "PhysicalResourceId": name, "ResourceType": kind, "ResourceStatus": status}


def test_what_bills_is_listed_with_its_quantity(account: FakeAccount, settings: Settings) -> None:
    account.add_stack("ArtifactStack")
    account.add_stack("CDKToolkit")
    account.add_stack("SomebodyElses")
    account.objects = [1_500_000_000, 500_000_000]
    account.resources = {
        "ArtifactStack": [
            resource("AWS::S3::Bucket", "frontend"),
            resource("AWS::Logs::LogGroup", "/ecs/nestjs-hannibal-3"),
            resource("AWS::ECR::Repository", "nestjs-hannibal-3"),
            resource("AWS::SecretsManager::Secret", "hannibal/db/password"),
            resource("AWS::SecretsManager::Secret", "gone", "DELETE_COMPLETE"),
            resource("AWS::IAM::Role", "costs-nothing"),
        ],
        "CDKToolkit": [resource("AWS::S3::Bucket", "assets")],
        "SomebodyElses": [resource("AWS::S3::Bucket", "theirs")],
    }
    account.add_snapshot(f"{FINAL}1")
    of_databases = "/aws/rds/instance/nestjs-hannibal-3-db"
    account.log_groups += [f"{of_databases}/postgresql", f"{of_databases}-restored/postgresql"]
    items = read_leftovers(account.aws(settings))
    found = {(item.kind, item.name): (item.quantity, item.unit) for item in items}
    assert found == {
        ("bucket", "frontend"): (2.0, "GB"),
        ("log group", "/ecs/nestjs-hannibal-3"): (3.0, "GB"),
        ("log group", f"{of_databases}-restored/postgresql"): (3.0, "GB"),  # in no stack
        ("images", "nestjs-hannibal-3"): (1.0, "GB"),
        ("secret", "hannibal/db/password"): (1, "piece"),
        ("bucket", "assets"): (2.0, "GB"),
        ("snapshot", f"{FINAL}1"): (20.0, "GiB"),
    }
    buckets, *_, snapshots = totals(items)
    assert (buckets.kind, buckets.count, buckets.quantity, buckets.exact) == ("bucket", 2, 4.0, True)
    assert (snapshots.kind, snapshots.exact) == ("snapshot", False)


def test_a_persons_instance_in_the_months_subnet_group_costs_money(account: FakeAccount, settings: Settings) -> None:
    """The stop is refused for it, and what it costs would be seen nowhere else."""
    group = {"DBInstanceStatus": "available", "DBSubnetGroup": {"DBSubnetGroupName": "storagestack-group"}}
    account.database = group
    account.others = [group | {"DBInstanceIdentifier": "by-hand"}]
    assert {item.name for item in read_leftovers(account.aws(settings))} == {"by-hand"}


def test_what_cloudformation_only_begins_to_make_bills_nothing(account: FakeAccount, settings: Settings) -> None:
    """It has no physical id yet, nor ever where its creation failed, and AWS takes no empty name."""
    account.add_stack("ArtifactStack")
    kinds = ("AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::ECR::Repository", "AWS::SecretsManager::Secret")
    account.resources = {"ArtifactStack": [resource(kind, "") for kind in kinds]}
    assert read_leftovers(account.aws(settings)) == ()


def test_cloudwatchs_figure_comes_before_counting(account: FakeAccount) -> None:
    account.objects = [1]
    account.datapoints = [{"Timestamp": NOW, "Average": 7e9}]
    aws = account.aws()
    assert bucket_bytes(aws, "b") == (7_000_000_000, True)


def test_a_very_full_bucket_is_a_lower_bound(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_MOST_OBJECTS", 2)
    account.objects = [10, 10, 10]
    aws = account.aws()
    assert bucket_bytes(aws, "b") == (20, False)
