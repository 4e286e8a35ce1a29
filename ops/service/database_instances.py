"""All databases of the installation: the month's, restored copies, and former ones."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from installation.names import STORAGE_STACK
from installation.names.persistent import RESTORED_TAG
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.aws.polling import wait_until
from ops.service.database_status import FAILED, IN_USE, STOPPED
from ops.stacks.state import missing_reason

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An RDS instance."""

    name: str  # its identifier
    status: str  # such as ``available``
    arn: str  # its address
    created: datetime | None  # when it was created
    instance_class: str  # such as ``db.t4g.micro``
    storage_gib: int  # allocated storage
    multi_az: bool  # whether it has a standby, which doubles its price
    restored_to: str  # what was restored, by its tag; empty for none
    changing: bool  # whether a requested change is not applied yet
    description: "DBInstanceTypeDef" = field(repr=False)  # RDS's full description

    @property
    def renaming(self) -> bool:
        """Whether it gets another name, also where RDS has not begun with that yet."""
        return self.status == "renaming" or "DBInstanceIdentifier" in self.description.get("PendingModifiedValues", {})

    @property
    def group(self) -> str:
        """Its subnet group."""
        return self.description.get("DBSubnetGroup", {}).get("DBSubnetGroupName", "")

    @property
    def steady(self) -> bool:
        """Whether it can be used, and no change is pending."""
        return self.status in IN_USE and not self.changing


@dataclass(frozen=True, kw_only=True)
class Databases:
    """The installation's instances, found by their names; no other record exists."""

    current: Instance | None  # the month's; None between two months, and for minutes in the middle of a restore
    coming: Instance | None  # a restore's copy, until it gets the month's name
    former: tuple[Instance, ...]  # databases that restores have replaced, the newest first
    trial: Instance | None  # a copy for trying a restore
    # Names of a copy or trial whose instance lacks the tag that restores set: a person created it.
    unmarked: tuple[str, ...] = ()
    # Instances that a person created in the subnet group of the month's database, which StorageStack deletes.
    in_its_group: tuple[Instance, ...] = ()

    @property
    def restoring(self) -> str:
        """What an unfinished restore restores; empty where there is none."""
        if self.coming is not None:
            return self.coming.restored_to
        return self.current.restored_to if self.current is not None else ""

    @property
    def deserted(self) -> bool:
        """Whether the month ended while a restore made its copy, so that there is no database to replace."""
        return self.coming is not None and self.current is None and not self.former


def read_databases(aws: Aws) -> Databases:
    """Read all instances, because the names of former ones end with a time."""
    names = aws.names
    pages = aws.rds.get_paginator("describe_db_instances").paginate()
    instances = {
        each.get("DBInstanceIdentifier", ""): _instance(each) for page in pages for each in page["DBInstances"]
    }
    former = re.compile(rf"{re.escape(names.former_databases)}\d{{8}}-\d{{6}}")  # others are a person's instances
    created = {name: instances[name] for name in (names.coming_database, names.trial_database) if name in instances}
    marked = {name: it for name, it in created.items() if it.restored_to}
    current = instances.get(names.database)
    # By RDS's time: a name has that of an operator's machine, whose clock may be wrong.
    newest_first = sorted(instances.values(), key=lambda it: (str(it.created or ""), it.name), reverse=True)
    replaced = [it.name for it in newest_first if former.fullmatch(it.name)]
    return Databases(
        current=current,
        coming=marked.get(names.coming_database),
        former=tuple(instances[name] for name in replaced),
        trial=marked.get(names.trial_database),
        unmarked=tuple(name for name in created if name not in marked),
        in_its_group=tuple(
            it
            for name, it in instances.items()
            if current and current.group and it.group == current.group
            if name not in {names.database, *marked, *replaced}
        ),
    )


def modify(aws: Aws, name: str, limit: float, **changed: Any) -> bool:
    """Modify an instance immediately, with parameters of ModifyDBInstance; returns the same as `taken_within`."""
    return taken_within(
        aws, limit, lambda: aws.rds.modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True, **changed)
    )


def taken_within(aws: Aws, limit: float, ask: Callable[[], object]) -> bool:
    """Repeat a request that RDS may refuse between two states, for so many seconds; returns whether RDS accepted it."""

    def taken() -> bool:
        with ignoring("InvalidDBInstanceState", "DBInstanceAlreadyExists"):
            ask()
            return True
        return False

    return wait_until(taken, aws.polling, limit)


def restore_refusals(databases: Databases) -> Iterable[str]:
    """Why nothing else may change the month during a restore, with what to do."""
    if databases.restoring:
        yield (
            f"a restore to {databases.restoring} has not ended: `hannibal restore --to {databases.restoring}` goes on, "
            "`hannibal restore --let-go` gives it up where the database was not yet exchanged"
        )


def unmarked_refusals(databases: Databases, name: str) -> Iterator[str]:
    """Why an existing instance blocks a copy's name and is not used as the copy."""
    if name in databases.unmarked:
        yield (
            f"an instance {name} exists, and lacks the tag {RESTORED_TAG}, so that no restore of this command has made "
            "it. Rename it, or delete it if nobody needs its rows"
        )


def final_snapshot_refusals(databases: Databases) -> Iterator[str]:
    """Why StorageStack would fail after the service is gone, so that the database would stay, with what to do."""
    database = databases.current
    if database is None:
        return
    if database.status in FAILED:
        yield (
            f"{database.name} is {database.status}, and RDS makes no final snapshot of it: the service would go, and "
            "the database stay and cost money. Repair it first: `hannibal doctor database`. One whose restore has "
            "failed: docs/real-account.md, A first start that fails"
        )
    if database.description.get("DeletionProtection"):
        first = "`hannibal resume`, then " if database.status in STOPPED else ""  # RDS modifies no stopped instance
        yield (
            f"{database.name} is protected against deletion, by hand or by a rule of the account: the service would "
            f"go, and the database stay and cost money. {first}`aws rds modify-db-instance --db-instance-identifier "
            f"{database.name} --no-deletion-protection --apply-immediately`, then again"
        )
    for other in databases.in_its_group:
        yield (
            f"{other.name}, which no command here has made, is in the subnet group of the month's database: the "
            f"service and the database would go, and {STORAGE_STACK} fail. Delete it, which may leave a snapshot, then "
            "again"
        )


def no_database(aws: Aws, without_month: str) -> str:
    """Why there is no database, with what to do; only where there is none; `without_month` between two months."""
    exchanged = next(iter(restore_refusals(read_databases(aws))), "")  # no instance has its name between renames
    return exchanged or missing_reason(aws, "database", STORAGE_STACK, undeployed=without_month, subject="database")


def _instance(described: "DBInstanceTypeDef") -> Instance:
    tags = {tag.get("Key"): tag.get("Value", "") for tag in described.get("TagList", [])}
    groups = described.get("DBParameterGroups", [])
    applying = any(group.get("ParameterApplyStatus") == "applying" for group in groups)
    return Instance(
        name=described.get("DBInstanceIdentifier", ""),
        status=described.get("DBInstanceStatus", ""),
        arn=described.get("DBInstanceArn", ""),
        created=described.get("InstanceCreateTime"),
        instance_class=described.get("DBInstanceClass", ""),
        storage_gib=described.get("AllocatedStorage", 0),
        multi_az=described.get("MultiAZ", False),
        restored_to=tags.get(RESTORED_TAG, ""),
        changing=bool(described.get("PendingModifiedValues")) or applying,
        description=described,
    )
