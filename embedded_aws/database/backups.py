"""Automatic backups of the instances: the restorable times, and the point-in-time restore."""

import re
import time
from datetime import UTC, datetime
from typing import Any, Final

from embedded_aws.core.patching import Function, Response
from embedded_aws.database import emulator, refusals
from embedded_aws.database.emulator import Record, Request, invalid_value, parameter, refuse
from embedded_aws.database.instances import BACKUPS_SINCE, STOPPED_AT, Instances
from embedded_aws.database.recovery import recover

# RDS uploads the log every five minutes (RDS user guide, "Restoring a DB instance to a specified time").
_SECONDS_BETWEEN_UPLOADS: Final = 300.0
_LATEST = re.compile(r"<LatestRestorableTime>.*?</LatestRestorableTime>")
# The fields of the instance in the description of its automatic backup.
_DESCRIBED: Final = (
    *("AllocatedStorage", "BackupRetentionPeriod", "DBInstanceArn", "DBInstanceIdentifier", "DbiResourceId", "Engine"),
    *("EngineVersion", "InstanceCreateTime", "LicenseModel", "MasterUsername", "StorageType"),
)


class Backups:
    """Gives the emulator's instances their automatic backups."""

    def __init__(self, instances: Instances, *, clock_factor: float) -> None:
        self._instances = instances
        self._clock_factor = clock_factor

    def install(self) -> None:
        """Change and add operations."""
        emulator.instance_xml.wrap(self._describe)
        emulator.add_action("DescribeDBInstanceAutomatedBackups", self._list)
        emulator.add_action("RestoreDBInstanceToPointInTime", self._restore)

    def window(self, record: Record) -> tuple[float, float] | None:
        """The first and the last restorable time of an instance, in seconds since 1970; None where there is none."""
        if not emulator.is_own_instance(record) or not record["BackupRetentionPeriod"] or BACKUPS_SINCE not in record:
            return None
        uploaded = record.get(STOPPED_AT, time.time() - _SECONDS_BETWEEN_UPLOADS / self._clock_factor)
        begin: float = record[BACKUPS_SINCE]
        return (begin, uploaded) if begin <= uploaded else None

    def _describe(self, original: Function, record: Record) -> str:
        text: str = original(record)
        if not emulator.is_own_instance(record):
            return text
        window = self.window(record)
        latest = f"<LatestRestorableTime>{emulator.format_time(window[1])}</LatestRestorableTime>" if window else ""
        return _LATEST.sub(latest, text)

    def _list(self, request: Request) -> Response:
        name, resource = parameter(request, "DBInstanceIdentifier"), parameter(request, "DbiResourceId")
        records = [
            record
            for record in emulator.instances()
            if emulator.is_own_instance(record)
            and record["BackupRetentionPeriod"]
            and name.rpartition(":db:")[2] in ("", record["DBInstanceIdentifier"])
            and resource in ("", record["DbiResourceId"])
        ]
        if resource and not records:
            raise refuse("DBInstanceAutomatedBackupNotFound", f"Automated backup of {resource} not found.")
        listed = [self._fields(record) for record in records]
        return emulator.answer("DescribeDBInstanceAutomatedBackups", {"DBInstanceAutomatedBackups": listed})

    def _fields(self, record: Record) -> dict[str, Any]:
        window, arn, resource = self.window(record), record["DBInstanceArn"], record["DbiResourceId"]
        times = dict(zip(("EarliestTime", "LatestTime"), map(emulator.format_time, window or ()), strict=False))
        return {field: record[field] for field in _DESCRIBED} | {
            "DBInstanceAutomatedBackupsArn": f"{arn.rpartition(':db:')[0]}:auto-backup:ab-{resource[3:].lower()}",
            "Encrypted": record["StorageEncrypted"],
            "Region": arn.split(":")[3],
            "RestoreWindow": times,
            "Status": "active",
        }

    def _restore(self, request: Request) -> Response:
        source = self._source(request)
        name = refusals.new_identifier(parameter(request, "TargetDBInstanceIdentifier"))
        refusals.no_database_name(request)
        restore_time = self._moment(source, request)
        origin = self._instances.database(source).postgres
        return self._instances.restore(
            "RestoreDBInstanceToPointInTime",
            {**request, "DBInstanceIdentifier": name},
            source,
            source["EngineVersion"],
            lambda database: recover(origin, database.postgres, restore_time),
        )

    def _source(self, request: Request) -> Record:
        resource = parameter(request, "SourceDbiResourceId")
        if resource:
            found = next((it for it in emulator.instances() if it["DbiResourceId"] == resource), None)
            if found is None:
                raise refuse("DBInstanceAutomatedBackupNotFound", f"Automated backup of {resource} not found.")
            return found
        return emulator.instance(parameter(request, "SourceDBInstanceIdentifier"))

    def _moment(self, source: Record, request: Request) -> datetime:
        """The time to restore to; for times outside the window, only the refusal is documented, not its message."""
        text = parameter(request, "RestoreTime")  # empty for the latest time
        name = source["DBInstanceIdentifier"]
        if not source["BackupRetentionPeriod"]:
            raise refuse("PointInTimeRestoreNotEnabled", f"Automated backups of DB instance {name} are not enabled.")
        window = self.window(source)
        if window is None:
            raise refuse("InvalidDBInstanceState", f"DB instance {name} has no restorable time yet.")
        begin, end = (datetime.fromtimestamp(seconds, UTC) for seconds in window)
        restore_time = _time(text) if text else end
        # Times in answers have milliseconds, so the window begins at the whole second.
        if not begin.replace(microsecond=0) <= restore_time <= end:
            raise invalid_value(
                f"The restore time {restore_time:%Y-%m-%dT%H:%M:%SZ} must be between {begin:%Y-%m-%dT%H:%M:%SZ} and "
                f"{end:%Y-%m-%dT%H:%M:%SZ}."
            )
        return max(restore_time, begin)


def _time(text: str) -> datetime:
    """A time in a request, which is UTC's where it names no zone. Raises Refusal: the text is no time."""
    try:
        given = datetime.fromisoformat(text)
        return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the latter for a zone that leads out of the years 1 to 9999
        raise refuse("MalformedInput", f"Invalid value {text} for parameter RestoreTime: it must be a time.") from None
