"""The runbook's queries, run on DuckDB over the view that Athena gets."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import expressions as sql

from constructs_lib.audit.athena import QueryText, read_queries
from installation import names
from installation.aws_facts import cloudtrail_schema as schema
from tests.conftest import ENVIRONMENTS, Template, settings_of
from tests.support.audit_stack import with_trail

QUERIES = {query.name: query for query in read_queries()}
# The operations guide's own texts, which must run as they are written there; their Japanese titles in English, because
# templates hold ASCII alone (tests/laws/test_golden_templates.py).
GUIDE = {
    "calls-last-24-hours": (
        "-- Permissions used in the last 24 hours",
        "SELECT ",
        "  eventName,",
        "  COUNT(*) as count,",
        "  userIdentity.principalId",
        "FROM cloudtrail_logs ",
        "WHERE eventTime >= date_add('hour', -24, current_timestamp)",
        "GROUP BY eventName, userIdentity.principalId",
        "ORDER BY count DESC",
        "LIMIT 20;",
    ),
    "cicd-role-last-30-days": (
        "-- Permissions used in the last 30 days",
        "SELECT ",
        "  eventName,",
        "  COUNT(*) as usage_count",
        "FROM cloudtrail_logs ",
        "WHERE eventTime >= date_add('day', -30, current_date)",
        "  AND userIdentity.sessionContext.sessionIssuer.userName = 'HannibalCICDRole-Dev'",
        "GROUP BY eventName",
        "ORDER BY usage_count DESC;",
    ),
}
OURS = sorted(QUERIES.keys() - GUIDE.keys())
NOW = datetime.now(UTC).replace(microsecond=0)


def event(name: str, hours_ago: int, **fields: object) -> dict[str, Any]:
    """A record as the table shows it: lower-case names, JSON texts, the partition of its day."""
    time = NOW - timedelta(hours=hours_ago)
    return {
        "eventtime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventname": name,
        "eventsource": "ecs.amazonaws.com",
        "eventtype": "AwsApiCall",
        "region": "ap-northeast-1",
        "day": time.strftime("%Y/%m/%d"),
        **fields,
    }


def role(name: str) -> dict[str, Any]:
    arn = f"arn:aws:iam::123456789012:role/{name}"
    issuer = {"type": "Role", "arn": arn, "username": name}
    return {"type": "AssumedRole", "principalid": f"AROA{name}:session", "sessioncontext": {"sessionissuer": issuer}}


def sign_in(name: str, hours_ago: int, result: str, factor: str) -> dict[str, Any]:
    return event(
        "ConsoleLogin",
        hours_ago,
        eventsource="signin.amazonaws.com",
        eventtype="AwsConsoleSignIn",
        useridentity={"type": "IAMUser", "principalid": "AIDA1", "username": name},
        responseelements=f'{{"ConsoleLogin": "{result}"}}',
        additionaleventdata=f'{{"MFAUsed": "{factor}"}}',
        sourceipaddress="203.0.113.9",
    )


EVENTS = (
    event("UpdateService", 2, useridentity=role("HannibalCICDRole-Dev")),
    event("UpdateService", 20 * 24, useridentity=role("HannibalCICDRole-Dev")),
    event("DeleteCluster", 40 * 24, useridentity=role("HannibalCICDRole-Dev")),
    event("DescribeTasks", 3, useridentity=role("HannibalDeveloperRole-Dev")),
    event(
        "DescribeTasks",
        1,
        useridentity=role("HannibalDeveloperRole-Dev"),
        errorcode="AccessDeniedException",
        errormessage="not authorized to perform: ecs:DescribeTasks",
        sourceipaddress="198.51.100.7",
    ),
    event("RunInstances", 24 * 3, errorcode="Client.UnauthorizedOperation", useridentity={"principalid": "AIDA9"}),
    event("Publish", 24 * 4, errorcode="AuthorizationErrorException", useridentity={"principalid": "AIDA9"}),
    event("RunTask", 24 * 2, errorcode="ClusterNotFoundException", useridentity=role("HannibalDeveloperRole-Dev")),
    event("GetObject", 24 * 9, errorcode="AccessDenied", useridentity={"principalid": "AIDA9"}),
    sign_in("kaoru", 5, "Success", "No"),
    sign_in("kaoru", 6, "Failure", "No"),
    sign_in("kaoru", 24 * 50, "Success", "Yes"),
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """A database with the view over the events above."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    columns = [
        f'"{column.name}" {sql.DataType.build(column.presto_type, dialect="athena").sql("duckdb")}'
        for column in (*schema.TABLE_COLUMNS, *schema.PARTITION_KEYS)
    ]
    connection.execute(f"CREATE TABLE cloudtrail_events ({', '.join(columns)})")
    for record in EVENTS:
        values = ", ".join(f'? AS "{name}"' for name in record)
        connection.execute(f"INSERT INTO cloudtrail_events BY NAME SELECT {values}", list(record.values()))
    connection.execute(f"CREATE VIEW cloudtrail_logs AS {duckdb_text(schema.view_sql(table='cloudtrail_events'))}")
    return connection


def duckdb_text(text: str) -> str:
    (translated,) = sqlglot.transpile(text, read="athena", write="duckdb")
    return translated


def run(connection: duckdb.DuckDBPyConnection, query: QueryText) -> list[tuple[Any, ...]]:
    return connection.execute(duckdb_text(query.sql)).fetchall()


@pytest.mark.parametrize("name", sorted(GUIDE))
def test_the_guides_texts_are_kept_to_the_letter(name: str) -> None:
    assert QUERIES[name].sql.split("\n") == list(GUIDE[name])


def test_the_guides_query_of_a_day_counts_by_event_and_caller(connection: duckdb.DuckDBPyConnection) -> None:
    rows = run(connection, QUERIES["calls-last-24-hours"])
    assert rows[0][1] == 2
    assert set(rows) == {
        ("DescribeTasks", 2, "AROAHannibalDeveloperRole-Dev:session"),
        ("ConsoleLogin", 2, "AIDA1"),
        ("UpdateService", 1, "AROAHannibalCICDRole-Dev:session"),
    }


def test_the_guides_query_of_a_month_counts_one_role(connection: duckdb.DuckDBPyConnection) -> None:
    assert run(connection, QUERIES["cicd-role-last-30-days"]) == [("UpdateService", 2)]


def test_permissions_by_role_tell_calls_from_refusals(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [row[:5] for row in run(connection, QUERIES["permissions-used-by-role"])]
    assert rows == [
        ("HannibalCICDRole-Dev", "ecs.amazonaws.com", "UpdateService", 2, 0),
        ("HannibalDeveloperRole-Dev", "ecs.amazonaws.com", "DescribeTasks", 2, 1),
        ("HannibalDeveloperRole-Dev", "ecs.amazonaws.com", "RunTask", 1, 0),
    ]


def test_denied_calls_are_refusals_not_errors(connection: duckdb.DuckDBPyConnection) -> None:
    rows = run(connection, QUERIES["denied-calls"])
    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("arn:aws:iam::123456789012:role/HannibalDeveloperRole-Dev", "DescribeTasks", 1),
        ("AIDA9", "RunInstances", 1),
        ("AIDA9", "Publish", 1),
    ]
    assert rows[0][5:] == ("198.51.100.7", "not authorized to perform: ecs:DescribeTasks")


def test_sign_ins_show_result_and_second_factor(connection: duckdb.DuckDBPyConnection) -> None:
    rows = run(connection, QUERIES["console-sign-ins"])
    assert [row[1:6] for row in rows] == [
        ("IAMUser", "kaoru", "Success", "No", "203.0.113.9"),
        ("IAMUser", "kaoru", "Failure", "No", "203.0.113.9"),
    ]


@pytest.mark.parametrize("name", OURS)
def test_our_queries_prune_partitions(name: str) -> None:
    """Athena prunes by a comparison of the partition key itself with what is known before the query reads anything."""
    where = sqlglot.parse_one(QUERIES[name].sql, read="athena").args["where"].this
    conditions = list(where.flatten()) if isinstance(where, sql.And) else [where]
    bounds = [c for c in conditions if isinstance(c, sql.GTE) and c.this == sql.column("day")]
    assert len(bounds) == 1
    assert not list(bounds[0].expression.find_all(sql.Column))


def test_a_view_column_is_the_partition_key_itself() -> None:
    """An expression over it would keep Athena from pruning."""
    view = sqlglot.parse_one(schema.view_sql(table="t"), read="athena")
    assert isinstance(view, sql.Select)
    assert {sql.column("day"), sql.column("region")} <= set(view.selects)


def test_every_query_is_saved_under_its_files_name_with_its_title() -> None:
    saved = with_trail().template.find_resources("AWS::Athena::NamedQuery").values()
    found = {resource["Properties"]["Name"]: resource["Properties"] for resource in saved}
    assert found.keys() == QUERIES.keys()
    for name, properties in found.items():
        assert properties["QueryString"] == QUERIES[name].sql
        assert properties["QueryString"].startswith(f"-- {properties['Description']}\n")
        assert "Ref" in properties["WorkGroup"]
        assert "Ref" in properties["Database"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_saved_query_about_the_pipelines_role_asks_for_that_of_its_environment(
    templates: Callable[[str], dict[str, Template]], environment: str
) -> None:
    text = json.dumps(templates(environment)[names.AUDIT_STACK])
    assert set(re.findall(r"HannibalCICDRole-\w+", text)) == {settings_of(environment).names.cicd_role}


def test_a_query_without_a_title_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nameless.sql").write_text("SELECT 1")
    with pytest.raises(ValueError, match=r"nameless\.sql: the first line must be the query's title"):
        read_queries(tmp_path)
