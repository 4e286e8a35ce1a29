"""What a workgroup imposes on the queries that run in it."""

from typing import Any

from embedded_aws.athena import emulator
from embedded_aws.core.patching import Original, Response
from embedded_aws.core.refusal import Refusal

_SERVICE = "Athena"


def start_query(original: Original, request: dict[str, Any]) -> Response:
    """Start a query where its workgroup allows it, with the settings that its workgroup enforces."""
    name = request.get("WorkGroup", "primary")
    workgroup = emulator.workgroups.get(name)
    if workgroup is None:
        return Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {name} is not found.").as_json()
    if workgroup["State"] == "DISABLED":
        return Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {name} is disabled.").as_json()
    # Athena enforces unless the workgroup says otherwise, and then the settings of the client do not count.
    if workgroup["Configuration"].get("EnforceWorkGroupConfiguration", name != "primary"):
        request = {key: value for key, value in request.items() if key != "ResultConfiguration"}
    return original(request)


def scan_limit(name: str) -> int | None:
    """Say how many bytes a query of a workgroup may read; none, too, where the workgroup is gone by now."""
    limit = ((emulator.workgroups.get(name) or {}).get("Configuration") or {}).get("BytesScannedCutoffPerQuery")
    return int(limit) if limit else None
