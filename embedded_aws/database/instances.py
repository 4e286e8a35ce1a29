"""The operations on RDS instances, with a PostgreSQL under each."""

import logging
import re
from collections.abc import Callable

from ministack.core.concurrency import spawn_background

from embedded_aws.core.patching import Function, Response
from embedded_aws.database import checks, emulator, parameters
from embedded_aws.database.emulator import Record, Request, failed, instance_response, parameter, refuse
from embedded_aws.database.fleet import Database, Fleet, MasterUser
from embedded_aws.database.gateway import HOST
from embedded_aws.database.process import PostgresError
from embedded_aws.database.versions import Versions

logger = logging.getLogger("embedded_aws.database")

# Kept in an instance's record, so that it stays stopped when the embedded AWS starts again.
_STOPPED = "_stopped"
_PORT = "_port"
_ENDPOINT = re.compile(r"<Endpoint>.*?</Endpoint>", re.DOTALL)


class Instances:
    """Gives the emulator's instances their databases."""

    def __init__(
        self, fleet: Fleet, versions: Versions, *, changed: Callable[[], None], commit: Callable[[], None]
    ) -> None:
        """Take the databases, the versions, what is told of changes, and what saves the state at once."""
        self._fleet = fleet
        self._versions = versions
        self._changed = changed
        self._commit = commit

    def install(self) -> None:
        """Change the emulator's operations."""
        emulator.change_action("CreateDBInstance", self._create)
        emulator.change_action("ModifyDBInstance", self._modify)
        emulator.change_action("DeleteDBInstance", self._delete)
        emulator.change_action("StartDBInstance", self._start)
        emulator.change_action("StopDBInstance", self._stop)
        for action in ("ModifyDBParameterGroup", "ResetDBParameterGroup"):
            # What `_change_parameters`, which both call, refuses becomes their answer.
            emulator.change_action(action, lambda original, request: original(request))
        emulator.finish_reboot.wrap(self._reboot)
        emulator.set_password.wrap(self._set_password)
        emulator.change_parameters.wrap(self._change_parameters)
        emulator.instance_xml.wrap(_describe)
        # It would say "available" before the database is: `resume` starts what was restored.
        emulator.start_container.wrap(_leave_ours)

    def database(self, record: Record) -> Database:
        """The database of an instance."""
        return self._fleet.database(record["DbiResourceId"])

    # -- life of an instance ---------------------------------------------------------------------------------

    def _create(self, original: Function, request: Request) -> Response:
        if parameter(request, "Engine") != "postgres" or parameter(request, "DBClusterIdentifier"):
            unchanged: Response = original(request)
            return unchanged
        name = checks.identifier(request)
        if emulator.find_instance(name):
            raise refuse("DBInstanceAlreadyExists", "DB instance already exists")
        checks.new_instance(request)
        self._versions.check(parameter(request, "EngineVersion"))
        checks.storage(request)
        checks.subnet_group(request)
        response: Response = original(request)
        if failed(response):
            return response
        record = emulator.instance(name)
        user = MasterUser(
            name=record["MasterUsername"],
            password=parameter(request, "MasterUserPassword"),
            database=parameter(request, "DBName"),
        )
        self.launch(record, lambda database, settings: database.create(user, settings))
        record["DBName"] = user.database
        emulator.keep_exported_logs(record, request)
        return instance_response("CreateDBInstance", record)

    def launch(self, record: Record, prepare: Callable[[Database, dict[str, str]], None]) -> None:
        """Bring a new instance up in the background: ``creating``, then ``available`` or ``failed``.

        Args:
            record: of the instance.
            prepare: puts data into its database, which gets the server's settings.
        """
        record["DBInstanceStatus"] = "creating"
        record["Endpoint"] = {}
        spawn_background(self._launch, record, prepare, thread_name=f"database-{record['DBInstanceIdentifier']}")

    def _launch(self, record: Record, prepare: Callable[[Database, dict[str, str]], None]) -> None:
        try:
            prepare(self.database(record), _settings(record))
            self._let_clients_in(record, port=None)
        except Exception:
            # Whatever it was, nobody waits for this thread: who asks for the instance's status must learn of it.
            logger.exception("creating %s", record["DBInstanceIdentifier"])
            record["DBInstanceStatus"] = "failed"
        self._changed()

    def _let_clients_in(self, record: Record, *, port: int | None, scope: tuple[str, str] | None = None) -> None:
        values = emulator.group_values(emulator.group_name(record), scope)
        number = self.database(record).start(
            _settings(record, scope),
            require_tls=parameters.requires_tls(values, engine_version=record["EngineVersion"]),
            port=port,
        )
        record["Endpoint"] = {"Address": HOST, "Port": number, "HostedZoneId": "Z24O6O9L7SGTNB"}
        record[_PORT] = number
        emulator.set_parameter_status(record, "in-sync")
        record["DBInstanceStatus"] = "available"

    def resume(self) -> None:
        """Start the databases of all instances that the saved state knows, but those that were stopped.

        Raises:
            PortTakenError: a port that clients know is used by another program.
        """
        for account, region, record in emulator.all_instances():
            if not emulator.is_ours(record):
                continue
            if record.get(_STOPPED):
                record["DBInstanceStatus"] = "stopped"
                continue
            if _PORT not in record:  # the process was killed while it was being created: it may lack its user
                record["DBInstanceStatus"] = "failed"
                continue
            try:
                self._let_clients_in(record, port=record[_PORT], scope=(account, region))
            except (PostgresError, FileNotFoundError):
                logger.exception("starting %s", record["DBInstanceIdentifier"])
                record["DBInstanceStatus"] = "failed"

    def _delete(self, original: Function, request: Request) -> Response:
        record = emulator.find_instance(parameter(request, "DBInstanceIdentifier"))
        if record is None or not emulator.is_ours(record):
            unchanged: Response = original(request)
            return unchanged
        checks.deletion(record, request)
        checks.new_snapshot(parameter(request, "FinalDBSnapshotIdentifier"))
        self.database(record).stop()
        try:
            response: Response = original(request)
        except PostgresError:
            self._let_clients_in(record, port=record[_PORT])  # no snapshot, no deletion
            raise
        self._commit()  # a kill from here on loses nothing: without its folder, the saved instance could not start
        self._fleet.delete(record["DbiResourceId"])
        return response

    def _stop(self, original: Function, request: Request) -> Response:
        record = emulator.instance(parameter(request, "DBInstanceIdentifier"))
        if emulator.is_ours(record):
            checks.state(record, "available")
            self.database(record).stop()
            record[_STOPPED] = True
        response: Response = original(request)
        return response

    def _start(self, original: Function, request: Request) -> Response:
        record = emulator.instance(parameter(request, "DBInstanceIdentifier"))
        if emulator.is_ours(record):
            checks.state(record, "stopped")
            self._let_clients_in(record, port=record[_PORT])
            record.pop(_STOPPED, None)
        response: Response = original(request)
        return response

    def _reboot(self, original: Function, record: Record, cluster: Record | None) -> None:
        if emulator.is_ours(record):
            try:
                self._restart(record)
            except PostgresError:
                # As RDS calls an instance that does not start with what its parameter group says.
                logger.exception("rebooting %s", record["DBInstanceIdentifier"])
                record["DBInstanceStatus"] = "incompatible-parameters"
                return
            record["DBInstanceStatus"] = "rebooting"  # until the emulator has recorded the event
        original(record, cluster)

    def _restart(self, record: Record) -> None:
        self.database(record).stop()
        self._let_clients_in(record, port=record[_PORT])

    # -- changes ---------------------------------------------------------------------------------------------

    def _modify(self, original: Function, request: Request) -> Response:
        record = emulator.find_instance(parameter(request, "DBInstanceIdentifier"))
        if record is None or not emulator.is_ours(record):
            unchanged: Response = original(request)
            return unchanged
        checks.state(record, "available", "stopped")
        if password := parameter(request, "MasterUserPassword"):
            checks.state(record, "available")
            checks.password(password)
        checks.upgrade(record["EngineVersion"], request)
        if parameter(request, "EngineVersion") != record["EngineVersion"]:
            self._versions.check(parameter(request, "EngineVersion"))
        if parameter(request, "AllocatedStorage"):
            kind = parameter(request, "StorageType") or record["StorageType"]
            checks.storage({**request, "StorageType": kind}, least_gib=record["AllocatedStorage"])
        group = parameter(request, "DBParameterGroupName")
        known = group.startswith("default.") or group in emulator.parameter_groups
        if group and not known:
            raise refuse("DBParameterGroupNotFound", f"DBParameterGroup not found: {group}")
        same_group = group == emulator.group_name(record)
        instance_class = record["DBInstanceClass"]
        response: Response = original(request)
        if record["DBInstanceClass"] != instance_class and self.database(record).postgres.running:
            self._restart(record)
        if failed(response) or not group:
            return response
        # What a newly attached group says counts after a reboot (RDS user guide, "Parameter groups").
        emulator.set_parameter_status(record, "in-sync" if same_group else "pending-reboot")
        return instance_response("ModifyDBInstance", record)

    def _set_password(self, original: Function, record: Record, old: str, new: str) -> None:
        if emulator.is_ours(record):
            self.database(record).set_password(record["MasterUsername"], new)
        else:
            original(record, old, new)

    def _change_parameters(
        self, original: Function, group: str, changes: list[tuple[str, str | None, str]], refuse_static: bool = True
    ) -> Response | None:
        values = emulator.group_values(group)
        for name, value, method in changes:
            parameters.check(name, value, method if refuse_static else "pending-reboot")
            values.pop(name, None)
            if value:
                values[name] = value
        for record in emulator.instances():
            if emulator.is_ours(record) and emulator.group_name(record) == group:
                self._apply(record, values, static=any(parameters.is_static(name) for name, _, _ in changes))
        refusal: Response | None = original(group, changes, refuse_static)
        return refusal

    def _apply(self, record: Record, values: dict[str, str], *, static: bool) -> None:
        self.database(record).apply(
            parameters.server_settings(values, instance_class=record["DBInstanceClass"]),
            require_tls=parameters.requires_tls(values, engine_version=record["EngineVersion"]),
        )
        if static:
            emulator.set_parameter_status(record, "pending-reboot")


def _settings(record: Record, scope: tuple[str, str] | None = None) -> dict[str, str]:
    values = emulator.group_values(emulator.group_name(record), scope)
    return parameters.server_settings(values, instance_class=record["DBInstanceClass"])


def _leave_ours(original: Function, name: str, record: Record) -> None:
    if not emulator.is_ours(record):
        original(name, record)


def _describe(original: Function, record: Record) -> str:
    text: str = original(record)
    if not record.get("Endpoint"):
        text = _ENDPOINT.sub("", text)  # an instance that is being created has none yet
    return emulator.with_exported_logs(text, record).replace("<DBName></DBName>", "")
