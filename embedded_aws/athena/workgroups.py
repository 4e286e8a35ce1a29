"""The settings that a workgroup enforces on its queries."""

from typing import Any

from embedded_aws.athena import emulator
from embedded_aws.core.patching import Original, Response
from embedded_aws.core.refusal import Refusal

_SERVICE = "Athena"


def start_query(original: Original, request: dict[str, Any]) -> Response:
    """Start a query if its workgroup allows it, with the settings that the workgroup enforces."""
    name = request.get("WorkGroup", "primary")
    workgroup = emulator.workgroups.get(name)
    if workgroup is None:
        return Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {name} is not found.").as_json()
    if workgroup["State"] == "DISABLED":
        return Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {name} is disabled.").as_json()
    # Athena enforces them by default, and then ignores the client's settings.
    if workgroup["Configuration"].get("EnforceWorkGroupConfiguration", name != "primary"):
        request = {key: value for key, value in request.items() if key != "ResultConfiguration"}
    return original(request)


def scan_limit(name: str) -> int | None:
    """Bytes that a query of a workgroup may read; None if there is no limit or the workgroup no longer exists."""
    limit = ((emulator.workgroups.get(name) or {}).get("Configuration") or {}).get("BytesScannedCutoffPerQuery")
    return int(limit) if limit else None
