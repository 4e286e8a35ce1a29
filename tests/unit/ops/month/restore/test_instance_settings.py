"""What a restored instance is given so that the stack finds no difference."""

from collections.abc import Callable
from typing import Any, Final

from ops.month.restore.instance_settings import differences, needs_reboot, restore_options
from tests.unit.ops.month.restore.test_target import NAMES, instance

# What comes from the source, is decided otherwise, or counts only when the instance is deleted.
_NOT_GIVEN: Final = {
    *("DBInstanceIdentifier", "DBSnapshotIdentifier", "DeleteAutomatedBackups", "Engine", "MasterUserPassword"),
    *("MasterUsername", "StorageEncrypted"),
}


def test_every_property_of_the_template_is_given(templates: Callable[[str], dict[str, Any]]) -> None:
    """RDS would choose otherwise: the VPC's own security group, no exported logs, another parameter group."""
    resources = templates("dev")["StorageStack"]["Resources"].values()
    (template,) = (it["Properties"] for it in resources if it["Type"] == "AWS::RDS::DBInstance")
    described = {
        "AllocatedStorage": 20,
        "DBParameterGroups": [{"DBParameterGroupName": "parameters", "ParameterApplyStatus": "in-sync"}],
        "DBSubnetGroup": {"DBSubnetGroupName": "subnets"},
        "EnabledCloudwatchLogsExports": ["postgresql"],
        "Endpoint": {"Port": 5433},
        "TagList": [],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
    }
    month = instance(NAMES.database, **template | described)
    given = differences(month, instance(NAMES.coming_database, EngineVersion="18.1")) | restore_options(month, "x", 0)
    others = {
        "AllocatedStorage": 20,
        "DBParameterGroupName": "parameters",
        "DBSubnetGroupName": "subnets",
        "EnableCloudwatchLogsExports": ["postgresql"],
        "Port": 5433,
        "Tags": [{"Key": "RestoredTo", "Value": "x"}],
        "VpcSecurityGroupIds": ["sg-1"],
    }
    wanted = {name: value for name, value in template.items() if name not in {*_NOT_GIVEN, "VPCSecurityGroups"}}
    assert {name: given.get(name) for name in wanted | others} == wanted | others


def test_tags_of_aws_stay_with_the_one_of_before() -> None:
    tags = [
        {"Key": "Project", "Value": "nestjs-hannibal-3"},
        {"Key": "aws:cloudformation:stack-name", "Value": "StorageStack"},
        {"Key": "RestoredTo", "Value": "an earlier one"},
    ]
    options = restore_options(instance(NAMES.database, TagList=tags), "2026-11-26T08:30:00Z", 0)
    assert options["Tags"] == [
        {"Key": "Project", "Value": "nestjs-hannibal-3"},
        {"Key": "RestoredTo", "Value": "2026-11-26T08:30:00Z"},
    ]


def test_throughput_is_asked_for_only_where_gp3_has_any_to_choose() -> None:
    small = instance(NAMES.database, AllocatedStorage=20, StorageType="gp3", Iops=3000, StorageThroughput=125)
    large = instance(NAMES.database, AllocatedStorage=400, StorageType="gp3", Iops=12000, StorageThroughput=500)
    assert "Iops" not in restore_options(small, "x", 0)
    assert restore_options(large, "x", 0)["Iops"] == 12000
    assert restore_options(small, "x", 30)["AllocatedStorage"] == 30


def test_only_what_differs_is_changed() -> None:
    month = instance(NAMES.database, BackupRetentionPeriod=7, PreferredMaintenanceWindow="sun:05:00-sun:06:00")
    same = instance(NAMES.coming_database, BackupRetentionPeriod=7, PreferredMaintenanceWindow="sun:05:00-sun:06:00")
    other = instance(NAMES.coming_database, BackupRetentionPeriod=1, EngineVersion="18.1")
    assert differences(month, same) == {}
    assert differences(month, other) == {
        "BackupRetentionPeriod": 7,
        "EngineVersion": "18.3",
        "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
    }


def test_another_parameter_group_counts_after_a_reboot() -> None:
    group = {"DBParameterGroupName": "storagestack-parameters", "ParameterApplyStatus": "pending-reboot"}
    assert needs_reboot(instance(NAMES.coming_database, DBParameterGroups=[group]))
    assert not needs_reboot(instance(NAMES.coming_database))
