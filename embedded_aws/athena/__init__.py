"""Athena over views and CloudTrail's files, with the settings that a workgroup enforces."""

import asyncio
import json
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from embedded_aws.athena import emulator, execution, query
from embedded_aws.athena.catalogue import ScanLimitError
from embedded_aws.athena.scan import Scan
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.core.refusal import Refusal

_SERVICE = "Athena"
_MOST_EXECUTIONS, _MOST_ROWS = 50, 1000  # in a page (API reference, ListQueryExecutions and GetQueryResults)
_REQUEST, _TOKEN = "_request", "ClientRequestToken"  # in an execution: what has started it
# The emulator runs each query in its own task, and passes on its text without the execution that it belongs to.
_SCAN: ContextVar[Scan] = ContextVar("scan")


def _start_query(original: Original, request: dict[str, Any]) -> Response:
    """Start a query if its workgroup allows it, with the settings that the workgroup enforces."""
    name = request.get("WorkGroup", "primary")
    workgroup = emulator.workgroups.get(name)
    if workgroup is None:
        return Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {name} is not found.").as_json()
    if workgroup["State"] == "DISABLED":
        return Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {name} is disabled.").as_json()
    token = request.get(_TOKEN)
    known = next(
        (it for it in emulator.executions.values() if token and it.get(_REQUEST, {}).get(_TOKEN) == token), None
    )
    if known is not None:  # a repeated request (API reference, ClientRequestToken)
        if known[_REQUEST] != request:
            return Refusal(_SERVICE, "InvalidRequestException", "Idempotent parameters do not match").as_json()
        return emulator.json_response({"QueryExecutionId": known["QueryExecutionId"]})
    sent = request
    # Athena enforces them by default, and then ignores the client's settings.
    if workgroup["Configuration"].get("EnforceWorkGroupConfiguration", name != "primary"):
        request = {key: value for key, value in request.items() if key != "ResultConfiguration"}
    status, headers, body = original(request)
    if status == HTTPStatus.OK:
        emulator.executions[json.loads(body)["QueryExecutionId"]][_REQUEST] = sent
    return status, headers, body


def _list_executions(original: Original, request: dict[str, Any]) -> Response:
    """A page of the queries of a workgroup, the newest first."""
    if (name := request.get("WorkGroup", "primary")) not in emulator.workgroups:
        return Refusal(_SERVICE, "InvalidRequestException", f"WorkGroup {name} is not found.").as_json()
    found: list[str] = json.loads(original(request)[2])["QueryExecutionIds"][::-1]
    begin = int(request.get("NextToken") or 0)
    end = begin + int(request.get("MaxResults") or _MOST_EXECUTIONS)
    more = {"NextToken": str(end)} if end < len(found) else {}
    return emulator.json_response({"QueryExecutionIds": found[begin:end], **more})


def _get_results(original: Original, request: dict[str, Any]) -> Response:
    """Count the row with the names of the columns as one of the first page's rows."""
    execution = emulator.executions.get(request.get("QueryExecutionId")) or {}
    if execution.get("StatementType") != "DML":
        return original(request)
    begin, most = request.get("NextToken"), int(request.get("MaxResults") or _MOST_ROWS)
    status, headers, body = original(request | {"MaxResults": most if begin else most - 1})
    if begin == "0" and status == HTTPStatus.OK:  # the first page had only the names
        content = json.loads(body)
        del content["ResultSet"]["Rows"][0]
        body = json.dumps(content).encode()
    return status, headers, body


def install(_context: ServerContext) -> None:
    """Run the queries that the emulator cannot, and limit every query to the files of its tables."""
    execution.install()
    emulator.start_query_execution.wrap(_start_query)
    emulator.list_query_executions.wrap(_list_executions)
    emulator.get_query_results.wrap(_get_results)
    emulator.execute_query.wrap(_execute)
    emulator.run_query.wrap(_run)
    emulator.save_query_results.wrap(_save_results)


async def _execute(original: Function, query_id: str, *rest: Any, **named: Any) -> None:
    execution = emulator.executions[query_id]
    workgroup = emulator.workgroups.get(execution["WorkGroup"]) or {}  # it may have been deleted meanwhile
    limit = (workgroup.get("Configuration") or {}).get("BytesScannedCutoffPerQuery")
    scan = Scan(limit=int(limit) if limit else None)
    _SCAN.set(scan)
    await original(query_id, *rest, **named)
    if scan.used:
        execution["Statistics"]["DataScannedInBytes"] = scan.scanned
    if execution["_error"] == str(ScanLimitError()):
        execution["Status"]["State"] = "CANCELLED"


async def _run(original: Function, text: str, database: str, *rest: Any, **named: Any) -> execution.Result:
    parsed = query.parse(text)
    if parsed is None or not execution.needs_duckdb(parsed, database):
        result: execution.Result = await original(text, database, *rest, **named)
        return result
    scan = _SCAN.get()
    scan.used = True
    return await asyncio.to_thread(execution.run, parsed, database, scan)


async def _save_results(original: Function, query_id: str) -> None:
    """Save the results at ``OutputLocation``; the emulator would treat this location as a folder."""
    configuration = emulator.executions[query_id]["ResultConfiguration"]
    location = configuration["OutputLocation"]
    configuration["OutputLocation"] = location.removesuffix(f"{query_id}.csv")
    await original(query_id)
    configuration["OutputLocation"] = location
