"""Runs the query in the account, in the workgroup and over the view of ``AuditStack``."""

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from installation.names import Names
from ops.aws.polling import Polling, wait
from ops.errors import FailedError
from ops.iam.review.fields import NOTHING, Asked
from ops.iam.review.query import Window, athena_sql
from ops.iam.review.usage import Row

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

_GOING_ON = ("QUEUED", "RUNNING")
_POLLING = Polling(seconds=1.0)
# Every value comes as a text.
_ROWS = TypeAdapter(tuple[Row, ...])


def read_account(
    athena: "AthenaClient",
    names: Names,
    role: str,
    window: Window,
    *,
    asked: Asked = NOTHING,
    polling: Polling = _POLLING,
) -> tuple[tuple[Row, ...], str]:
    """What a role used, from the trail's files.

    Args:
        role: name or ARN.
        window: days to look at; they decide which folders are read, and so what it costs.
        asked: what to keep of each record for conditions.
        polling: how often Athena is asked.

    Returns:
        Rows of the query, and where they come from, with the bytes that Athena bills.

    Raises:
        FailedError: Athena could not run it; its own reason is kept.
    """
    execution_id = athena.start_query_execution(
        QueryString=athena_sql(role, window, asked),
        QueryExecutionContext={"Database": names.audit_database},
        WorkGroup=names.audit_workgroup,
    )["QueryExecutionId"]

    def ended() -> "QueryExecutionTypeDef | None":
        found = athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
        return None if found.get("Status", {}).get("State") in _GOING_ON else found

    execution = wait(ended, polling)
    status = execution.get("Status", {})
    if status.get("State") != "SUCCEEDED":
        raise FailedError(
            f"Athena could not run the review: {status.get('StateChangeReason', status.get('State'))}",
            f"Its execution is {execution_id} of workgroup {names.audit_workgroup}.",
        )
    scanned = execution.get("Statistics", {}).get("DataScannedInBytes", 0)
    return _rows(athena, execution_id), f"Athena, {names.audit_database}.{names.audit_view}, {scanned:,} bytes read"


def _rows(athena: "AthenaClient", execution_id: str) -> tuple[Row, ...]:
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution_id)
    cells = [
        [cell.get("VarCharValue") for cell in row.get("Data", [])]
        for page in pages
        for row in page["ResultSet"].get("Rows", [])
    ]
    return _ROWS.validate_python(cells[1:])  # the first has the columns' names
