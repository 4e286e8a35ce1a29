"""RDS's refusals about instances, as users report them; a comment says where the API reference has only the code."""

import re
from functools import cache

from embedded_aws.database import emulator, process
from embedded_aws.database.emulator import Record, Request, flag, invalid_combination, invalid_value, parameter, refuse
from embedded_aws.requests import property_rules

_IDENTIFIER = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9])*")
_KEYWORDS = process.PROGRAMS.parent / "include" / "server" / "parser" / "kwlist.h"
_RESERVED_WORD = re.compile(r'PG_KEYWORD\("(\w+)", \w+, RESERVED_KEYWORD')
# RDS's major versions, and minor versions including those of the next years.
_VERSION = re.compile(r"(1[1-9])(?:\.(\d{1,2}))?(?:-R\d+)?")
_LEAST_STORAGE_GIB = {"gp3": 20, "gp2": 20, "standard": 5, "io1": 100, "io2": 100}
_MOST_STORAGE_GIB = 65536
_GP3_GIB = 400  # from this size, gp3 can be faster than its baseline
_IOPS = {
    "gp3": (12_000, 64_000, 500),
    "io1": (1_000, 256_000, 50),
    "io2": (1_000, 256_000, 1_000),
}  # minimum, maximum, and maximum per GiB
# States in which RDS accepts changes and snapshots (RDS API reference, CreateDBSnapshot; RDS user guide, "Deleting a DB
# instance" and "Stopping an Amazon RDS DB instance temporarily").
COPYABLE = ("available", "storage-optimization")


def identifier(name: str) -> None:
    """Refuse an invalid name of an instance."""
    _check_identifier("DBInstanceIdentifier", name, longest=63)


def new_identifier(name: str) -> str:
    """Refuse an invalid or used name for a new instance; otherwise return it."""
    identifier(name)
    if emulator.find_instance(name):
        raise refuse("DBInstanceAlreadyExists", "DB instance already exists")
    return name


def no_database_name(request: Request) -> None:
    """Refuse a database name in a restore: the restored data already has it."""
    if parameter(request, "DBName"):
        raise invalid_value("DBName must be null when Restoring for this Engine.")


def _check_identifier(parameter: str, name: str, *, longest: int) -> None:
    if not _IDENTIFIER.fullmatch(name) or len(name) > longest:
        raise invalid_value(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must "
            "contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two "
            "consecutive hyphens."
        )


def parameters(rules: str, request: Request) -> None:
    """Refuse a request by the property rules of this name; an empty parameter counts as missing."""
    property_rules.check(rules, {name: text for name in request if (text := parameter(request, name))})


def password(text: str) -> None:
    """Refuse an invalid master password."""
    property_rules.check("RDS password", {"MasterUserPassword": text})


@cache
def _reserved_words() -> frozenset[str]:
    return frozenset(_RESERVED_WORD.findall(_KEYWORDS.read_text()))


def new_instance(request: Request) -> None:
    """Refuse missing or invalid user, password, database or version of a new instance."""
    user = parameter(request, "MasterUsername")
    if user.lower() in _reserved_words():
        raise invalid_value(f"MasterUsername {user} cannot be used as it is a reserved word used by the engine")
    parameters("new RDS instance", request)
    password(parameter(request, "MasterUserPassword"))
    version(parameter(request, "EngineVersion"))


def version(text: str) -> None:
    """Refuse an engine version that RDS never offered; empty means its default."""
    if text and not _VERSION.fullmatch(text):
        raise invalid_combination(f"Cannot find version {text} for postgres")


def storage(request: Request, *, least_gib: int | None = None) -> None:
    """Check the requested storage, which cannot shrink. Raises Refusal: a wrong size, or none for a new instance."""
    size = emulator.number(request, "AllocatedStorage")
    iops = emulator.number(request, "Iops")
    kind = parameter(request, "StorageType") or ("gp2" if iops is None else "io1")
    if size is None:
        if least_gib is None:
            raise invalid_value("The parameter AllocatedStorage must be provided and must not be null.")
        return
    if not max(_LEAST_STORAGE_GIB.get(kind, 20), least_gib or 0) <= size <= _MOST_STORAGE_GIB:
        raise invalid_combination(f"Invalid storage size for engine name postgres and storage type {kind}: {size}")
    most = emulator.number(request, "MaxAllocatedStorage")
    # Equal sizes end the autoscaling of an existing instance (terraform-provider-aws #9087); others are at least 10 %
    # more (RDS user guide, "Managing capacity automatically").
    if most is not None and 10 * most < 11 * size and not (most == size and least_gib is not None):
        raise invalid_combination("Max storage size must be greater than storage size")
    if least_gib is None or iops is not None:  # existing storage keeps its IOPS
        _speed(kind, size, iops, emulator.number(request, "StorageThroughput"))


def _speed(kind: str, size: int, iops: int | None, throughput: int | None) -> None:
    """Refuse IOPS or throughput that a storage type does not have (RDS user guide, "DB instance storage")."""
    if kind == "gp3" and size < _GP3_GIB and (iops is not None or throughput is not None):
        raise invalid_combination(
            f"You can't specify IOPS or storage throughput for engine postgres and a storage size less than {_GP3_GIB}."
        )
    if kind.startswith("io") and iops is None:
        raise invalid_combination(f"The storage type {kind} requires iops to be specified.")
    least, most, most_a_gib = _IOPS.get(kind, (1, 0, 0))
    if iops is not None and not least <= iops <= most:
        raise invalid_combination(f"Invalid iops value for engine name postgres and storage type {kind}: {iops}")
    if iops is not None and iops > size * most_a_gib:
        ratio = f"{iops / size:.4f}"
        message = f"Invalid iops to storage (GB) ratio for engine name postgres and storage type {kind}: {ratio}"
        raise invalid_combination(message)
    if throughput is not None and (kind != "gp3" or not 500 <= throughput <= min(4000, (iops or 12_000) / 4)):
        message = f"Invalid storage throughput value for engine name postgres and storage type {kind}: {throughput}"
        raise invalid_combination(message)


def subnet_group(request: Request) -> None:
    """Refuse a subnet group that does not exist."""
    name = parameter(request, "DBSubnetGroupName")
    if name and name not in emulator.subnet_groups:
        raise refuse("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.")


def parameter_group(name: str, engine_version: str) -> None:
    """Refuse a parameter group that does not exist, or of another major version; empty means the version's default.

    Of the family the code is documented (RDS API reference, ModifyDBInstance, DBParameterGroupName).
    """
    default, group = name.startswith("default."), emulator.parameter_groups.get(name)
    if name and not default and group is None:
        raise refuse("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}")
    family = name.removeprefix("default.") if group is None else group["DBParameterGroupFamily"]
    wanted = f"postgres{engine_version.partition('.')[0]}"
    if name and engine_version and family != wanted:
        raise invalid_combination(
            f"The Parameter Group {name} with DBParameterGroupFamily {family} can not be used for this instance. "
            f"Please use a Parameter Group with DBParameterGroupFamily {wanted}"
        )


def upgrade(current: str, request: Request) -> None:
    """Refuse an unknown or older version, and a major upgrade that the request does not allow."""
    target = parameter(request, "EngineVersion")
    version(target)
    if not target or target == current:
        return
    if order(target) < order(current):
        raise invalid_combination(f"Cannot upgrade postgres from {current} to {target}")
    if target.partition(".")[0] != current.partition(".")[0] and not flag(request, "AllowMajorVersionUpgrade"):
        message = "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        raise invalid_combination(message)


def order(text: str) -> tuple[int, ...]:
    """The sort key of a version."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


def state_for_deletion(record: Record) -> None:
    """Refuse a second deletion; only the error code is documented."""
    if record["DBInstanceStatus"] == "deleting":
        raise refuse("InvalidDBInstanceState", f"Instance {record['DBInstanceIdentifier']} is already being deleted.")


def deletion(record: Record, request: Request) -> None:
    """Refuse to delete a protected or busy instance, and a request that does not mention a final snapshot."""
    if record.get("DeletionProtection"):
        message = "Cannot delete protected DB Instance, please disable deletion protection and try again."
        raise invalid_combination(message)
    if not flag(request, "SkipFinalSnapshot") and not parameter(request, "FinalDBSnapshotIdentifier"):
        raise invalid_combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    name, status = record["DBInstanceIdentifier"], record["DBInstanceStatus"]
    if status in ("creating", "rebooting", "renaming"):
        # Only the error code is documented.
        raise refuse("InvalidDBInstanceState", f"Instance {name} is currently {status}.")
    # A deletion in progress copies the existing data.
    if not flag(request, "SkipFinalSnapshot") and status != "deleting":
        snapshot_possible(record)


def snapshot_possible(record: Record) -> None:
    """Refuse a snapshot of an instance whose data cannot be read in its state."""
    if record["DBInstanceStatus"] not in COPYABLE:
        raise refuse(
            "InvalidDBInstanceState",
            f"Cannot create a snapshot because the database instance {record['DBInstanceIdentifier']} is not currently "
            "in the available state.",
        )


def new_snapshot(name: str) -> None:
    """Refuse an invalid or used name for a snapshot."""
    _check_identifier("DBSnapshotIdentifier", name, longest=255)
    if name in emulator.snapshots:
        message = f"Cannot create the snapshot because a snapshot with the identifier {name} already exists."
        raise refuse("DBSnapshotAlreadyExists", message)


def state(record: Record, *expected: str) -> None:
    """Refuse an operation in any other state; only the error code is documented."""
    if record["DBInstanceStatus"] not in expected:
        message = f"Instance {record['DBInstanceIdentifier']} is not in {' or '.join(expected)} state."
        raise refuse("InvalidDBInstanceState", message)
