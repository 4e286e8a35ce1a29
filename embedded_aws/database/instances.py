"""The operations on RDS instances, each with its PostgreSQL."""

import logging
import re
import time
from collections.abc import Callable
from typing import Final

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.database import emulator, names, option_refusals, parameters, refusals, transitions
from embedded_aws.database.account_quotas import AccountQuotas
from embedded_aws.database.emulator import Record, Request, failed, flag, instance_response, invalid_value, parameter
from embedded_aws.database.gateway import HOST, Ports
from embedded_aws.database.process import PostgresError
from embedded_aws.database.servers import Database, DatabaseServers, MasterUser
from embedded_aws.database.versions import Versions

logger = logging.getLogger("embedded_aws.database")

# In an instance's record, so that the instance stays stopped after a restart of the embedded AWS.
_STOPPED = "_stopped"
_PORT = "_port"
# The begin of its automatic backups, and the end if it is stopped, in seconds since 1970; and whether a fault makes it
# fail instead of restarting.
BACKUPS_SINCE, STOPPED_AT, FAILS = "_backups_since", "_stopped_at", "_fails"
_ENDPOINT = re.compile(r"<Endpoint>.*?</Endpoint>", re.DOTALL)
# The fields that a restored instance gets from its source, an instance or a snapshot, unless the request has them. All
# others, such as groups, standby and protection, get RDS's defaults (API reference, RestoreDBInstanceToPointInTime).
_INHERITED: Final = (
    *("AllocatedStorage", "BackupRetentionPeriod", "DBInstanceClass", "Engine", "EngineVersion", "KmsKeyId"),
    *("MasterUsername", "MaxAllocatedStorage", "PreferredBackupWindow", "PreferredMaintenanceWindow", "StorageType"),
)


class Instances:
    """Gives the emulator's instances their databases."""

    def __init__(
        self, context: ServerContext, servers: DatabaseServers, ports: Ports, versions: Versions, quotas: AccountQuotas
    ) -> None:
        self._context = context
        self._servers = servers
        self._ports = ports
        self._versions = versions
        self._quotas = quotas

    def install(self) -> None:
        """Change the emulator's operations."""
        emulator.change_action("CreateDBInstance", self._create)
        emulator.change_own_action("DeleteDBInstance", self._delete)
        # CloudFormation waits for its own call; a request is answered at once.
        emulator.add_action("DeleteDBInstance", self._delete_by_request)
        emulator.change_own_action("StartDBInstance", self._start)
        emulator.change_own_action("StopDBInstance", self._stop)
        emulator.change_action("RebootDBInstance", _check_failover)
        emulator.finish_reboot.wrap(self._reboot)
        emulator.instance_xml.wrap(_describe)
        # The emulator would set "available" too early: `resume` starts the databases of a restored state.
        emulator.start_container.wrap(
            lambda original, name, record: None if emulator.is_own_instance(record) else original(name, record)
        )

    def database(self, record: Record) -> Database:
        """The database of an instance."""
        return self._servers.database(record["DbiResourceId"])

    # -- creation, restart and deletion of an instance --------------------------------------------------------

    def _create(self, original: Original, request: Request) -> Response:
        if not parameter(request, "Engine"):
            raise invalid_value("Invalid DB engine")
        if parameter(request, "Engine") != "postgres" or parameter(request, "DBClusterIdentifier"):
            return original(request)
        name = refusals.new_identifier(parameter(request, "DBInstanceIdentifier"))
        refusals.new_instance(request)
        request = {**request, "EngineVersion": self._versions.of_new_instance(parameter(request, "EngineVersion"))}
        refusals.storage(request)
        option_refusals.options(request)
        refusals.parameter_group(parameter(request, "DBParameterGroupName"), parameter(request, "EngineVersion"))
        refusals.subnet_group(request)
        response = original(request)
        if failed(response):
            return response
        record = emulator.instance(name)
        user = MasterUser(
            name=record["MasterUsername"],
            password=parameter(request, "MasterUserPassword"),
            database=parameter(request, "DBName"),
        )
        self._launch(record, lambda database, settings: database.create(user, settings))
        record["DBName"] = user.database
        emulator.keep_exported_logs(record, request)
        return instance_response("CreateDBInstance", record)

    def restore(
        self, action: str, request: Request, source: Record, version: str, prepare: Callable[[Database], None]
    ) -> Response:
        """Create an instance with data that ``prepare`` copies. Raises Refusal: RDS refuses the request."""
        kind = parameter(request, "StorageType") or source["StorageType"]
        refusals.storage({**request, "StorageType": kind}, least_gib=source["AllocatedStorage"])
        refusals.subnet_group(request)
        option_refusals.options(request)
        refusals.parameter_group(parameter(request, "DBParameterGroupName"), version)
        inherited = {field: str(source[field]) for field in _INHERITED if source.get(field)}
        inherited |= {"EngineVersion": version, "StorageEncrypted": str(source["StorageEncrypted"]).lower()}
        response = emulator.create_instance_record({**inherited, **request})
        if failed(response):
            return response
        record = emulator.instance(parameter(request, "DBInstanceIdentifier"))
        emulator.keep_exported_logs(record, request)
        record["DBName"] = source["DBName"]
        self._launch(record, lambda database, _: prepare(database))
        return instance_response(action, record)

    def _launch(self, record: Record, prepare: Callable[[Database, dict[str, str]], None]) -> None:
        """Start a new instance in the background: ``creating``, then ``available`` or ``failed``."""
        record["Endpoint"] = {}

        def launch() -> None:
            prepare(self.database(record), _settings(record))
            self._open_port(record, new=True, status="backing-up")
            transitions.wait_while_held(record, self._context)
            record["DBInstanceStatus"] = "available"

        transitions.in_background(record, "creating", launch, self._context)

    def _open_port(
        self,
        record: Record,
        *,
        new: bool = False,
        scope: tuple[str, str] | None = None,
        status: str = "available",
    ) -> None:
        """Start the server at its previous port, or for a new name at a port that may differ."""
        values = emulator.group_values(emulator.group_name(record), scope)
        number = self.database(record).start(
            _settings(record, scope),
            require_tls=parameters.requires_tls(values, engine_version=record["EngineVersion"]),
            ports=self._ports.candidates(record["DBInstanceArn"]) if new else (record[_PORT],),
        )
        self._ports.remember(record["DBInstanceArn"], number)
        record.setdefault(BACKUPS_SINCE, time.time())
        record["Endpoint"] = {"Address": HOST, "Port": number, "HostedZoneId": "Z24O6O9L7SGTNB"}
        record[_PORT] = number
        emulator.set_parameter_status(record, "in-sync")
        record["DBInstanceStatus"] = status

    def resume(self) -> None:
        """Start the databases of all instances in the saved state, except stopped ones.

        Raises PortTakenError: another program uses a port that clients know.
        """
        for account, region, record in list(emulator.all_instances()):
            if not emulator.is_own_instance(record):
                continue
            if transitions.resume_deletion(record, account, region, self._context):
                continue
            renamed = names.complete(record)
            if record.get(_STOPPED):
                self.database(record).stop()  # the server may still run after a kill
                record["DBInstanceStatus"] = "stopped"
                continue
            # Without a port, the process was killed during the creation: the database may lack its user.
            if record.get(FAILS) or _PORT not in record:
                record["DBInstanceStatus"] = "failed"
                continue
            try:
                self._open_port(record, new=renamed, scope=(account, region))
            except (PostgresError, FileNotFoundError):
                logger.exception("starting %s", record["DBInstanceIdentifier"])
                record["DBInstanceStatus"] = "failed"

    def _delete(self, original: Original, request: Request, record: Record) -> Response:
        refusals.deletion(record, request)
        self._new_snapshot(request)
        self.database(record).stop(keep_port=True)
        try:
            response = original(request)
        except Exception:  # such as a full disk
            self.restart(record)  # without its snapshot, the instance is not deleted
            raise
        # Saved first, because after a kill in between a saved instance without its folder could not start.
        self._context.commit()
        self._servers.delete(record["DbiResourceId"])
        return response

    def _delete_by_request(self, request: Request) -> Response:
        record = emulator.find_instance(parameter(request, "DBInstanceIdentifier"))
        if record is None or not emulator.is_own_instance(record):
            return emulator.delete_instance(request)
        refusals.state_for_deletion(record)
        refusals.deletion(record, request)
        self._new_snapshot(request)
        return transitions.begin_deletion(record, request, self._context)

    def _new_snapshot(self, request: Request) -> None:
        if name := parameter(request, "FinalDBSnapshotIdentifier"):
            refusals.new_snapshot(name)
            self._quotas.new_snapshot()

    def _stop(self, _original: Original, _request: Request, record: Record) -> Response:
        refusals.state(record, "available")
        record[_STOPPED] = True  # a restart in between leaves it stopped

        def stop() -> None:
            self.database(record).stop()
            record[STOPPED_AT] = time.time()
            record["DBInstanceStatus"] = "stopped"

        return transitions.answer_then_finish("StopDBInstance", record, "stopping", stop, self._context)

    def _start(self, _original: Original, _request: Request, record: Record) -> Response:
        refusals.state(record, "stopped")
        record.pop(_STOPPED, None)  # a restart in between starts it
        record.pop(STOPPED_AT, None)
        return transitions.answer_then_finish(
            "StartDBInstance", record, "starting", lambda: self._open_port(record), self._context
        )

    def _reboot(self, original: Function, record: Record, cluster: Record | None) -> None:
        if record.get(FAILS):
            # RDS gives it up: it accepts no connection, change or snapshot; its automatic backups can be
            # restored until then (RDS user guide, "DB instance status").
            self.database(record).stop()
            record[STOPPED_AT] = time.time()
            record["DBInstanceStatus"] = "failed"
            return
        # It is rebooting until the emulator has recorded the event.
        if not emulator.is_own_instance(record) or self.restart_or_fail(record, status="rebooting"):
            original(record, cluster)

    def restart_or_fail(self, record: Record, *, status: str = "available") -> bool:
        """Restart an instance, and return whether it runs: its status shows an error, which no caller waits for."""
        try:
            self.restart(record, status=status)
        except Exception as error:
            logger.exception("restarting %s", record["DBInstanceIdentifier"])
            # RDS's status of an instance that does not start with its parameter group, or a general one.
            cannot_start = isinstance(error, PostgresError)
            record["DBInstanceStatus"] = "incompatible-parameters" if cannot_start else "failed"
            return False
        return True

    def restart(self, record: Record, *, new: bool = False, status: str = "available") -> None:
        """Restart the server of an instance and disconnect its clients; with a new name, the port may change."""
        database = self.database(record)
        database.stop(keep_port=not new)
        try:
            self._open_port(record, new=new, status=status)
        except Exception:
            database.stop()  # nothing accepts clients without a server
            raise

    def restart_renamed(self, record: Record) -> None:
        """Restart an instance under its new name; a stopped one stays stopped."""
        if record.get(_STOPPED):
            record["DBInstanceStatus"] = "stopped"
        else:
            self.restart(record, new=True)


def _settings(record: Record, scope: tuple[str, str] | None = None) -> dict[str, str]:
    values = emulator.group_values(emulator.group_name(record), scope)
    return parameters.server_settings(values, instance_class=record["DBInstanceClass"])


def _describe(original: Function, record: Record) -> str:
    text: str = original(record)
    if not record.get("Endpoint"):
        text = _ENDPOINT.sub("", text)  # an instance in creation has no endpoint yet
    return emulator.with_exported_logs(text, record).replace("<DBName></DBName>", "")


def _check_failover(original: Original, request: Request) -> Response:
    """Refuse a failover without a standby in another zone (API reference, RebootDBInstance, ForceFailover)."""
    record = emulator.find_instance(parameter(request, "DBInstanceIdentifier"))
    if record is not None and flag(request, "ForceFailover") and not record.get("MultiAZ"):
        message = "You can't enable force failover if the instance is not configured for Multi-AZ."
        raise emulator.invalid_combination(message)
    return original(request)
