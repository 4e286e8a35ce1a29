"""Athena over views and CloudTrail's files, with the settings that a workgroup enforces."""

import asyncio
from contextvars import ContextVar
from typing import Any

from embedded_aws.athena import emulator, execution, query, sandbox, workgroups
from embedded_aws.athena.errors import ScanLimitError
from embedded_aws.athena.scan import Scan
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function

# The emulator runs each query in its own task, and passes on its text without the execution that it belongs to.
_SCAN: ContextVar[Scan] = ContextVar("scan")


def install(_context: ServerContext) -> None:
    """Run the queries that the emulator cannot, and limit every query to the files of its tables."""
    sandbox.install()
    emulator.start_query_execution.wrap(workgroups.start_query)
    emulator.execute_query.wrap(_execute)
    emulator.run_query.wrap(_run)
    emulator.save_query_results.wrap(_save_results)


async def _execute(original: Function, query_id: str, *rest: Any, **named: Any) -> None:
    execution = emulator.executions[query_id]
    scan = Scan(limit=workgroups.scan_limit(execution["WorkGroup"]))
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
