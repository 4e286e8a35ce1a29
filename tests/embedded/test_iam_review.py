"""The guide's monthly review of permissions, rehearsed end to end.

The audit and identity stacks as they are, a role that works, the embedded AWS's own records of it as CloudTrail files
in the log bucket, and the command over them: through Athena, and over the same files as a copy.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from installation.names import Names
from installation.settings import Settings
from ops.errors import ExitCode
from tests.conftest import ROOT
from tests.support import forked_command
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

ROLE = "HannibalDeveloperRole-Dev"
CICD_ROLE = "HannibalCICDRole-Dev"
USED = {"cloudwatch:DescribeAlarms", "ecs:DescribeServices", "logs:DescribeLogGroups"}
STACKS = ("IdentityStack", "GuardrailStack", "ArtifactStack", "AuditStack")
TEMPLATES = "templates-to-create"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """A server that records, and delivers at once."""
    made = EmbeddedAws(tmp_path_factory.mktemp("reviewed"), options=("--cloudtrail", "--clock-factor", "60"))
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def names(settings: Settings) -> Names:
    return settings.names


@pytest.fixture(scope="module")
def recorded(server: EmbeddedAws, names: Names, templates: Callable[[str], dict[str, Any]]) -> boto3.Session:
    """The stacks, and what the role did since."""
    session = server.session()
    # What `cdk bootstrap` leaves: every template asks for it.
    session.client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")
    s3, cloudformation = session.client("s3"), session.client("cloudformation")
    s3.create_bucket(Bucket=TEMPLATES, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    for stack in STACKS:
        # Some are too large for a request's body.
        s3.put_object(Bucket=TEMPLATES, Key=stack, Body=json.dumps(templates("dev")[stack]).encode())
        cloudformation.create_stack(
            StackName=stack,
            TemplateURL=f"{server.endpoint}/{TEMPLATES}/{stack}",
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
        )
    _work(server, names)
    wait_for(
        lambda: (
            {"DescribeAlarms", "DescribeServices", "DescribeLogGroups", "DescribeRepositories"}
            <= _calls(session, names)
        )
    )
    return session


def _as(server: EmbeddedAws, role: str) -> boto3.Session:
    arn = f"arn:aws:iam::{server.account}:role/{role}"
    credentials = server.session().client("sts").assume_role(RoleArn=arn, RoleSessionName="november")["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name="ap-northeast-1",
    )


def _work(server: EmbeddedAws, names: Names) -> None:
    _as(server, CICD_ROLE).client("ecr", endpoint_url=server.endpoint).describe_repositories()
    role = _as(server, ROLE)
    role.client("cloudwatch", endpoint_url=server.endpoint).describe_alarms()
    role.client("logs", endpoint_url=server.endpoint).describe_log_groups()
    ecs = role.client("ecs", endpoint_url=server.endpoint)
    with pytest.raises(ecs.exceptions.ClientError):  # the month has not begun; the call was authorized all the same
        ecs.describe_services(cluster=names.cluster, services=[names.service])


def _files(session: boto3.Session, names: Names) -> dict[str, bytes]:
    s3, bucket = session.client("s3"), names.trail_bucket("000000000000")
    found = s3.list_objects_v2(Bucket=bucket, Prefix="AWSLogs/").get("Contents", [])
    return {one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in found}


def _calls(session: boto3.Session, names: Names) -> set[str]:
    return {
        event["eventName"]
        for body in _files(session, names).values()
        for event in json.loads(gzip.decompress(body))["Records"]
        if event["userIdentity"]["type"] == "AssumedRole"
    }


def review(server: EmbeddedAws, *arguments: str, role: str = ROLE, code: int = ExitCode.DONE) -> dict[str, Any]:
    finished = forked_command.run(
        *("iam", "review", "--role", role, "--json", *arguments), folder=ROOT, environment=server.environment
    )
    assert finished.returncode == code, finished.stderr
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


def used(answer: dict[str, Any]) -> set[str]:
    return {member["action"] for member in answer["members"] if member["group"] == "used"}


def resources(answer: dict[str, Any], action: str) -> list[str]:
    """What an action was used on, without account and region."""
    (used_on,) = [one["resources"] for one in answer["used_on"] if one["action"] == action]
    return [arn.split(":", 5)[5] for arn in used_on]


def test_the_monthly_review_through_athena(
    server: EmbeddedAws, recorded: boto3.Session, names: Names, tmp_path: Path
) -> None:
    answer = review(server, "--athena", "--html", str(tmp_path / "review.html"))

    assert used(answer) == USED
    assert answer["policies_from"].startswith("IAM, arn:aws:iam::000000000000:role/")
    assert answer["boundary"]
    assert sum(answer["groups"].values()) == answer["granted"] > len(USED)
    assert answer["proof_holds"]
    assert answer["proof"]["refused_today"] == []
    assert answer["proof"]["events"] == answer["coverage"]["role_events"] - answer["unmapped_events"]
    assert names.audit_view in answer["records"]
    assert resources(answer, "ecs:DescribeServices") == [f"service/{names.cluster}/{names.service}"]
    assert ROLE in (tmp_path / "review.html").read_text()


def test_a_copy_of_the_log_files_gives_the_same_review(
    server: EmbeddedAws, recorded: boto3.Session, names: Names, tmp_path: Path
) -> None:
    for key, body in _files(recorded, names).items():
        file = tmp_path / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)

    answer = review(server, "--logs", str(tmp_path))

    assert used(answer) == USED
    assert resources(answer, "ecs:DescribeServices") == [f"service/{names.cluster}/{names.service}"]
    assert answer["proof_holds"]
    assert answer["complete"]


@pytest.mark.parametrize("records", ["--athena", "--logs"])
def test_a_role_with_a_path_is_found_where_a_record_leaves_its_issuer_out(
    server: EmbeddedAws, recorded: boto3.Session, names: Names, tmp_path: Path, records: str
) -> None:
    key, body = next(iter(_files(recorded, names).items()))
    arn = f"arn:aws:iam::{server.account}:role/service/app"
    session = {"type": "AssumedRole", "arn": f"arn:aws:sts::{server.account}:assumed-role/app/i-1"}
    issued = session | {"sessionContext": {"sessionIssuer": {"type": "Role", "arn": arn}}}
    call = json.loads(gzip.decompress(body))["Records"][0] | {"eventSource": "ec2.amazonaws.com", "errorCode": None}
    calls = [
        call | {"eventName": "DescribeVpcs", "userIdentity": issued, "eventID": "with"},
        call | {"eventName": "DescribeSubnets", "userIdentity": session, "eventID": "without"},
    ]
    granted, file = tmp_path / "policy.json", tmp_path / "log.json.gz"
    policy = {"Effect": "Allow", "Action": ["ec2:DescribeVpcs", "ec2:DescribeSubnets"], "Resource": "*"}
    granted.write_text(json.dumps({"Version": "2012-10-17", "Statement": [policy]}))
    file.write_bytes(gzip.compress(json.dumps({"Records": calls}).encode()))
    bucket, key = names.trail_bucket(server.account), f"{key.rpartition('/')[0]}/app.json.gz"
    recorded.client("s3").put_object(Bucket=bucket, Key=key, Body=file.read_bytes())
    try:
        for role in (arn, "app"):
            answer = review(
                server, records, *([str(file)] if records == "--logs" else []), "--policy", str(granted), role=role
            )
            assert used(answer) == {"ec2:DescribeVpcs", "ec2:DescribeSubnets"}
            assert answer["role_arns"] == [arn]
    finally:
        recorded.client("s3").delete_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize(
    ("query", "columns"),
    [("calls-last-24-hours", ["eventName", "count"]), ("cicd-role-last-30-days", ["eventName", "usage_count"])],
)
def test_the_guides_queries_run_as_written_over_the_trail(
    recorded: boto3.Session, names: Names, query: str, columns: list[str]
) -> None:
    """In the workgroup of the stack, through Athena's API, over what was recorded."""
    sql = (ROOT / "constructs_lib" / "audit" / "queries" / f"{query}.sql").read_text()
    athena = recorded.client("athena")
    execution = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": names.audit_database},
        WorkGroup=names.audit_workgroup,
    )["QueryExecutionId"]
    wait_for(lambda: _state(athena, execution) not in ("QUEUED", "RUNNING"))
    assert _state(athena, execution) == "SUCCEEDED"
    rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
    found = [[cell.get("VarCharValue") for cell in one["Data"]] for one in rows]
    assert found[0][:2] == columns
    assert len(found) > 1


def _state(athena: Any, execution: str) -> str:
    state: str = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]["State"]
    return state
