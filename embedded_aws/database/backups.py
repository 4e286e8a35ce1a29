"""Automatic backups of the instances: from when to when one can be restored, and the restore to a moment."""

import re
import time
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

from embedded_aws.core.patching import Function, Response
from embedded_aws.database import checks, emulator, option_checks
from embedded_aws.database.emulator import Record, Request, failed, flag, instance_response, parameter, refuse
from embedded_aws.database.instances import BACKUPS_SINCE, STOPPED_AT, Instances
from embedded_aws.database.recovery import recover

# RDS uploads the log every five minutes (RDS user guide, "Restoring a DB instance to a specified time").
_SECONDS_BETWEEN_UPLOADS: Final = 300.0
_LATEST = re.compile(r"<LatestRestorableTime>.*?</LatestRestorableTime>")
# What a restored instance has from its source. All else, such as groups, standby and protection, is RDS's default
# (API reference, RestoreDBInstanceToPointInTime).
_INHERITED: Final = (
    *("AllocatedStorage", "BackupRetentionPeriod", "DBInstanceClass", "Engine", "EngineVersion", "KmsKeyId"),
    *("MasterUsername", "MaxAllocatedStorage", "PreferredBackupWindow", "PreferredMaintenanceWindow", "StorageType"),
)


class Backups:
    """Gives the emulator's instances their automatic backups."""

    def __init__(self, instances: Instances, *, clock_factor: float) -> None:
        """Take the instances, and how fast the emulated clock runs."""
        self._instances = instances
        self._clock_factor = clock_factor

    def install(self) -> None:
        """Change and add operations."""
        emulator.instance_xml.wrap(self._describe)
        emulator.add_action("DescribeDBInstanceAutomatedBackups", self._list)
        emulator.add_action("RestoreDBInstanceToPointInTime", self._restore)

    def window(self, record: Record) -> tuple[float, float] | None:
        """From when to when an instance can be restored, in seconds since 1970; None where it cannot."""
        if not emulator.is_ours(record) or not record["BackupRetentionPeriod"] or BACKUPS_SINCE not in record:
            return None
        uploaded = record.get(STOPPED_AT, time.time() - _SECONDS_BETWEEN_UPLOADS / self._clock_factor)
        begin: float = record[BACKUPS_SINCE]
        return (begin, uploaded) if begin <= uploaded else None

    def _describe(self, original: Function, record: Record) -> str:
        text: str = original(record)
        if not emulator.is_ours(record):
            return text
        window = self.window(record)
        latest = f"<LatestRestorableTime>{emulator.format_time(window[1])}</LatestRestorableTime>" if window else ""
        return _LATEST.sub(latest, text)

    def _list(self, request: Request) -> Response:
        name, resource = parameter(request, "DBInstanceIdentifier"), parameter(request, "DbiResourceId")
        found = [
            record
            for record in emulator.instances()
            if emulator.is_ours(record)
            and record["BackupRetentionPeriod"]
            and name.rpartition(":db:")[2] in ("", record["DBInstanceIdentifier"])
            and resource in ("", record["DbiResourceId"])
        ]
        if resource and not found:
            raise refuse("DBInstanceAutomatedBackupNotFound", f"Automated backup of {resource} not found.")
        members = "".join(
            f"<DBInstanceAutomatedBackup>{self._fields(record)}</DBInstanceAutomatedBackup>" for record in found
        )
        return emulator.xml_response(
            200,
            "DescribeDBInstanceAutomatedBackupsResponse",
            "<DescribeDBInstanceAutomatedBackupsResult><DBInstanceAutomatedBackups>"
            f"{members}</DBInstanceAutomatedBackups></DescribeDBInstanceAutomatedBackupsResult>",
        )

    def _fields(self, record: Record) -> str:
        window = self.window(record)
        times = (
            f"<EarliestTime>{emulator.format_time(window[0])}</EarliestTime>"
            f"<LatestTime>{emulator.format_time(window[1])}</LatestTime>"
            if window
            else ""
        )
        arn, resource = record["DBInstanceArn"], record["DbiResourceId"]
        fields = {
            "DBInstanceArn": arn,
            "DbiResourceId": resource,
            "Region": arn.split(":")[3],
            "DBInstanceIdentifier": record["DBInstanceIdentifier"],
            "AllocatedStorage": record["AllocatedStorage"],
            "Status": "active",
            "InstanceCreateTime": record["InstanceCreateTime"],
            "MasterUsername": record["MasterUsername"],
            "Engine": record["Engine"],
            "EngineVersion": record["EngineVersion"],
            "LicenseModel": record["LicenseModel"],
            "Encrypted": str(record["StorageEncrypted"]).lower(),
            "StorageType": record["StorageType"],
            "BackupRetentionPeriod": record["BackupRetentionPeriod"],
            "DBInstanceAutomatedBackupsArn": f"{arn.rpartition(':db:')[0]}:auto-backup:ab-{resource[3:].lower()}",
        }
        text = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
        return f"<RestoreWindow>{times}</RestoreWindow>{text}"

    def _restore(self, request: Request) -> Response:
        source = self._source(request)
        name = checks.identifier({"DBInstanceIdentifier": parameter(request, "TargetDBInstanceIdentifier")})
        if emulator.find_instance(name):
            raise refuse("DBInstanceAlreadyExists", "DB instance already exists")
        if parameter(request, "DBName"):
            raise refuse("InvalidParameterValue", "DBName must be null when Restoring for this Engine.")
        moment = self._moment(source, request)
        kind = parameter(request, "StorageType") or source["StorageType"]
        checks.storage({**request, "StorageType": kind}, least_gib=source["AllocatedStorage"])
        checks.subnet_group(request)
        checks.class_and_backups(request)
        option_checks.options(request)
        checks.parameter_group(parameter(request, "DBParameterGroupName"))
        inherited = {field: str(source[field]) for field in _INHERITED if source.get(field)}
        inherited["StorageEncrypted"] = str(source["StorageEncrypted"]).lower()
        response: Response = emulator.create_instance_record({**inherited, **request, "DBInstanceIdentifier": name})
        if failed(response):
            return response
        record = emulator.instance(name)
        emulator.keep_exported_logs(record, request)
        record["DBName"] = source["DBName"]
        origin = self._instances.database(source).postgres
        self._instances.launch(record, lambda database, _: recover(origin, database.postgres, moment))
        return instance_response("RestoreDBInstanceToPointInTime", record)

    def _source(self, request: Request) -> Record:
        resource = parameter(request, "SourceDbiResourceId")
        if resource:
            found = next((it for it in emulator.instances() if it["DbiResourceId"] == resource), None)
            if found is None:
                raise refuse("DBInstanceAutomatedBackupNotFound", f"Automated backup of {resource} not found.")
            return found
        return emulator.instance(parameter(request, "SourceDBInstanceIdentifier"))

    def _moment(self, source: Record, request: Request) -> datetime:
        """When the data shall be from; of what is out of the window only that it is refused is documented."""
        text, latest = parameter(request, "RestoreTime"), flag(request, "UseLatestRestorableTime")
        if bool(text) == latest:
            raise refuse(
                "InvalidParameterCombination", "Exactly one of RestoreTime and UseLatestRestorableTime must be given."
            )
        name = source["DBInstanceIdentifier"]
        if not source["BackupRetentionPeriod"]:
            raise refuse("PointInTimeRestoreNotEnabled", f"Automated backups of DB instance {name} are not enabled.")
        window = self.window(source)
        if window is None:
            raise refuse("InvalidDBInstanceState", f"DB instance {name} has no restorable time yet.")
        begin, end = (datetime.fromtimestamp(seconds, UTC) for seconds in window)
        moment = end if latest else datetime.fromisoformat(text).astimezone(UTC)
        # Times of answers have milliseconds, so the ends of the window count with a little more.
        if not begin.replace(microsecond=0) <= moment <= end:
            raise refuse(
                "InvalidParameterValue",
                f"The restore time {moment:%Y-%m-%dT%H:%M:%SZ} must be between {begin:%Y-%m-%dT%H:%M:%SZ} and "
                f"{end:%Y-%m-%dT%H:%M:%SZ}.",
            )
        return max(moment, begin)
