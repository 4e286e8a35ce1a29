"""Runs the query in the account, in the workgroup and over the view of ``AuditStack``."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from ops.aws.clients import Aws
from ops.aws.errors import message_of
from ops.aws.polling import wait
from ops.errors import FailedError, RefusedError
from ops.iam.review.fields import NOTHING, NeededFields
from ops.iam.review.query import Window, athena_sql
from ops.iam.review.usage import Row

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

_GOING_ON = ("QUEUED", "RUNNING")
# Athena returns every value as a text.
_ROWS = TypeAdapter(tuple[Row, ...])


def read_account(aws: Aws, role: str, window: Window, *, fields: NeededFields = NOTHING) -> tuple[tuple[Row, ...], str]:
    """What a role, by name or ARN, used: rows, and their origin with the bytes that Athena charges for.

    The days of the window decide which folders are read, and so what it costs.

    Raises:
        RefusedError: AuditStack is not deployed.
        FailedError: Athena could not run it; the message has Athena's reason.
    """
    names = aws.names
    try:
        execution_id = aws.athena.start_query_execution(
            QueryString=athena_sql(role, window, fields),
            QueryExecutionContext={"Database": names.audit_database},
            WorkGroup=names.audit_workgroup,
        )["QueryExecutionId"]
    except ClientError as error:
        if not message_of(error).endswith("is not found."):  # Athena's words, InvalidRequestException
            raise
        raise RefusedError(
            f"there is no workgroup {names.audit_workgroup}",
            "AuditStack holds it: `hannibal bootstrap`, as an administrator. Files of a trail: --logs",
        ) from error

    def ended() -> "QueryExecutionTypeDef | None":
        found = aws.athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
        return None if found.get("Status", {}).get("State") in _GOING_ON else found

    execution = wait(ended, aws.polling)
    status = execution.get("Status", {})
    if status.get("State") != "SUCCEEDED":
        raise FailedError(
            f"Athena could not run the review: {status.get('StateChangeReason', status.get('State'))}",
            f"Its execution is {execution_id} of workgroup {names.audit_workgroup}.",
        )
    scanned = execution.get("Statistics", {}).get("DataScannedInBytes", 0)
    return _rows(aws, execution_id), f"Athena, {names.audit_database}.{names.audit_view}, {scanned:,} bytes read"


def _rows(aws: Aws, execution_id: str) -> tuple[Row, ...]:
    pages = aws.athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution_id)
    rows = (row for page in pages for row in page["ResultSet"].get("Rows", []))
    cells = [[cell.get("VarCharValue") for cell in row.get("Data", [])] for row in rows]
    return _ROWS.validate_python(cells[1:])  # the first row has the columns' names
