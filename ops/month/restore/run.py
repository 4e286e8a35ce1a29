"""Carries a restore out. The account's state shows the next step, so that it continues after any interruption."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from installation.names.persistent import RESTORED_TAG
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.aws.polling import wait_at_most, without_repeats
from ops.errors import FailedError, RefusedError, refuse
from ops.month.restore.instance_settings import differences, months_password, needs_reboot, restore_options
from ops.month.restore.plan import RestorePlan, busy_refusals, month_lasts
from ops.service.database_instances import Databases, Instance, modify, read_databases, restore_refusals, taken_within
from ops.service.database_status import FAILED, GIVEN_UP, STOPPED

Notify = Callable[[str], None]
# RDS has no limit for these operations. A restore of some GiB takes a quarter of an hour, and loads blocks on demand.
_LONGEST: Final = 6 * 3600.0
# For a moment after a change RDS still reports the instance as available (boto3 issue 609).
_STEADY_READS: Final = 2


def _new_instance(found: Databases) -> Instance | None:
    return found.coming or found.current


class Restore:
    """A restore in progress."""

    def __init__(self, aws: Aws, plan: RestorePlan, *, notify: Notify) -> None:
        self._aws = aws
        self._names = aws.names
        self._plan = plan
        self._former = ""
        self._notify = without_repeats(notify)

    def carry_out(self) -> tuple[Instance, ...]:
        """Carry out the remaining steps; returns the former databases, the newest first.

        Raises:
            RefusedError: the plan cannot be carried out, or another restore came first.
            FailedError: RDS could not create the instance, does not finish, or has given up the month's instance.
        """
        refuse(self._plan.refusals)
        databases = self._read()
        if databases.coming is None and databases.current is not None and not databases.current.restored_to:
            # Checked again, because a person has read the plan and typed a name meanwhile.
            refuse(busy_refusals(self._aws, databases))
            self._begin_restore(databases.current)
            made = self._names.coming_database
            self._wait(lambda found: found.coming is not None, made, lambda found: found.coming)
        if (databases := self._read()).coming is not None and databases.current is not None:
            self._copy_settings()
            self._rename_current()
        deleted = self._read().deserted
        if deleted:
            self._require_month()
        if self._read().coming is not None:
            self._rename_new(deleted=deleted)
        self._finish()
        former, target = self._read().former, self._plan.target.text
        if not deleted and not any(it.restored_to == target for it in former):
            raise FailedError(
                f"another operator has given the restore to {target} up, or deleted its former database",
                "Talk to them. See `hannibal status`, then repeat.",
            )
        return former

    def _read(self) -> Databases:
        """Read all instances; refused for another target, so that operators do not continue each other's restore."""
        found = read_databases(self._aws)
        if found.restoring not in ("", self._plan.target.text):
            raise RefusedError(*restore_refusals(found))
        return found

    def _begin_restore(self, current: Instance) -> None:
        source, target = self._plan.source, self._plan.target
        if source is None:
            raise FailedError("the plan names no source of the rows", "Run the command again.")
        options = restore_options(current, target.text, source.storage_gib)
        coming = self._names.coming_database
        self._notify(f"restoring {target.text} into {coming}")
        # It exists where botocore retried after a lost answer, or another operator created it.
        with ignoring("DBInstanceAlreadyExists"):
            if target.moment is None:
                self._aws.rds.restore_db_instance_from_db_snapshot(
                    DBInstanceIdentifier=coming, DBSnapshotIdentifier=source.snapshot, **options
                )
            else:
                by_name = {"SourceDBInstanceIdentifier": source.instance}
                origin: Any = {"SourceDbiResourceId": source.resource} if source.resource else by_name
                self._aws.rds.restore_db_instance_to_point_in_time(
                    TargetDBInstanceIdentifier=coming,
                    RestoreTime=target.moment,
                    **origin,
                    **options,
                )

    def _copy_settings(self) -> None:
        """Give the new instance the settings of the month's; may be repeated after an interruption."""
        databases = self._wait_until_steady(_new_instance)
        if databases.current is None or databases.coming is None:
            return  # the same command in another terminal did it
        coming = self._names.coming_database
        changed = differences(databases.current, databases.coming)
        self._modify(coming, MasterUserPassword=months_password(self._aws), **changed)
        changed_now = self._wait_until_steady(_new_instance).coming
        if changed_now is not None and needs_reboot(changed_now):
            # RDS reboots only an available instance, and this one may still load its blocks.
            if not taken_within(
                self._aws, _LONGEST, lambda: self._aws.rds.reboot_db_instance(DBInstanceIdentifier=coming)
            ):
                raise self._too_long(coming)
            self._wait_until_steady(_new_instance)

    def _require_quiet(self, databases: Databases) -> None:
        """Check that nothing else changes the month, which may have begun while the copy was created."""
        if reasons := tuple(busy_refusals(self._aws, databases)):
            advice = "Afterwards the same command continues; `hannibal restore --let-go` gives it up."
            raise FailedError(*reasons, f"Nothing is exchanged yet. {advice}")

    def _require_month(self) -> None:
        """Check that the month still runs after an administrator deleted its instance, and set the copy's password.

        A copy that got the settings before the deletion already has it.
        """
        if not month_lasts(self._aws):
            raise FailedError("the month ends, and its database is gone", "Delete the copy: see `hannibal restore`.")
        self._modify(self._names.coming_database, MasterUserPassword=months_password(self._aws))

    def _rename_current(self) -> None:
        """Rename the month's instance, unless that has begun, and wait until it has its new name."""
        names = self._names
        current = self._read().current
        if current is not None and current.status in GIVEN_UP:
            command = f"hannibal restore --to {self._plan.target.text} --env {self._aws.settings.environment}"
            raise FailedError(
                f"the copy is ready, and {names.database} is {current.status}, which RDS neither renames nor keeps a "
                "snapshot of",
                "As an administrator delete it, without its automatic backups: `aws rds delete-db-instance "
                f"--db-instance-identifier {names.database} --skip-final-snapshot --no-delete-automated-backups`",
                f"When it is gone: `{command}`. Then the copy takes its name.",
            )

        def renamed(databases: Databases) -> bool:
            current = databases.current
            # Without a copy, the same command in another terminal has exchanged them: this is the new one.
            if current is not None and databases.coming is None:
                return True
            if current is not None and current.steady and not self._former:
                self._require_quiet(databases)
                former = f"{names.former_databases}{datetime.now(UTC):%Y%m%d-%H%M%S}"
                self._notify(f"renaming {names.database} to {former}: users get errors from now on")
                # The state is read again before a retry.
                with ignoring("InvalidDBInstanceState", "DBInstanceNotFound", "DBInstanceAlreadyExists"):
                    # Protected against deletion by mistake; `--let-go` removes that.
                    self._aws.rds.modify_db_instance(
                        DBInstanceIdentifier=names.database,
                        NewDBInstanceIdentifier=former,
                        DeletionProtection=True,
                        ApplyImmediately=True,
                    )
                    self._former = former
            return current is None and self._former_instance(databases) is not None

        self._wait(renamed, names.database, lambda found: found.current)

    def _former_instance(self, databases: Databases) -> Instance | None:
        """The former database: of this run, or of an interrupted one."""
        return next((it for it in databases.former if self._former in ("", it.name)), None)

    def _rename_new(self, *, deleted: bool) -> None:
        """Tag the former database, unless it was deleted, and give its name to the new instance."""
        names = self._names
        if not deleted:
            self._tag_former()
        coming = self._wait_until_steady(_new_instance).coming
        if coming and "DBInstanceIdentifier" not in coming.description.get("PendingModifiedValues", {}):
            self._notify(f"renaming {names.coming_database} to {names.database}")
            # Without deletion protection, which the former one may have: the month's stack deletes it at the end.
            with ignoring("DBInstanceNotFound"):  # it has the name after a lost answer or another terminal's command
                self._modify(names.coming_database, NewDBInstanceIdentifier=names.database)
        self._wait(lambda found: found.current is not None, names.database)

    def _tag_former(self) -> None:
        def former() -> Instance | None:
            found = self._former_instance(self._read())
            return found if found is not None and found.steady else None

        instance = wait_at_most(_LONGEST, former, self._aws.polling)
        if instance is None:
            raise self._too_long(self._names.former_databases)
        tag: Any = {"Key": RESTORED_TAG, "Value": self._plan.target.text}
        self._aws.rds.add_tags_to_resource(ResourceName=instance.arn, Tags=[tag])

    def _finish(self) -> None:
        """Remove the tag that identifies the restore, so that the stack's instance does not differ."""
        current = self._wait_until_steady(lambda found: found.current).current
        if current is not None and current.restored_to:
            self._aws.rds.remove_tags_from_resource(ResourceName=current.arn, TagKeys=[RESTORED_TAG])

    def _modify(self, name: str, **changed: Any) -> None:
        if not modify(self._aws, name, _LONGEST, **changed):
            raise self._too_long(name)

    def _wait_until_steady(self, which: Callable[[Databases], Instance | None]) -> Databases:
        """Wait until an instance can be used and has no pending change."""
        reads = 0

        def steady(found: Databases) -> bool:
            nonlocal reads
            instance = which(found)
            reads = reads + 1 if instance is not None and instance.steady else 0
            return reads >= _STEADY_READS

        return self._wait(steady, "the database", which)

    def _wait(
        self,
        reached: Callable[[Databases], bool],
        subject: str,
        which: Callable[[Databases], Instance | None] = _new_instance,
    ) -> Databases:
        databases = self._read()

        def read() -> Databases | None:
            nonlocal databases
            databases = self._read()
            instance = which(databases)
            if instance is not None:
                self._notify(f"{instance.name} is {instance.status}")
                if instance.name == self._names.database and instance.status in STOPPED:
                    raise FailedError(
                        f"{instance.name} is {instance.status}: the month was paused meanwhile",
                        "`hannibal resume`, then run the command again: it continues.",
                    )
                if instance.status in FAILED:
                    raise FailedError(
                        f"{instance.name} is {instance.status}",
                        # Without --duration it shows only the last hour.
                        f"RDS says why: `aws rds describe-events --source-type db-instance --source-identifier "
                        f"{instance.name} --duration 10080`",
                        "Give the restore up where the database was not yet exchanged: `hannibal restore --let-go`",
                    )
            return databases if reached(databases) else None

        found = wait_at_most(_LONGEST, read, self._aws.polling)
        if found is None:
            raise self._too_long(subject)
        return found

    def _too_long(self, subject: str) -> FailedError:
        return FailedError(
            f"{subject} has not reached the next state after {_LONGEST / 3600:g} hours",
            "Look at its events in the RDS console, then run the command again: it continues.",
        )
