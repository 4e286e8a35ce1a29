"""Reading files as they are found, and the one query over them."""

import gzip
import json
from pathlib import Path

import duckdb
import pytest
import sqlglot

from installation.aws_facts import cloudtrail_schema as schema
from ops.errors import UnusableInputError
from ops.iam.review import logs, query
from ops.iam.review.files import COLUMNS
from ops.iam.review.logs import read_logs
from ops.iam.review.query import Window, athena_sql, role_pattern
from ops.iam.review.usage import Outcome, outcome_of
from tests.support.trail_events import ACCOUNT, ARN, ROLE, event, usage_of, write

ONE = event("DescribeVpcs")


def calls(folder: Path) -> tuple[int, dict[str, str]]:
    """Calls of the role, and the problems by file name."""
    rows, problems, _ = read_logs(folder, ROLE)
    return sum(row.calls for row in rows if row.of_role), {Path(one.file).name: one.reason for one in problems}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"Records": [ONE, ONE]}),
        json.dumps({"Records": [ONE, ONE]}, indent=2),
        json.dumps([ONE, ONE]),
        json.dumps([ONE, ONE], indent=2),
        f"{json.dumps(ONE)}\n{json.dumps(ONE)}\n",
        f"{json.dumps(ONE)}\r\n\r\n{json.dumps(ONE)}",
        "\ufeff" + json.dumps({"Records": [ONE, ONE]}),
        f"\n {json.dumps(ONE)}\n{json.dumps(ONE | {'errorMessage': 'long' * 3000})}",
    ],
    ids=["records", "indented", "array", "indented array", "lines", "blank lines", "byte order mark", "long lines"],
)
@pytest.mark.parametrize("compressed", [True, False])
def test_every_layout_is_read_whatever_the_file_is_called(tmp_path: Path, content: str, compressed: bool) -> None:
    data = content.encode()
    (tmp_path / "anything").write_bytes(gzip.compress(data) if compressed else data)
    assert calls(tmp_path) == (2, {})


def test_bad_files_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, ONE, name="good.json.gz")
    whole = gzip.compress(json.dumps({"Records": [ONE] * 50}).encode())
    lines = gzip.compress((json.dumps(ONE) + "\n").encode() * 3 + b'{"eventName": ')
    (tmp_path / "cut.json.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "damaged.json.gz").write_bytes(whole[:20] + b"\x00\x01\x02" + whole[23:])
    (tmp_path / "half.json").write_text('{"Records": [{"eventName":')
    (tmp_path / "lines.json.gz").write_bytes(lines)
    (tmp_path / "empty.json").write_bytes(b"")
    (tmp_path / "empty.json.gz").write_bytes(gzip.compress(b""))
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    (tmp_path / "other.json").write_text('{"kind": "no event"}')
    (tmp_path / "no-time.json").write_text(json.dumps([ONE | {"eventTime": "yesterday"}]))
    (tmp_path / "numbers.json").write_text("[1, 2]")
    (tmp_path / "null.json").write_text('{"Records": null}')
    (tmp_path / "nested").mkdir()
    write(tmp_path / "nested", ONE)

    found, problems = calls(tmp_path)

    # The good files, the lines before the bad one, and the events before the cut, which are alike and so compress well.
    assert 1 + 1 + 3 <= found < 1 + 1 + 3 + 50
    assert problems.pop("cut.json.gz") == "the compressed file is cut off"
    assert problems.pop("empty.json") == problems.pop("empty.json.gz") == "it is empty"
    assert problems.pop("note.txt") == problems.pop("image.png") == "it holds no CloudTrail events"
    assert set(problems) == {
        *("damaged.json.gz", "half.json", "lines.json.gz", "no-time.json"),
        *("null.json", "numbers.json", "other.json"),
    }


def test_a_digest_is_no_problem(tmp_path: Path) -> None:
    write(tmp_path, ONE)
    (tmp_path / "digest.json").write_text('{"awsAccountId": "123456789012", "digestStartTime": "2026-11-01T00:00:00Z"}')
    _, problems, files = read_logs(tmp_path, ROLE)
    assert files == 2
    assert [problem.serious for problem in problems] == [False]


def test_where_no_file_could_be_used_that_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    _, problems, _ = read_logs(tmp_path, ROLE)
    assert [problem.serious for problem in problems] == [True]


def test_events_of_any_shape_are_read(tmp_path: Path) -> None:
    """What makes DuckDB's own guess of types break: other shapes under one name, names that differ in case only."""
    odd = [
        event("DescribeVpcs", requestParameters={"bucketName": "a", "BucketName": {"deep": [1]}}),
        event("DescribeVpcs", requestParameters={"bucketName": ["b"]}),
        event("DescribeVpcs", requestParameters="text", readOnly="true"),
        event("DescribeVpcs", userIdentity={"invokedBy": "ec2.amazonaws.com"}),
        event("DescribeVpcs", userIdentity=None, awsRegion=None),
        event("DescribeVpcs", userIdentity={"sessionContext": {"sessionIssuer": {"arn": 7}}}),
    ]
    usage = usage_of(tmp_path, *odd)
    assert usage.coverage.role_events == 3
    assert usage.coverage.events == 6


def test_a_role_is_found_by_its_issuer_and_nothing_else(tmp_path: Path) -> None:
    events = [
        event("DescribeVpcs"),
        event("DescribeSubnets", role=f"with/path/{ROLE}"),
        event("CreateVpc", role=f"Other{ROLE}"),
        event("CreateVpc", role=f"{ROLE}2"),
        event("DeleteVpc", userIdentity={"type": "IAMUser", "arn": ARN}),
    ]
    usage = usage_of(tmp_path, *events)
    assert set(usage.permissions(Outcome.AUTHORIZED)) == {"ec2:DescribeVpcs", "ec2:DescribeSubnets"}
    assert len(usage.others) == 2
    assert set(usage_of(tmp_path, *events, role=ARN).permissions(Outcome.AUTHORIZED)) == {"ec2:DescribeVpcs"}


@pytest.mark.parametrize("role", ["app", f"arn:aws:iam::{ACCOUNT}:role/service/app"])
def test_a_role_with_a_path_is_found_where_a_record_leaves_its_issuer_out(tmp_path: Path, role: str) -> None:
    """A session's ARN has no path, and no account has two roles of one name (IAM API reference, CreateRole)."""
    session = {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"}
    elsewhere = session | {"arn": "arn:aws:sts::999999999999:assumed-role/app/i-1"}
    calls = event("DescribeVpcs", role="service/app"), event("DescribeSubnets", userIdentity=session)
    usage = usage_of(tmp_path, *calls, role=role)
    assert set(usage.permissions(Outcome.AUTHORIZED)) == {"ec2:DescribeVpcs", "ec2:DescribeSubnets"}
    assert usage.issuers == (f"arn:aws:iam::{ACCOUNT}:role/service/app",)
    assert {call.request.role for call in usage.calls} == {*usage.issuers}
    both = usage_of(tmp_path, *calls, event("CreateVpc", userIdentity=elsewhere), role=role)
    assert len(both.issuers) == (2 if role == "app" else 1)


@pytest.mark.parametrize("role", ["a b", "x'; DROP TABLE", "", "a" * 65, f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b"])
def test_what_is_no_role_is_said_before_anything_is_read(role: str) -> None:
    with pytest.raises(UnusableInputError):
        role_pattern(role)


def test_a_missing_and_an_empty_folder_are_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="there are no files"):
        read_logs(tmp_path, ROLE)
    with pytest.raises(UnusableInputError, match="does not exist"):
        read_logs(tmp_path / "missing", ROLE)


def test_batches_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        write(tmp_path, *[event("DescribeVpcs", day=1 + number % 2)] * 3, name=f"{number}.json.gz")
    at_once = sorted(map(str, read_logs(tmp_path, ROLE)[0]))
    monkeypatch.setattr(logs, "_BATCH_BYTES", 1)
    told: list[tuple[int, int]] = []
    rows, _, _ = read_logs(tmp_path, ROLE, progress=lambda done, total: told.append((done, total)))
    assert sorted(map(str, rows)) == at_once
    assert [row.calls for row in rows] in ([9, 6], [6, 9])
    assert told == [(number, 5) for number in range(1, 6)]


def test_the_query_shows_which_parameters_a_request_had(tmp_path: Path) -> None:
    usage = usage_of(
        tmp_path,
        event("RunInstances", requestParameters={"iamInstanceProfile": {"name": "p"}}),
        event("CopyObject", "s3", requestParameters={"x-amz-copy-source": "a/b"}, managementEvent=False),
        event("RunTask", "ecs", requestParameters={"overrides": {"taskRoleArn": "arn"}}),
        event("RunTask", "ecs", requestParameters={"overrides": {}}),
    )
    assert {tuple(sorted(call.parameters)) for call in usage.calls} == {
        ("iamInstanceProfile",),
        ("x-amz-copy-source",),
        ("overrides.taskRoleArn",),
        (),
    }


def test_the_window_is_whole_days(tmp_path: Path) -> None:
    events = [event("DescribeVpcs", day=day) for day in (1, 5, 10)]
    usage = usage_of(tmp_path, *events, days=6)
    assert usage.coverage.role_events == 2
    assert str(usage.coverage.first) == "2026-11-05"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, Outcome.AUTHORIZED),
        ("AccessDenied", Outcome.DENIED),
        ("AccessDeniedException", Outcome.DENIED),
        ("Client.UnauthorizedOperation", Outcome.DENIED),
        ("ThrottlingException", Outcome.THROTTLED),
        ("Client.RequestLimitExceeded", Outcome.THROTTLED),
        ("ExpiredTokenException", Outcome.NOT_SIGNED_IN),
        ("Client.AuthFailure", Outcome.NOT_SIGNED_IN),
        ("SignatureDoesNotMatch", Outcome.NOT_SIGNED_IN),
        ("NoSuchBucketPolicy", Outcome.AUTHORIZED),
        ("Client.DryRunOperation", Outcome.AUTHORIZED),
    ],
)
def test_errors_are_of_three_kinds(error: str | None, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome


def test_other_kinds_of_events_are_no_calls(tmp_path: Path) -> None:
    usage = usage_of(
        tmp_path,
        event("ConsoleLogin", "signin", eventType="AwsConsoleSignIn"),
        event("PolicyExecutionEvent", "ecr", eventType="AwsServiceEvent"),
        event("NoSuchThing"),
        event("DescribeVpcs"),
    )
    assert {(one.name, one.reason) for one in usage.unmapped} == {
        ("ConsoleLogin", "no call: AwsConsoleSignIn"),
        ("PolicyExecutionEvent", "no call: AwsServiceEvent"),
        ("NoSuchThing", "no such action in the catalogue"),
    }
    assert len(usage.calls) == 1


def test_what_is_read_from_files_are_columns_of_the_audit_table() -> None:
    columns = {column.name for column in schema.TABLE_COLUMNS}
    assert {name.lower() for name in COLUMNS} <= columns


def test_the_query_reads_nothing_that_files_do_not_give() -> None:
    parsed = sqlglot.parse_one(athena_sql(ROLE, None), read="athena")
    cte = parsed.find(sqlglot.exp.CTE)
    assert cte is not None
    read = {column.parts[0].name.lower() for column in cte.find_all(sqlglot.exp.Column)}
    assert read <= {name.lower() for name in COLUMNS} | {"day", "eventid"}


def test_athena_reads_the_folders_of_the_window_only() -> None:
    window = Window.ending(query.today(), 30)
    sql = athena_sql(ROLE, window)
    assert f"day >= '{window.first:%Y/%m/%d}'" in sql
    assert f"TIMESTAMP '{window.first:%Y-%m-%d} 00:00:00'" in sql
    assert "$" not in sql.replace("'$[", "").replace(f"{ROLE.replace('-', chr(92) + '-')}$'", "")


def test_a_day_is_one_of_utc_and_not_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Tokyo'")
    monkeypatch.setattr(duckdb, "connect", lambda: connection)
    rows, _, _ = read_logs(write(tmp_path, ONE | {"eventTime": "2026-11-10T23:34:56Z"}), ROLE)
    assert [(row.event_day, row.first_call) for row in rows] == [("2026-11-10", "2026-11-10 23:34:56")]
