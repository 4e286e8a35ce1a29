"""All databases of the installation: the month's, and those that a restore makes or has put aside."""

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
from ops.service.database_status import IN_USE
from ops.stacks.missing import why_missing

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An RDS instance."""

    name: str  # its identifier
    status: str  # such as ``available``
    arn: str  # its address
    created: datetime | None  # when it was made
    instance_class: str  # such as ``db.t4g.micro``
    storage_gib: int  # allocated storage
    multi_az: bool  # whether it has a standby, which doubles its price
    restored_to: str  # what its tag says was restored; empty for none
    changing: bool  # whether something that was asked for has still to be applied
    description: "DBInstanceTypeDef" = field(repr=False)  # all that RDS says of it

    @property
    def steady(self) -> bool:
        """Whether it can be used, and nothing is about to change."""
        return self.status in IN_USE and not self.changing


@dataclass(frozen=True, kw_only=True)
class Databases:
    """What there is, by its names; nothing is kept anywhere else."""

    current: Instance | None  # the month's; None between two months, and for minutes in the middle of a restore
    coming: Instance | None  # what a restore makes, until it takes over the name
    former: tuple[Instance, ...]  # those that a restore has put aside, the newest first
    trial: Instance | None  # one on which a restore is tried
    # Names of the two before that instances have without the tag that each of them is made with: a person's.
    unmarked: tuple[str, ...] = ()

    @property
    def restoring(self) -> str:
        """What a restore that has not ended restores; empty where none is under way."""
        if self.coming is not None:
            return self.coming.restored_to
        return self.current.restored_to if self.current is not None else ""

    @property
    def deserted(self) -> bool:
        """Whether the month ended while a restore made its copy: nothing is left to exchange it with."""
        return self.coming is not None and self.current is None and not self.former


def read_databases(aws: Aws) -> Databases:
    """Look at all instances, because the names of those that were put aside end with a time."""
    names = aws.names
    pages = aws.rds.get_paginator("describe_db_instances").paginate()
    found = {each.get("DBInstanceIdentifier", ""): _instance(each) for page in pages for each in page["DBInstances"]}
    former = re.compile(rf"{re.escape(names.former_databases)}\d{{8}}-\d{{6}}")  # a person may write another word there
    made = {name: found[name] for name in (names.coming_database, names.trial_database) if name in found}
    marked = {name: it for name, it in made.items() if it.restored_to}
    return Databases(
        current=found.get(names.database),
        coming=marked.get(names.coming_database),
        former=tuple(found[name] for name in sorted(found, reverse=True) if former.fullmatch(name)),
        trial=marked.get(names.trial_database),
        unmarked=tuple(made.keys() - marked.keys()),
    )


def modify(aws: Aws, name: str, limit: float, **changed: Any) -> bool:
    """Change an instance at once, by the names of ModifyDBInstance; as `taken_within`."""
    return taken_within(
        aws, limit, lambda: aws.rds.modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True, **changed)
    )


def taken_within(aws: Aws, limit: float, ask: Callable[[], object]) -> bool:
    """Ask RDS for something that it may refuse between two states, again and again; returns whether it has taken it.

    Args:
        limit: seconds after which it is not asked any more.
    """

    def taken() -> bool:
        with ignoring("InvalidDBInstanceState", "DBInstanceAlreadyExists"):
            ask()
            return True
        return False

    return wait_until(taken, aws.polling, limit)


def restore_refusals(databases: Databases) -> Iterable[str]:
    """Why nothing else may change the month while a restore is under way, with what to do."""
    if databases.restoring:
        yield (
            f"a restore to {databases.restoring} has not ended: `hannibal restore --to {databases.restoring}` goes on, "
            "`hannibal restore --let-go` gives it up where the database was not yet exchanged"
        )


def unmarked_refusals(databases: Databases, name: str) -> Iterator[str]:
    """Why no instance of a name can be made, nor the one that has it be taken for a copy."""
    if name in databases.unmarked:
        yield (
            f"an instance {name} exists, and lacks the tag {RESTORED_TAG}, so that no restore of this command has made "
            "it. Rename it, or delete it if nobody needs its rows"
        )


def no_database(aws: Aws, without_month: str) -> str:
    """Why there is no database, with what to do; ask only where there is none.

    Args:
        without_month: what is said between two months.
    """
    exchanged = next(iter(restore_refusals(read_databases(aws))), "")  # it has no name between the two renames
    return exchanged or why_missing(aws, "database", STORAGE_STACK, undeployed=without_month, subject="database")


def _instance(found: "DBInstanceTypeDef") -> Instance:
    tags = {tag.get("Key"): tag.get("Value", "") for tag in found.get("TagList", [])}
    groups = found.get("DBParameterGroups", [])
    applying = any(group.get("ParameterApplyStatus") == "applying" for group in groups)
    return Instance(
        name=found.get("DBInstanceIdentifier", ""),
        status=found.get("DBInstanceStatus", ""),
        arn=found.get("DBInstanceArn", ""),
        created=found.get("InstanceCreateTime"),
        instance_class=found.get("DBInstanceClass", ""),
        storage_gib=found.get("AllocatedStorage", 0),
        multi_az=found.get("MultiAZ", False),
        restored_to=tags.get(RESTORED_TAG, ""),
        changing=bool(found.get("PendingModifiedValues")) or applying,
        description=found,
    )
