"""The emulator's RDS, as far as it is read and changed here: records, requests and answers."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import rds

from embedded_aws.core.patching import Function, Response, wrap
from embedded_aws.core.refusal import Refusal

# A record is what the emulator keeps of an instance, a snapshot or a group: the fields of its description, and
# others that begin with an underscore. A request has the parameters of the query protocol, each a text or a list.
Record = dict[str, Any]
Request = Mapping[str, Any]
Action = Callable[[Function, Request], Response]

_ERROR = 400
_NOT_FOUND = 404


def refuse(code: str, message: str) -> Refusal:
    """Make a refusal of RDS."""
    return Refusal("Rds", code, message)


def change_action(action: str, function: str, changed: Action) -> None:
    """Put ``changed(original, request)`` in place of an operation; what it refuses becomes the operation's answer.

    CloudFormation's handlers call the function, requests go by a table: both get the change.
    """

    def answering(original: Function, request: Request) -> Response:
        try:
            return changed(original, request)
        except Refusal as refusal:
            status = _NOT_FOUND if "NotFound" in refusal.code else _ERROR
            response: Response = rds._error(refusal.code, escape(refusal.message), status)  # noqa: SLF001
            return response

    wrap(rds, function, answering)
    rds._ACTION_MAP[action] = getattr(rds, function)  # noqa: SLF001


def failed(response: Response) -> bool:
    """Whether an operation answered with an error."""
    return response[0] >= _ERROR


def instance_response(action: str, record: Record) -> Response:
    """The answer of an operation on one instance."""
    response: Response = rds._single_instance_response(f"{action}Response", f"{action}Result", record)  # noqa: SLF001
    return response


def parameter(request: Request, name: str) -> str:
    """A parameter's text, empty where it was not sent."""
    return str(rds._p(request, name))  # noqa: SLF001


def number(request: Request, name: str) -> int | None:
    """A parameter's number, or None where it was not sent.

    Raises:
        Refusal: it is not a number.
    """
    text = parameter(request, name)
    try:
        return int(text) if text else None
    except ValueError:
        raise refuse("MalformedInput", f"Invalid value {text} for parameter {name}: it must be an integer.") from None


def flag(request: Request, name: str) -> bool:
    """Whether a parameter is ``true``."""
    return parameter(request, name).lower() == "true"


def is_ours(record: Record) -> bool:
    """Whether an instance has a PostgreSQL of ours under it: not another engine, not a member of a cluster."""
    return record.get("Engine") == "postgres" and not record.get("DBClusterIdentifier")


def find_instance(identifier: str) -> Record | None:
    """The record of an instance, by name or ARN."""
    found: Record | None = rds._resolve_instance(identifier)  # noqa: SLF001
    return found


def instance(identifier: str) -> Record:
    """The record of an instance, by name or ARN.

    Raises:
        Refusal: there is none.
    """
    found = find_instance(identifier)
    if found is None:
        raise refuse("DBInstanceNotFound", f"DBInstance {identifier} not found.")
    return found


def instances() -> list[Record]:
    """The records of this account and region."""
    return list(rds._instances.values())  # noqa: SLF001


def all_instances() -> Iterator[tuple[str, str, Record]]:
    """Account, region and record of every instance."""
    for (account, region, _), record in rds._instances.all_items():  # noqa: SLF001
        yield account, region, record


def group_name(record: Record) -> str:
    """The parameter group of an instance."""
    groups = record.get("DBParameterGroups") or [{}]
    return str(groups[0].get("DBParameterGroupName", ""))


def group_values(name: str, scope: tuple[str, str] | None = None) -> dict[str, str]:
    """What a parameter group sets; nothing for a default group, which the emulator does not keep.

    Args:
        name: the group.
        scope: its account and region, where they are not those of the request that is being answered.
    """
    groups = rds._param_groups  # noqa: SLF001
    group = groups.get_scoped(*scope, name) if scope else groups.get(name)
    parameters: Mapping[str, Mapping[str, str]] = (group or {}).get("Parameters") or {}
    return {key: str(entry["ParameterValue"]) for key, entry in parameters.items() if entry.get("ParameterValue")}


def set_parameter_status(record: Record, status: str) -> None:
    """Say how far an instance has applied its parameter group: ``in-sync`` or ``pending-reboot``."""
    record["DBParameterGroups"] = [{"DBParameterGroupName": group_name(record), "ParameterApplyStatus": status}]


def subnet_group_exists(name: str) -> bool:
    """Whether a subnet group is there."""
    return name in rds._subnet_groups  # noqa: SLF001


def snapshots() -> MutableMapping[str, Record]:
    """The records of snapshots of this account and region, by name."""
    records: MutableMapping[str, Record] = rds._snapshots  # noqa: SLF001
    return records


def format_time(seconds: float) -> str:
    """A time of an answer, from seconds since 1970."""
    return str(rds._format_time(seconds))  # noqa: SLF001
