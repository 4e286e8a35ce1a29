"""Speed and memory of reading CloudTrail's files for a permission review, compared with grouping in plain DuckDB.

The review is timed with policies without conditions, and with policies that need five keys of each event. In the
generated files, each file has another session and another address, which is the most expensive case for conditions.

``python -m benchmarks.iam_review [FOLDER]``: the files of FOLDER are copied, compressed, until there are 145,000 events
in at least 2,750 files; without FOLDER, similar files are generated. The two sides run in turn in separate processes,
so that their memory is measured separately and a slower machine affects both. Exit code 1 if a limit is missed, 2 if
FOLDER cannot be used.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVENTS = 145_000
FILES = 2_750
ROUNDS = 3
LEAST_EVENTS_A_SECOND = 30_000
_MOST_MEGABYTES = {"review": 250, "review with conditions": 400}
ROLE = "HannibalCICDRole-Dev"
_REVIEW = """
import json, sys
from pathlib import Path
from ops.iam.review.row_merging import RowMerger
from ops.iam.review.condition_keys import fields_of_policies
from ops.iam.review.policies import Policies, parse
from ops.iam.review.logs import read_logs
from ops.iam.review.query import Window
from ops.iam.review.review import review
from ops.iam.review.usage import newest_day, summarize
folder, role = sys.argv[1:]
allow = {"Effect": "Allow", "Action": ["ec2:*", "s3:*", "ecs:*"], "Resource": "*"}
conditions = {
    "StringLike": {"aws:userid": "AROA*", "aws:UserAgent": ["example/*", "aws-cli/*"]},
    "IpAddress": {"aws:SourceIp": ["198.18.0.0/15", "203.0.113.0/24"]},
    "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
}
deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
statements = [allow, allow | {"Condition": conditions}, deny] if CONDITIONS else [allow]
policies = Policies(source="", identity=(parse({"Version": "2012-10-17", "Statement": statements}, ""),))
rows, problems, _ = read_logs(Path(folder), role, fields=fields_of_policies(policies), merge=RowMerger(policies))
window = Window.ending(newest_day(rows), 30)
result = review(role, window=window, records="", usage=summarize(rows, window), policies=policies, problems=problems)
events = sum(row.calls for row in rows)
"""
_PLAIN = """
import glob, sys
import duckdb
folder, _ = sys.argv[1:]
identity = 'STRUCT("sessionContext" STRUCT("sessionIssuer" STRUCT("arn" VARCHAR)))'
columns = f'STRUCT("userIdentity" {identity}, "eventSource" VARCHAR, "eventName" VARCHAR, "errorCode" VARCHAR)[]'
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
found = connection.execute(f'''
    SELECT e.userIdentity.sessionContext.sessionIssuer.arn, e.eventSource, e.eventName, e.errorCode, count(*)
    FROM (SELECT unnest(Records) AS e FROM read_json($files, columns = {{'Records': '{columns}'}}))
    GROUP BY 1, 2, 3, 4''', {"files": sorted(glob.glob(folder + "/*"))}).fetchall()
events = sum(row[-1] for row in found)
"""
_PEAK = "\nimport resource\nprint(events, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"


def synthetic() -> Iterator[list[dict[str, object]]]:
    """Files of events in CloudTrail's format, of one role and of others, always the same."""
    chance = random.Random(4)  # noqa: S311 - the same files every time
    calls = [("ec2", "DescribeVpcs"), ("s3", "ListBuckets"), ("ecs", "UpdateService"), ("lambda", "Invoke20150331")]
    for file in range(FILES):
        yield [
            {
                "eventVersion": "1.11",
                "userIdentity": {
                    "type": "AssumedRole",
                    "principalId": f"AROAEXAMPLE:session-{file}",
                    "sessionContext": {
                        "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::123456789012:role/{role}"}
                    },
                },
                "eventTime": f"2026-11-{1 + file % 28:02}T12:00:{event % 60:02}Z",
                "eventSource": f"{service}.amazonaws.com",
                "eventName": name,
                "awsRegion": "ap-northeast-1",
                "userAgent": "example/1.0 " + "x" * 60,
                "sourceIPAddress": f"198.18.{file // 250}.{file % 250}",
                "tlsDetails": {"tlsVersion": "TLSv1.3"},
                "requestParameters": {"filterSet": {"items": [{"name": "vpc-id", "value": str(chance.random())}] * 6}},
                "responseElements": {"padding": "y" * 400},
                "readOnly": True,
                "managementEvent": True,
                "eventType": "AwsApiCall",
            }
            for event in range(-(-EVENTS // FILES))
            for service, name in [chance.choice(calls)]
            for role in [chance.choice([ROLE, "OtherRole", "ThirdRole"])]
        ]


def repeat_files(source: Path) -> Iterator[bytes]:
    """Contents of a folder's CloudTrail files, repeated without end. Raises ValueError: it has no files with events."""
    found: list[dict[str, list[dict[str, object]]]] = []
    for file in sorted(source.rglob("*.json*")):
        raw = file.read_bytes()
        try:
            content = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
            if (document := json.loads(content))["Records"]:
                found.append(document)
        except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
            raise ValueError(f"{file.name} is none of CloudTrail's") from error
    if not found:
        raise ValueError("no file `*.json` or `*.json.gz` with events")
    for number, document in enumerate(cycle(found)):
        # An event with the same id would count once, so each copy has new ids.
        yield json.dumps(
            {"Records": [record | {"eventID": f"{number}-{at}"} for at, record in enumerate(document["Records"])]}
        ).encode()


def fill(folder: Path, source: Path | None) -> str:
    """Write the compressed files; returns the role with the most events. Raises ValueError: no events, or no role."""
    if source is None:
        contents: Iterator[bytes] = (json.dumps({"Records": records}).encode() for records in synthetic())
    else:
        contents = repeat_files(source)
    roles: Counter[str] = Counter()
    events = 0
    for number, content in enumerate(contents):
        if number >= FILES and events >= EVENTS:
            break
        records = json.loads(content)["Records"]
        events += len(records)
        identities = (record.get("userIdentity", {}) for record in records)
        contexts = (identity.get("sessionContext", {}) for identity in identities)
        roles.update(context.get("sessionIssuer", {}).get("arn", "") for context in contexts)
        (folder / f"{number:05}.json.gz").write_bytes(gzip.compress(content, 6))
    del roles[""]
    if not roles:
        raise ValueError("no event in its files is a role's")
    return roles.most_common(1)[0][0]


@dataclass(frozen=True)
class Run:
    """One run of a process."""

    seconds: float  # elapsed time
    processor: float  # processor time, on which other processes have less influence
    megabytes: float  # peak memory
    events: int  # number of events


def run(code: str, folder: Path, role: str) -> Run:
    """Run one side in a separate process."""
    start, before = time.perf_counter(), os.times()
    finished = subprocess.run(  # noqa: S603 - our own code with this interpreter
        [sys.executable, "-c", code + _PEAK, str(folder), role],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    events, kilobytes = finished.stdout.split()
    after = os.times()
    return Run(
        seconds=time.perf_counter() - start,
        processor=after.children_user - before.children_user + after.children_system - before.children_system,
        megabytes=int(kilobytes) / 1024,
        events=int(events),
    )


def main() -> None:
    """Print the figures and the ratios; exit 1 if one misses its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.iam_review", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("source", metavar="FOLDER", nargs="?", type=Path, help="CloudTrail's files; else some are made")
    source: Path | None = parser.parse_args().source
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            role = fill(folder, source)
        except (OSError, ValueError) as error:
            parser.error(f"{source} cannot be used: {error}")
        plain_policies, conditions = (f"CONDITIONS = {each}\n{_REVIEW}" for each in (False, True))
        codes = {"review": plain_policies, "review with conditions": conditions, "plain DuckDB grouping": _PLAIN}
        rounds = [{name: run(code, folder, role) for name, code in codes.items()} for _ in range(ROUNDS)]
        files = len(list(folder.iterdir()))
    events = rounds[0]["review"].events
    sys.stdout.write(f"{events:,} events in {files:,} files, at least {LEAST_EVENTS_A_SECOND:,} events/s\n")
    missed = False
    for name in codes:
        runs = [each[name] for each in rounds]
        seconds, megabytes = min(one.seconds for one in runs), max(one.megabytes for one in runs)
        ratio = statistics.median(one[name].seconds / one["plain DuckDB grouping"].seconds for one in rounds)
        most = _MOST_MEGABYTES.get(name)
        limit = f" (at most {most})" if most else ""
        sys.stdout.write(
            f"{name}: {seconds:.2f} s, {min(one.processor for one in runs):.2f} s of processors, "
            f"{events / seconds:,.0f} events/s, {megabytes:.0f} MB{limit}, {ratio:.2f} of the plain time\n"
        )
        missed = missed or (most is not None and (events / seconds < LEAST_EVENTS_A_SECOND or megabytes > most))
    sys.exit(missed)


if __name__ == "__main__":
    main()
