"""Athena of the embedded AWS over real CloudTrail files, table and view, as AuditStack makes them."""

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.embedded.audit_database import (
    BUCKET,
    NOW,
    RESULTS,
    ROLE,
    WORKGROUP,
    Athena,
    event,
    key_of,
    make_table_and_view,
    put,
)

pytestmark = pytest.mark.embedded

QUERIES = Path(__file__).parents[2] / "constructs_lib/audit/queries"


@pytest.fixture(scope="module")
def sizes(session: boto3.Session) -> dict[str, int]:
    """The sizes of the files, by what they hold."""
    s3 = session.client("s3")
    for bucket in (BUCKET, RESULTS):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    hour, week = timedelta(hours=1), timedelta(days=7)
    sign_in = event(
        "ConsoleLogin",
        ago=hour,
        source="signin.amazonaws.com",
        eventType="AwsConsoleSignIn",
        userIdentity={"type": "IAMUser", "principalId": "AIDA", "userName": "ann"},
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"MFAUsed": "No"},
    )
    denied = event("DeleteTrail", ago=hour, errorCode="AccessDenied", errorMessage="no", readOnly=False)
    return {
        "today": put(
            session, "ap-northeast-1", NOW, [event("DescribeVpcs", ago=hour), event("DescribeVpcs", ago=hour), denied]
        ),
        "global": put(session, "us-east-1", NOW, [sign_in], plain=True),
        "week": put(session, "ap-northeast-1", NOW - week, [event("RunInstances", ago=week)]),
        "forgotten": put(session, "ap-northeast-1", NOW - timedelta(days=200), [event("Old", ago=timedelta(days=200))]),
    }


@pytest.fixture(scope="module")
def athena(session: boto3.Session, sizes: dict[str, int]) -> Iterator[Athena]:
    make_table_and_view(session)
    client = Athena(session)
    client.client.create_work_group(
        Name=WORKGROUP,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": f"s3://{RESULTS}/results/"},
        },
    )
    yield client
    client.client.delete_work_group(WorkGroup=WORKGROUP, RecursiveDeleteOption=True)


def test_the_guides_24_hour_query_runs_as_it_is_written(athena: Athena) -> None:
    rows = athena.rows((QUERIES / "calls-last-24-hours.sql").read_text())
    assert rows[0] == ["eventName", "count", "principalId"]
    assert rows[1] == ["DescribeVpcs", "2", "AROA:session"]
    assert sorted(row[0] or "" for row in rows[2:]) == ["ConsoleLogin", "DeleteTrail"]


def test_the_guides_30_day_query_runs_as_it_is_written(athena: Athena) -> None:
    rows = athena.rows((QUERIES / "cicd-role-last-30-days.sql").read_text())
    assert rows[:2] == [["eventName", "usage_count"], ["DescribeVpcs", "2"]]
    assert {row[0] for row in rows[1:]} == {"DescribeVpcs", "DeleteTrail", "RunInstances"}


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("console-sign-ins", ["IAMUser", "ann", "Success", "No", "192.0.2.1", "us-east-1"]),
        ("denied-calls", [f"arn:aws:iam::000000000000:role/{ROLE}", "ec2.amazonaws.com", "DeleteTrail", "1"]),
        ("permissions-used-by-role", [ROLE, "ec2.amazonaws.com", "DescribeVpcs", "2", "0"]),
    ],
)
def test_every_other_named_query_finds_what_it_looks_for(athena: Athena, name: str, row: list[str]) -> None:
    rows = athena.rows((QUERIES / f"{name}.sql").read_text())
    assert "\t".join(row) in "\n".join("\t".join(cell or "" for cell in found) for found in rows[1:])


def test_every_named_query_is_tried_here() -> None:
    tried = {"calls-last-24-hours", "cicd-role-last-30-days", "console-sign-ins", "denied-calls"}
    assert {file.stem for file in QUERIES.glob("*.sql")} == tried | {"permissions-used-by-role"}


def test_columns_have_the_types_of_the_view(athena: Athena) -> None:
    sql = """SELECT EVENTTIME, readOnly, json_extract_scalar(requestParameters, '$.Nested.deep[1]'), requestParameters,
        responseElements, resources[1].arn, resources, userIdentity.sessionContext.attributes, day, COUNT(*) OVER ()
        FROM "athena_test_db"."cloudtrail_logs" WHERE eventName = 'RunInstances'"""
    execution = athena.execute(sql)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]["StateChangeReason"]
    answer = athena.client.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    names = [column["Name"] for column in answer["ResultSetMetadata"]["ColumnInfo"]]
    assert names[:4] == ["EVENTTIME", "readOnly", "_col2", "requestParameters"]
    types = [column["Type"] for column in answer["ResultSetMetadata"]["ColumnInfo"]]
    assert types == [
        "timestamp",
        "boolean",
        "varchar",
        "varchar",
        "varchar",
        "varchar",
        "array",
        "row",
        "varchar",
        "bigint",
    ]
    (row,) = [[cell.get("VarCharValue") for cell in one["Data"]] for one in answer["Rows"][1:]]
    week = NOW - timedelta(days=7)
    assert row == [
        f"{week:%Y-%m-%d %H:%M:%S}.000",
        "true",
        "2",
        '{"bucketName":"b","Nested":{"deep":[1,2]}}',
        None,
        "arn:aws:s3:::b",
        "[{arn=arn:aws:s3:::b, accountid=000000000000, type=AWS::S3::Bucket}]",
        "{mfaauthenticated=false, creationdate=null}",
        f"{week:%Y/%m/%d}",
        "1",
    ]


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ("true", {"today", "global", "week"}),
        ("day >= date_format(current_date - INTERVAL '3' DAY, '%Y/%m/%d')", {"today", "global"}),
        ("Day = '{week:%Y/%m/%d}'", {"week"}),
        ("region = 'us-east-1'", {"global"}),
        ("region IN ('us-east-1', 'eu-west-1') AND eventName = 'x'", {"global"}),
        ("c.region LIKE 'ap-%' AND c.day BETWEEN '{today:%Y/%m/%d}' AND '{today:%Y/%m/%d}'", {"today"}),
        ("region = 'us-east-1' OR eventName = 'RunInstances'", {"today", "global", "week"}),
    ],
)
def test_only_the_partitions_of_the_filter_are_read(
    athena: Athena, sizes: dict[str, int], condition: str, read: set[str]
) -> None:
    where = condition.format(week=NOW - timedelta(days=7), today=NOW)
    sql = f"WITH some AS (SELECT * FROM cloudtrail_logs AS c WHERE {where}) SELECT COUNT(*) FROM some"  # noqa: S608
    assert athena.scanned(sql) == sum(sizes[name] for name in read)


def test_a_join_reads_each_side_by_its_own_filter(athena: Athena, sizes: dict[str, int]) -> None:
    sql = """SELECT a.eventName FROM cloudtrail_logs a JOIN cloudtrail_logs b ON a.eventType = b.eventType
        WHERE a.region = 'us-east-1' AND b.day < date_format(current_date - INTERVAL '3' DAY, '%Y/%m/%d')"""
    assert athena.scanned(sql) == sizes["global"] + sizes["week"]
    outer = sql.replace("JOIN", "LEFT JOIN", 1)
    assert athena.scanned(outer) == 2 * (sizes["today"] + sizes["global"] + sizes["week"])


def test_a_query_that_reads_too_much_is_cancelled(session: boto3.Session, athena: Athena) -> None:
    large = event("Large", ago=timedelta(0), userAgent="x" * 10_000_000)
    put(session, "eu-north-1", NOW, [large], plain=True)
    limit: Any = {"BytesScannedCutoffPerQuery": 10_000_000}
    athena.client.update_work_group(WorkGroup=WORKGROUP, ConfigurationUpdates=limit)
    try:
        execution = athena.execute("SELECT COUNT(*) FROM cloudtrail_logs")
        assert execution["Status"]["State"] == "CANCELLED"
        assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
        assert athena.rows("SELECT COUNT(*) FROM cloudtrail_logs WHERE region = 'us-east-1'")[1] == ["1"]
    finally:
        session.client("s3").delete_object(Bucket=BUCKET, Key=key_of("eu-north-1", NOW, plain=True))


def test_results_are_where_the_workgroup_says(session: boto3.Session, athena: Athena) -> None:
    started = athena.client.start_query_execution(
        QueryString="SELECT 1 AS one",
        WorkGroup=WORKGROUP,
        ResultConfiguration={"OutputLocation": "s3://elsewhere/"},
    )
    execution = athena.execute("SELECT date_add('hour', 1, timestamp '2026-01-01 00:00:00') AS later")
    key = f"results/{execution['QueryExecutionId']}.csv"
    assert execution["ResultConfiguration"]["OutputLocation"] == f"s3://{RESULTS}/{key}"
    body = session.client("s3").get_object(Bucket=RESULTS, Key=key)["Body"].read().decode()
    assert "2026-01-01 01:00:00.000" in body
    other = athena.client.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
    assert other["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{RESULTS}/results/")


def test_a_repeated_request_starts_one_query(athena: Athena) -> None:
    request: Any = {"WorkGroup": WORKGROUP, "ClientRequestToken": "a-token-of-at-least-32-characters"}
    started = [athena.client.start_query_execution(QueryString="SELECT 1", **request) for _ in range(2)]
    assert started[0]["QueryExecutionId"] == started[1]["QueryExecutionId"]
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        athena.client.start_query_execution(QueryString="SELECT 2", **request)


def test_queries_and_rows_come_in_pages(athena: Athena) -> None:
    newest = [athena.execute(f"SELECT {number} AS n")["QueryExecutionId"] for number in range(3)][::-1]
    page = athena.client.list_query_executions(WorkGroup=WORKGROUP, MaxResults=2)
    assert page["QueryExecutionIds"] == newest[:2]
    page = athena.client.list_query_executions(WorkGroup=WORKGROUP, MaxResults=2, NextToken=page["NextToken"])
    assert page["QueryExecutionIds"][0] == newest[2]
    with pytest.raises(ClientError, match="WorkGroup nowhere is not found"):
        athena.client.list_query_executions(WorkGroup="nowhere")

    query = athena.execute("SELECT * FROM (VALUES 1, 2, 3) AS t(n) ORDER BY n")["QueryExecutionId"]
    for size in (1, 2, 3, 4):
        pages = athena.client.get_paginator("get_query_results").paginate(
            QueryExecutionId=query, PaginationConfig={"PageSize": size}
        )
        rows = [[row["Data"][0].get("VarCharValue") for row in page["ResultSet"]["Rows"]] for page in pages]
        assert [one for page in rows for one in page] == ["n", "1", "2", "3"]
        assert all(len(page) == size for page in rows[:-1])


def test_a_workgroup_that_is_not_there_is_refused(athena: Athena) -> None:
    with pytest.raises(ClientError, match="WorkGroup nowhere is not found"):
        athena.execute("SELECT 1", workgroup="nowhere")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "SELECT * FROM cloudtrail_logs JOIN nothing ON true",
            "Table 'awsdatacatalog.athena_test_db.nothing' does not exist",
        ),
        ("SELECT wrong FROM cloudtrail_logs", "wrong"),
        ("SELECT * FROM cloudtrail_logs WHERE (", "SYNTAX_ERROR"),
    ],
)
def test_a_query_that_cannot_run_says_why(athena: Athena, sql: str, reason: str) -> None:
    execution = athena.execute(sql)
    assert execution["Status"]["State"] == "FAILED"
    assert reason in execution["Status"]["StateChangeReason"]


def test_a_file_that_is_none_of_cloudtrails_is_named(session: boto3.Session, athena: Athena) -> None:
    key = f"AWSLogs/000000000000/CloudTrail/eu-west-1/{NOW:%Y/%m/%d}/cut.json.gz"
    session.client("s3").put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(b"{}" * 100)[:20])
    try:
        execution = athena.execute("SELECT * FROM cloudtrail_logs")
        assert execution["Status"]["State"] == "FAILED"
        assert key in execution["Status"]["StateChangeReason"]
    finally:
        session.client("s3").delete_object(Bucket=BUCKET, Key=key)
