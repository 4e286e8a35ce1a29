"""What a restored instance is given so that the stack finds no difference."""

from ops.month.restore.instance_settings import differences, needs_reboot, restore_options
from tests.unit.ops.month.restore.test_target import NAMES, instance


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
