"""What RDS refuses, each with its own words."""

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.database import emulator, refusals

GOOD = {
    "AllocatedStorage": "20",
    "DBInstanceIdentifier": "nestjs-hannibal-3-db",
    "EngineVersion": "17.6",
    "MasterUserPassword": "long-enough-1",
    "MasterUsername": "hannibal",
    "StorageType": "gp3",
}


def _check_new(request: dict[str, str]) -> None:
    refusals.identifier(request["DBInstanceIdentifier"])
    refusals.new_instance(request)
    refusals.storage(request)


def test_a_good_instance_passes() -> None:
    _check_new(GOOD)
    _check_new(GOOD | {"DBName": "app_1", "MaxAllocatedStorage": "100", "EngineVersion": "18"})


PASSWORD = "The parameter MasterUserPassword is not a valid password"
CHARACTERS = f"{PASSWORD}. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
STORAGE = "Invalid storage size for engine name postgres and storage type"


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"DBInstanceIdentifier": name}, "InvalidParameterValue", "DBInstanceIdentifier is not a valid identifier")
        for name in ("", "3-db", "a--b", "db-", "d_b", "ä", "a" * 64)
    ]
    + [
        ({"MasterUserPassword": "short-1"}, "InvalidParameterValue", f"{PASSWORD} because it is shorter than 8"),
        ({"MasterUserPassword": "x" * 129}, "InvalidParameterValue", f"{PASSWORD} because it is longer than 128"),
        *(
            ({"MasterUserPassword": f"long{character}enough"}, "InvalidParameterValue", CHARACTERS)
            for character in ('/@" ä\t')
        ),
        ({"MasterUserPassword": ""}, "InvalidParameterValue", "MasterUserPassword must be provided"),
        *(
            (
                {"MasterUsername": user},
                "InvalidParameterValue",
                f"MasterUsername {user} cannot be used as it is a reserved word used by the engine",
            )
            for user in ("admin", "User", "select", "rdsadmin", "pg_owner")
        ),
        ({"MasterUsername": "1st"}, "InvalidParameterValue", "must begin with a letter"),
        ({"MasterUsername": ""}, "InvalidParameterValue", "MasterUsername must be provided"),
        ({"DBName": "my-app"}, "InvalidParameterValue", "DBName must begin with a letter"),
        *(
            ({"EngineVersion": version}, "InvalidParameterCombination", f"Cannot find version {version} for postgres")
            for version in ("9.6.1", "99.1", "17.x", "latest")
        ),
        ({"AllocatedStorage": "19"}, "InvalidParameterCombination", f"{STORAGE} gp3: 19"),
        ({"AllocatedStorage": "70000"}, "InvalidParameterCombination", f"{STORAGE} gp3: 70000"),
        ({"AllocatedStorage": ""}, "InvalidParameterValue", "AllocatedStorage must be provided"),
        ({"AllocatedStorage": "many"}, "MalformedInput", "must be an integer"),
        ({"MaxAllocatedStorage": "10"}, "InvalidParameterCombination", "Max storage size must be greater"),
    ],
)
def test_a_bad_instance_is_refused(changed: dict[str, str], code: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        _check_new(GOOD | changed)
    assert refusal.value.code == code
    assert message in refusal.value.message


@pytest.mark.parametrize(("size", "most"), [("100", "110"), ("50", "55"), ("20", "22")])
def test_storage_may_grow_by_exactly_a_tenth(size: str, most: str) -> None:
    request = GOOD | {"AllocatedStorage": size, "MaxAllocatedStorage": most}
    _check_new(request)
    with pytest.raises(Refusal, match="Max storage size must be greater"):
        _check_new(request | {"MaxAllocatedStorage": str(int(most) - 1)})


def test_storage_does_not_shrink() -> None:
    refusals.storage({"AllocatedStorage": "50", "StorageType": "gp3"}, least_gib=50)
    with pytest.raises(Refusal, match=f"{STORAGE} gp3: 49"):
        refusals.storage({"AllocatedStorage": "49", "StorageType": "gp3"}, least_gib=50)


def test_parameter_group_of_another_major_version_is_refused() -> None:
    refusals.parameter_group("default.postgres18", "18.3")
    refusals.parameter_group("default.postgres17", "")
    refusals.parameter_group("", "18.3")
    with pytest.raises(Refusal, match="use a Parameter Group with DBParameterGroupFamily postgres18") as refusal:
        refusals.parameter_group("default.postgres17", "18.3")
    assert refusal.value.code == "InvalidParameterCombination"


def test_growth_of_storage_is_ended_by_its_own_size() -> None:
    equal = {"AllocatedStorage": "50", "MaxAllocatedStorage": "50", "StorageType": "gp3"}
    refusals.storage(equal, least_gib=50)
    with pytest.raises(Refusal, match="Max storage size must be greater"):
        refusals.storage(equal)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"StorageType": "gp3", "AllocatedStorage": "400", "Iops": "12000", "StorageThroughput": "500"}, None),
        ({"StorageType": "io2", "AllocatedStorage": "100", "Iops": "30000"}, None),
        ({"StorageType": "", "AllocatedStorage": "100", "Iops": "1000"}, None),
        (
            {"StorageType": "gp3", "Iops": "3000"},
            "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.",
        ),
        ({"StorageType": "io1", "AllocatedStorage": "100"}, "The storage type io1 requires iops to be specified."),
        (
            {"StorageType": "gp3", "AllocatedStorage": "400", "Iops": "3000"},
            "Invalid iops value for engine name postgres and storage type gp3: 3000",
        ),
        (
            {"StorageType": "io1", "AllocatedStorage": "100", "Iops": "6000"},
            "Invalid iops to storage (GB) ratio for engine name postgres and storage type io1: 60.0000",
        ),
        (
            {"StorageType": "gp2", "Iops": "3000"},
            "Invalid iops value for engine name postgres and storage type gp2: 3000",
        ),
        (
            {"StorageType": "gp3", "AllocatedStorage": "400", "Iops": "12000", "StorageThroughput": "4000"},
            "Invalid storage throughput value for engine name postgres and storage type gp3: 4000",
        ),
        ({"AllocatedStorage": "20", "MaxAllocatedStorage": "20"}, "Max storage size must be greater than storage size"),
        ({"AllocatedStorage": "20", "MaxAllocatedStorage": "21"}, "Max storage size must be greater than storage size"),
        ({"AllocatedStorage": "20", "MaxAllocatedStorage": "22"}, None),
    ],
)
def test_storage_has_the_speed_of_its_size(changes: dict[str, str], said: str | None) -> None:
    found = None
    try:
        refusals.storage(GOOD | changes)
    except Refusal as refusal:
        found = refusal.message

    assert found == said


def test_storage_that_is_there_keeps_its_speed() -> None:
    refusals.storage({"AllocatedStorage": "200", "StorageType": "io1"}, least_gib=100)


def test_storage_of_a_restore_may_be_left_to_the_snapshot() -> None:
    refusals.storage({}, least_gib=50)


@pytest.mark.parametrize(
    ("wanted", "allowed", "message"),
    [
        ({"EngineVersion": "17.5"}, False, "Cannot upgrade postgres from 17.6 to 17.5"),
        ({"EngineVersion": "18.1"}, False, "The AllowMajorVersionUpgrade flag must be present"),
        ({"EngineVersion": "18.1", "AllowMajorVersionUpgrade": "true"}, True, ""),
        ({"EngineVersion": "17.10"}, True, ""),
        ({"EngineVersion": "17.6"}, True, ""),
        ({}, True, ""),
    ],
)
def test_versions_only_go_up(wanted: dict[str, str], allowed: bool, message: str) -> None:
    if allowed:
        refusals.upgrade("17.6", wanted)
    else:
        with pytest.raises(Refusal, match=message):
            refusals.upgrade("17.6", wanted)


def _instance(**fields: object) -> emulator.Record:
    return {"DBInstanceIdentifier": "db", "DBInstanceStatus": "available", **fields}


@pytest.mark.parametrize(
    ("record", "request_", "code", "message"),
    [
        (
            _instance(DeletionProtection=True),
            {"SkipFinalSnapshot": "true"},
            "InvalidParameterCombination",
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        ),
        (
            _instance(),
            {},
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        ),
        (_instance(DBInstanceStatus="creating"), {"SkipFinalSnapshot": "true"}, "InvalidDBInstanceState", "creating"),
        (
            _instance(DBInstanceStatus="failed"),
            {"FinalDBSnapshotIdentifier": "last"},
            "InvalidDBInstanceState",
            "Cannot create a snapshot because the database instance db is not currently in the available state.",
        ),
    ],
)
def test_deletion_is_refused(record: emulator.Record, request_: dict[str, str], code: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        refusals.deletion(record, request_)
    assert refusal.value.code == code
    assert message in refusal.value.message


def test_a_deletion_that_names_or_skips_a_final_snapshot_passes() -> None:
    refusals.deletion(_instance(), {"FinalDBSnapshotIdentifier": "last"})
    refusals.deletion(_instance(DBInstanceStatus="failed"), {"SkipFinalSnapshot": "true"})
