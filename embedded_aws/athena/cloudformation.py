"""``AWS::Athena::NamedQuery``, and what ``AWS::Athena::WorkGroup`` lacks."""

from embedded_aws.athena import emulator
from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudformation.registry import Created, Properties, is_true, register
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.refusal import Refusal, json_call

_SERVICE = "Athena"


def register_types() -> None:
    """Let templates use named queries, and delete a workgroup only if Athena would."""
    register(name="AWS::Athena::NamedQuery", create=_create_named_query, delete=_delete_named_query)
    wrap_item(cloudformation.resource_handlers["AWS::Athena::WorkGroup"], "delete", _delete_workgroup)


def _create_named_query(logical_id: str, properties: Properties, _stack: str) -> Created:
    workgroup = properties.get("WorkGroup", "primary")
    if workgroup not in emulator.workgroups and workgroup != "primary":
        raise Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {workgroup} is not found.")
    request = {"Name": logical_id, "WorkGroup": workgroup, **properties}
    identifier = json_call(_SERVICE, emulator.create_named_query, request)["NamedQueryId"]
    return identifier, {"NamedQueryId": identifier}


def _delete_named_query(physical_id: str, _properties: Properties) -> None:
    json_call(_SERVICE, emulator.delete_named_query, {"NamedQueryId": physical_id})


def _delete_workgroup(original: Function, physical_id: str, properties: Properties) -> None:
    """Refuse to delete a workgroup that is not empty unless its template allows it.

    https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteWorkGroup.html
    """
    stores = (emulator.named_queries, emulator.executions)
    content = [(store, key) for store in stores for key, value in store.items() if value["WorkGroup"] == physical_id]
    if content and not is_true(properties.get("RecursiveDeleteOption")):
        raise Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {physical_id} is not empty")
    for store, key in content:
        store.pop(key, None)
    original(physical_id, properties)
