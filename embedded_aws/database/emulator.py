"""The parts of the emulator's RDS that are used and changed here: records, requests and answers."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import rds

from embedded_aws.core.patching import EmulatorFunction, Function, Original, Response, wrap
from embedded_aws.core.protocols import result_xml
from embedded_aws.core.refusal import Refusal, answering

# A record is the emulator's data about an instance, a snapshot or a group: the fields of its description, and
# others that begin with an underscore. A request has the parameters of the query protocol, each a text or a list.
Record = dict[str, Any]
Request = Mapping[str, Any]
Action = Callable[[Function, Request], Response]

actions = rds._ACTION_MAP
parameter_groups = rds._param_groups
snapshots = rds._snapshots
subnet_groups = rds._subnet_groups
tags = rds._tags

certificate_authority = EmulatorFunction[tuple[str, Any]](rds, "_ensure_pg_ca")
change_parameters = EmulatorFunction[Response | None](rds, "_apply_parameter_group_changes")
create_instance = EmulatorFunction[Response](rds, "_create_db_instance")
create_instance_record = EmulatorFunction[Response](rds, "_create_db_instance_impl")
create_snapshot = EmulatorFunction[Record](rds, "_create_snapshot_internal")
delete_instance = EmulatorFunction[Response](rds, "_delete_db_instance")
error = EmulatorFunction[Response](rds, "_error")
find_instance = EmulatorFunction[Record | None](rds, "_resolve_instance")  # by name or ARN
finish_reboot = EmulatorFunction[None](rds, "_finish_instance_reboot")
format_time = EmulatorFunction[str](rds, "_format_time")  # from seconds since 1970
filter_instances = EmulatorFunction[list[Record]](rds, "_apply_instance_filters")
instance_xml = EmulatorFunction[str](rds, "_instance_xml")
modify_instance = EmulatorFunction[Response](rds, "_modify_db_instance")
parse_filters = EmulatorFunction[dict[str, list[str]]](rds, "_parse_filters")
parse_tags = EmulatorFunction[list[dict[str, str]]](rds, "_parse_tags")
parse_members = EmulatorFunction[list[str]](rds, "_parse_member_list")
reboot_instance = EmulatorFunction[Response](rds, "_reboot_db_instance")
restore_from_snapshot = EmulatorFunction[Response](rds, "_restore_from_snapshot")
server_certificate = EmulatorFunction[tuple[str, str]](rds, "_pg_server_material")
set_password = EmulatorFunction[None](rds, "_rotate_instance_password")
snapshot_xml = EmulatorFunction[str](rds, "_snapshot_xml")
start_container = EmulatorFunction[None](rds, "_start_rds_container_for_instance")
sent_text = EmulatorFunction[str](rds, "_p")
xml_response = EmulatorFunction[Response](rds, "_xml")


_EXPORTED_LOGS = "EnabledCloudwatchLogsExports"

refuse = partial(Refusal, "Rds")
invalid_value = partial(refuse, "InvalidParameterValue")
# For parameters that conflict with each other or with existing resources.
invalid_combination = partial(refuse, "InvalidParameterCombination")


def change_action(action: str, replacement: Action) -> None:
    """Replace an operation by ``changed(original, request)``; its refusals become the operation's answer.

    CloudFormation's handlers call the function, requests use a table of operations: both get the change.
    """
    function = actions[action].__name__
    wrap(rds, function, answering(replacement, _answer))
    actions[action] = getattr(rds, function)


def change_own_action(action: str, replacement: Callable[[Original, Request, Record], Response]) -> None:
    """Like `change_action`, only for instances with `is_own_instance`, whose record ``replacement`` gets too."""

    def call(original: Original, request: Request) -> Response:
        record = find_instance(parameter(request, "DBInstanceIdentifier"))
        return replacement(original, request, record) if record and is_own_instance(record) else original(request)

    change_action(action, call)


def add_action(action: str, added: Callable[[Request], Response]) -> None:
    """Add an operation that the emulator does not have; its refusals become its answer."""
    actions[action] = answering(added, _answer)


def _answer(refusal: Refusal) -> Response:
    return error(refusal.code, escape(refusal.message), refusal.status("rds"))


def failed(response: Response) -> bool:
    """Whether an operation answered with an error."""
    return response[0] >= 400


def answer(action: str, content: dict[str, Any]) -> Response:
    """The answer of an operation that the emulator does not have, by botocore's model."""
    inner = f"<{action}Result>{result_xml('rds', action, content)}</{action}Result>"
    return xml_response(200, f"{action}Response", inner)


def instance_response(action: str, record: Record) -> Response:
    """The answer of an operation on a single instance."""
    response: Response = rds._single_instance_response(f"{action}Response", f"{action}Result", record)
    return response


def parameter(request: Request, name: str) -> str:
    """A parameter's text, empty where it was not sent."""
    return str(rds._p(request, name))


def number(request: Request, name: str) -> int | None:
    """A parameter's number, or None where it was not sent. Raises Refusal: it is not a number."""
    text = parameter(request, name)
    try:
        return int(text) if text else None
    except ValueError:
        raise refuse("MalformedInput", f"Invalid value {text} for parameter {name}: it must be an integer.") from None


def flag(request: Request, name: str) -> bool:
    """Whether a parameter is ``true``."""
    return parameter(request, name).lower() == "true"


def is_own_instance(record: Record) -> bool:
    """Whether this package runs the instance's PostgreSQL: not for other engines, nor for members of a cluster."""
    return record.get("Engine") == "postgres" and not record.get("DBClusterIdentifier")


def instance(identifier: str) -> Record:
    """The record of an instance, by name or ARN. Raises Refusal: there is none."""
    found = find_instance(identifier)
    if found is None:
        raise refuse("DBInstanceNotFound", f"DBInstance {identifier} not found.")
    return found


def instances() -> list[Record]:
    """The records of all instances in this account and region."""
    return list(rds._instances.values())


def all_instances() -> Iterator[tuple[str, str, Record]]:
    """Account, region and record of every instance."""
    for (account, region, _), record in rds._instances.all_items():
        yield account, region, record


def rename_instance(record: Record, name: str) -> None:
    """Store an instance, with its tags, under another name."""
    _rename(rds._instances, record, "DBInstanceIdentifier", "DBInstanceArn", name)


def lower_group_names() -> None:
    """Store groups of a former server's state, and name them in its instances, in lower case, as requests do."""
    for groups, kind in ((parameter_groups, "DBParameterGroup"), (subnet_groups, "DBSubnetGroup")):
        for (account, region, name), group in list(groups.all_items()):
            if name != name.lower() and not groups.contains_scoped(account, region, name.lower()):
                _rename(groups, group, f"{kind}Name", f"{kind}Arn", name.lower())
    for _, _, record in all_instances():
        for group in (record.get("DBSubnetGroup"), *(record.get("DBParameterGroups") or ())):
            if isinstance(group, dict):
                group |= {
                    key: group[key].lower() for key in ("DBParameterGroupName", "DBSubnetGroupName") if key in group
                }


def _rename(store: Any, record: Record, name_field: str, arn_field: str, name: str) -> None:
    arn = record[arn_field]
    _, _, _, region, account, *_ = arn.split(":")
    store.pop_scoped(account, region, record[name_field])
    record[name_field], record[arn_field] = name, f"{arn.rpartition(':')[0]}:{name}"
    store.set_scoped(account, region, name, record)
    if kept := rds._tags.pop_scoped(account, region, arn, None):
        rds._tags.set_scoped(account, region, record[arn_field], kept)


def group_name(record: Record) -> str:
    """The parameter group of an instance."""
    return str((record.get("DBParameterGroups") or [{}])[0].get("DBParameterGroupName", ""))


def group_values(name: str, scope: tuple[str, str] | None = None) -> dict[str, str]:
    """The settings of a parameter group in the given or the request's account and region; empty for a default group."""
    group = parameter_groups.get_scoped(*scope, name) if scope else parameter_groups.get(name)
    parameters: Mapping[str, Mapping[str, str]] = (group or {}).get("Parameters") or {}
    return {key: str(entry["ParameterValue"]) for key, entry in parameters.items() if entry.get("ParameterValue")}


def set_parameter_status(record: Record, status: str) -> None:
    """Set the apply status of an instance's parameter group: ``in-sync`` or ``pending-reboot``."""
    record["DBParameterGroups"] = [{"DBParameterGroupName": group_name(record), "ParameterApplyStatus": status}]


def keep_exported_logs(record: Record, request: Request) -> None:
    """Record the logs that a new instance writes to CloudWatch; the emulator does not."""
    record[_EXPORTED_LOGS] = parse_members(request, "EnableCloudwatchLogsExports")


def with_exported_logs(text: str, record: Record) -> str:
    """Add the exported logs to the description of an instance."""
    names = "".join(f"<member>{escape(name)}</member>" for name in record.get(_EXPORTED_LOGS) or ())
    return text.replace(f"<{_EXPORTED_LOGS}/>", f"<{_EXPORTED_LOGS}>{names}</{_EXPORTED_LOGS}>")
