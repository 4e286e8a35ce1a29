"""Plans a restore: checks everything and changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from installation.names import COMPUTE_STACK, STORAGE_STACK
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.month.restore.target import Source, Target, find_source
from ops.service.database_instances import (
    Databases,
    Instance,
    no_database,
    read_databases,
    restore_refusals,
    unmarked_refusals,
)
from ops.service.database_status import GIVEN_UP, IN_USE, read_database, unavailable_advice
from ops.service.deployments import running_release_refusals
from ops.service.ecs_service import read_service
from ops.service.one_off_tasks import one_off_task_refusals
from ops.service.pauses import is_paused
from ops.stacks.state import busy_stack_refusals, read_stack


@dataclass(frozen=True, kw_only=True)
class RestorePlan:
    """What a restore will do."""

    target: Target  # what is restored
    source: Source | None  # source of the rows; None where the copy exists already, or is being created
    steps: tuple[str, ...]  # the remaining steps, one line each; empty where all is done
    former: tuple[str, ...]  # former databases, each of which is billed
    notes: tuple[str, ...]  # what to know before it begins
    refusals: tuple[str, ...]  # why it cannot be done, with what to do
    databases: Databases = field(repr=False)


def plan_restore(aws: Aws, target: Target, *, again: bool = False) -> RestorePlan:
    """Check databases, stacks, releases and tasks; a finished restore is repeated only with ``again``."""
    names = aws.names
    databases = read_databases(aws)
    already_restored = not databases.restoring and any(it.restored_to == target.text for it in databases.former)
    source: Source | None = None
    refusals: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    if databases.restoring:
        if databases.restoring != target.text:
            refusals = tuple(restore_refusals(databases))
        steps = tuple(_remaining_steps(databases, names.database))
    elif not already_restored or again:
        refusals = tuple(busy_refusals(aws, databases))
        if not refusals:
            source, refusals = find_source(aws, target, databases)
        steps = tuple(_steps(source, databases, names.database, names.coming_database))
    if databases.deserted and not month_lasts(aws):
        refusals = ("the month has ended meanwhile, and its database with it: `hannibal restore --let-go`",)
    elif databases.coming is not None and databases.current is not None and not refusals:
        refusals = tuple(busy_refusals(aws, databases))  # no database was renamed yet
    return RestorePlan(
        target=target,
        source=source,
        steps=steps,
        former=tuple(it.name for it in databases.former),
        notes=tuple(_notes(aws.settings, target, databases.current or databases.coming)) if steps else (),
        refusals=refusals,
        databases=databases,
    )


def month_lasts(aws: Aws) -> bool:
    """Whether the database's stack is not being deleted: then a missing instance was deleted by hand."""
    stack = read_stack(aws, STORAGE_STACK)
    return stack is not None and stack.lasts


def _steps(source: Source | None, databases: Databases, name: str, coming: str) -> Iterator[str]:
    source_text = (source.snapshot or f"the automatic backups of {source.instance}") if source else "the source"
    yield f"restore {source_text} into {coming}, with the settings and the password of {name}"
    yield from _exchange(databases, name, coming)


def _remaining_steps(databases: Databases, name: str) -> Iterator[str]:
    coming = databases.coming
    if coming is not None and databases.current is not None:
        yield f"wait for {coming.name}, which is {coming.status}, and give it the settings and the password of {name}"
        yield from _exchange(databases, name, coming.name)
    elif coming is not None:
        yield f"rename {coming.name} to {name}: then users get answers again"
    else:
        yield f"remove the tag from {name}: everything else is done"


def _exchange(databases: Databases, name: str, coming: str) -> Iterator[str]:
    status = databases.current.status if databases.current else ""
    if status in GIVEN_UP:
        yield f"an administrator deletes {name}, which RDS does not rename while it is {status}; then this goes on"
    else:
        yield f"rename {name} to {name}-before-…, which is kept with all its rows until `hannibal restore --let-go`"
    yield f"rename {coming} to {name}: the stack, its address and its secrets stay as they are"


def busy_refusals(aws: Aws, databases: Databases) -> Iterator[str]:
    """Why no restore may begin now, or exchange the databases."""
    names = aws.names
    if read_stack(aws, STORAGE_STACK) is None or databases.current is None:
        yield no_database(aws, "no month is running: the next one starts from the newest snapshot, `hannibal start`")
        return
    yield from unmarked_refusals(databases, names.coming_database)
    yield from busy_stack_refusals(aws)
    if read_stack(aws, COMPUTE_STACK) is None:  # a stop is between two stacks, or only half of the month is deployed
        yield f"{COMPUTE_STACK} is missing: `hannibal start` completes the month, `hannibal stop` ends it"
    service, database = read_service(aws), read_database(aws)
    if is_paused(service.desired if service else None, database.status if database else None):
        yield "the month is paused: `hannibal resume`, then again"
    elif databases.current.status not in (*IN_USE, *GIVEN_UP):
        status = databases.current.status
        yield f"{names.database} is {status}: {unavailable_advice(names.database, status)}"
    elif databases.current.status in IN_USE and (
        pending := sorted({*databases.current.description.get("PendingModifiedValues", {})} - {"DBInstanceIdentifier"})
    ):
        # Its state is still ``available``, and the exchange would wait for hours.
        yield (
            f"{', '.join(pending)} of {names.database} is about to change, or waits for its maintenance window. "
            f"Ask for it, or for what was before, with --apply-immediately (`aws rds modify-db-instance "
            f"--db-instance-identifier {names.database}`), then again"
        )
    yield from running_release_refusals(aws)
    yield from one_off_task_refusals(aws)


def _notes(settings: Settings, target: Target, existing: Instance | None) -> Iterator[str]:
    yield (
        "users get errors between the two renames, each with a restart: about ten minutes by RDS's documentation; "
        "tasks connect again by themselves"
    )
    yield "what is written until then stays in the former database, and in no other"
    if (copy := settings.database.backup_copy) is not None:
        # The restored database gets the name, and with it the ARN.
        arn = f"{existing.arn.rpartition(':')[0]}:{settings.names.database}" if existing else "ARN"
        yield (
            f"RDS copies no backups of a restored database to {copy.region}. Afterwards, as an administrator: `aws rds "
            f"start-db-instance-automated-backups-replication --region {copy.region} --source-db-instance-arn {arn} "
            f"--kms-key-id {copy.kms_key} --backup-retention-period {copy.retention_days}`"
        )
    if settings.release.migrate:
        yield f"the schema is that of {target.text}: migrations since then run again with the next release of an image"
    if settings.database.service_user and target.moment is None:
        yield (
            "the service's user has the password of the snapshot's time until tasks start anew: `hannibal release "
            "--configuration --again --ignore-alarms` afterwards"
        )
