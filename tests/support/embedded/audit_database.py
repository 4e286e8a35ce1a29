"""CloudTrail's files, the table over them and the view, for tests of Athena."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from installation.aws_facts import cloudtrail_schema as schema
from tests.support.waiting import wait_for

DATABASE = "athena_test_db"
VIEW = "cloudtrail_logs"
WORKGROUP = "athena-test"
BUCKET = "athena-test-logs"
RESULTS = "athena-test-results"
ROLE = "HannibalCICDRole-Dev"
NOW = datetime.now(tz=UTC)


def event(name: str, *, ago: timedelta, source: str = "ec2.amazonaws.com", **fields: Any) -> dict[str, Any]:
    """An event as CloudTrail writes it: names in mixed case, objects of any shape, nulls."""
    issuer = {"type": "Role", "userName": ROLE, "arn": f"arn:aws:iam::000000000000:role/{ROLE}"}
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROA:session",
            "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
        },
        "eventTime": (NOW - ago).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": name,
        "sourceIPAddress": "192.0.2.1",
        "requestParameters": {"bucketName": "b", "Nested": {"deep": [1, 2]}},
        "responseElements": None,
        "readOnly": True,
        "resources": [{"ARN": "arn:aws:s3:::b", "accountId": "000000000000", "type": "AWS::S3::Bucket"}],
        "eventType": "AwsApiCall",
    } | fields


def key_of(region: str, when: datetime, *, plain: bool = False) -> str:
    return f"AWSLogs/000000000000/CloudTrail/{region}/{when:%Y/%m/%d}/file.json{'' if plain else '.gz'}"


class Athena:
    """Runs queries and waits for their results."""

    def __init__(self, session: boto3.Session) -> None:
        self.client = session.client("athena")

    def execute(self, sql: str, *, workgroup: str = WORKGROUP, database: str = DATABASE) -> Any:
        context: Any = {"Database": database}
        started = self.client.start_query_execution(QueryString=sql, QueryExecutionContext=context, WorkGroup=workgroup)

        def ended() -> Any:
            execution = self.client.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
            return None if execution["Status"]["State"] in {"QUEUED", "RUNNING"} else execution

        return wait_for(ended, sql)

    def rows(self, sql: str) -> list[list[str | None]]:
        execution = self.execute(sql)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]["StateChangeReason"]
        answer = self.client.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in answer["Rows"]]

    def scanned(self, sql: str) -> int:
        execution = self.execute(sql)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]["StateChangeReason"]
        size: int = execution["Statistics"]["DataScannedInBytes"]
        return size


def put(
    session: boto3.Session, region: str, when: datetime, events: list[dict[str, Any]], *, plain: bool = False
) -> int:
    """Write a file like CloudTrail's and return its size."""
    content = json.dumps({"Records": events}).encode()
    body = content if plain else gzip.compress(content)
    session.client("s3").put_object(Bucket=BUCKET, Key=key_of(region, when, plain=plain), Body=body)
    return len(body)


def make_table_and_view(session: boto3.Session) -> None:
    """Create both in the catalogue, as AuditStack does."""
    glue: Any = session.client("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE})
    location = f"s3://{BUCKET}/AWSLogs/000000000000/CloudTrail/"

    def columns(schema_columns: tuple[schema.Column, ...]) -> list[dict[str, str]]:
        return [{"Name": column.name, "Type": column.hive_type} for column in schema_columns]

    glue.create_table(
        DatabaseName=DATABASE,
        TableInput={
            "Name": "events",
            "TableType": schema.TABLE_TYPE,
            "Parameters": schema.table_parameters(location=location, retention_days=90),
            "PartitionKeys": columns(schema.PARTITION_KEYS),
            "StorageDescriptor": {
                "Columns": columns(schema.TABLE_COLUMNS),
                "Location": location,
                "InputFormat": schema.INPUT_FORMAT,
                "OutputFormat": schema.OUTPUT_FORMAT,
                "SerdeInfo": {"SerializationLibrary": schema.SERDE},
            },
        },
    )
    glue.create_table(
        DatabaseName=DATABASE,
        TableInput={
            "Name": VIEW,
            "TableType": schema.VIEW_TYPE,
            "Parameters": schema.VIEW_PARAMETERS,
            "StorageDescriptor": {"Columns": columns(schema.VIEW_COLUMNS)},
            "ViewOriginalText": schema.view_text(database=DATABASE, table="events"),
            "ViewExpandedText": schema.VIEW_EXPANDED_TEXT,
        },
    )
