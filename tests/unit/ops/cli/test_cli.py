"""The command line as a person and as a script meet it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table

from installation import names
from installation.names import ADMINISTRATOR_STACKS
from ops.cli.console import screen
from ops.errors import ExitCode
from ops.month.preflight import preflighted
from tests.support.fake_clients import client_error
from tests.support.fakes import FINAL, FakeAccount
from tests.support.running_account import running
from tests.unit.ops.cli.conftest import NOTHING_IN_THE_WAY, Make, Run
from tests.unit.ops.month.test_stop import destroyed


def called(project: Path) -> bool:
    return (project / "called").exists()


@pytest.mark.parametrize(
    "arguments",
    [["start"], ["stop"], ["status"], ["settings"], ["outputs"], ["snapshots", "list"], ["snapshots", "prune"]],
)
def test_an_unknown_environment_is_unusable_input(run: Run, arguments: list[str]) -> None:
    result = run(*arguments, "--env", "staging")
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert "environments are: dev, prod" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [["doctor", "nothing"], ["release", "--image", "x", "--mode", "nothing"]])
def test_a_word_that_is_none_of_the_choices_is_answered_with_them(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert ": 'nothing' is not one of '" in result.stderr


@pytest.mark.parametrize("arguments", [["start"], ["stop"], ["snapshots", "prune"]])
def test_another_region_is_refused(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    result = run(*arguments, "--yes", configured_region="us-east-1")
    assert result.exit_code == ExitCode.REFUSED
    assert "export AWS_REGION=ap-northeast-1" in result.stderr
    assert not called(tmp_path)


@pytest.mark.parametrize("arguments", [["start", "--yes"], ["stop", "--yes"], ["status"], ["snapshots", "list"]])
def test_expired_credentials_are_one_error(run: Run, account: FakeAccount, arguments: list[str]) -> None:
    def expired(*_: Any, **__: Any) -> Any:
        raise client_error("ExpiredToken", "is old")

    account.identity_error = client_error("ExpiredToken", "is old")
    account.after_snapshots_read = expired  # type: ignore[method-assign]
    result = run(*arguments)
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "aws sso login" in result.stderr


def test_start_dry_run_shows_the_plan_and_changes_nothing(run: Run, account: FakeAccount, tmp_path: Path) -> None:
    account.add_snapshot(f"{FINAL}1")
    result = run("start", "--dry-run")
    assert result.exit_code == 0
    for part in ("123456789012", "ap-northeast-1", "StorageStack", f"restored from {FINAL}1", "nothing was changed"):
        assert part in result.stdout
    assert not called(tmp_path)


def test_start_dry_run_says_how_long_it_takes_and_what_decides(
    run: Run, account: FakeAccount, assembly: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.add_snapshot(f"{FINAL}1")
    monkeypatch.setattr("ops.month.preflight.preflighted", preflighted)
    given = ("start", "--dry-run", "--assembly", str(assembly("dev")))
    printed = run(*given).stdout
    assert "Takes about 21 min; StorageStack/Database/Instance decides most of it." in printed
    assert "8:00   StorageStack/Database/Instance" in printed
    time = json.loads(run(*given, "--json").stdout)["time"]
    assert round(time["seconds"] / 60) == 21
    assert time["longest_way"][-1]["stack"] == names.EDGE_STACK


def test_start_json_has_one_document_on_stdout(run: Run, tmp_path: Path) -> None:
    plan = json.loads(run("start", "--dry-run", "--json").stdout)
    assert plan["caller"]["account"] == "123456789012"
    assert [stack["step"] for stack in plan["stacks"]] == ["create"] * 8
    result = run("start", "--yes", "--json")
    assert set(json.loads(result.stdout)) == {"stacks", "origin", "addresses", "outputs", "log", "rehearsed_seconds"}
    assert "npx cdk deploy --all" in result.stderr
    assert called(tmp_path)


@pytest.mark.parametrize(("text", "says"), [("n\n", "not confirmed"), ("\n", "not confirmed"), (None, "add --yes")])
def test_start_without_a_yes_changes_nothing(run: Run, tmp_path: Path, text: str | None, says: str) -> None:
    result = run("start", text=text)
    assert result.exit_code == ExitCode.REFUSED
    assert says in result.stderr
    assert not called(tmp_path)


def test_start_deploys_the_very_templates_that_were_compared(
    run: Run, account: FakeAccount, project: Make, assembly: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a running month they are synthesized once, for both; given ones are not synthesized at all."""
    account.add_month()
    for stack in ADMINISTRATOR_STACKS:
        account.templates[stack] = (assembly("dev") / f"{stack}.template.json").read_text()
    made = project(f'echo "$@" >> calls; case $1 in synth) cp -r "{assembly("dev")}" "$6";; esac')
    monkeypatch.setattr("ops.month.preflight.preflighted", preflighted)
    monkeypatch.setattr("ops.month.preflight.check_deployment", lambda *_: NOTHING_IN_THE_WAY)
    assert run("start", "--yes").exit_code == 0
    synth, deploy = (made.root / "calls").read_text().splitlines()
    assert deploy.startswith(f"deploy --all --app {synth.rpartition(' --output ')[2]} ")

    (made.root / "calls").unlink()
    monkeypatch.chdir(assembly("dev").parent)
    assert run("start", "--yes", "--assembly", assembly("dev").name).exit_code == 0
    assert (made.root / "calls").read_text().startswith(f"deploy --all --app {assembly('dev')} ")
    account.stacks.clear()
    account.database = None
    refused = run("start", "--yes", "--assembly", str(assembly("dev")), "--env", "prod")
    assert refused.exit_code == ExitCode.UNUSABLE_INPUT
    assert "IdentityStack is of the environment dev, not prod" in refused.stderr


def test_start_ends_with_addresses_and_next_commands(run: Run, account: FakeAccount) -> None:
    account.add_month()
    account.stacks["EdgeStack"]["Outputs"] = [{"OutputKey": "Url", "OutputValue": "https://d1.cloudfront.net"}]
    result = run("start", text="y\n")
    assert result.exit_code == 0
    assert "https://d1.cloudfront.net" in result.stdout
    assert "hannibal stop" in result.stdout
    assert "nothing had to change" in result.stdout


def test_start_of_a_blocked_stack_says_what_to_do(run: Run, account: FakeAccount, tmp_path: Path) -> None:
    account.add_stack("StorageStack")
    account.add_stack("ComputeStack", "UPDATE_ROLLBACK_FAILED", StackStatusReason="[Service] is stuck")
    result = run("start", "--yes")
    assert result.exit_code == ExitCode.REFUSED
    assert "npx cdk rollback ComputeStack" in result.stderr
    assert "[Service] is stuck" in result.stderr
    assert not called(tmp_path)


@pytest.mark.parametrize(("text", "says"), [("yes\n", "'yes' is not"), ("nestjs\n", "is not"), (None, "add --yes")])
def test_stop_wants_the_projects_name(
    run: Run, account: FakeAccount, tmp_path: Path, text: str | None, says: str
) -> None:
    account.add_month()
    result = run("stop", text=text)
    assert result.exit_code == ExitCode.REFUSED
    assert says in result.stderr
    assert not called(tmp_path)


def test_stop_dry_run_changes_nothing(run: Run, account: FakeAccount, tmp_path: Path) -> None:
    account.add_month()
    for month in range(6):
        account.add_snapshot(f"{FINAL}{month}", days_old=month + 1)
    result = run("stop", "--dry-run")
    assert result.exit_code == 0
    assert "Kept: IdentityStack" in result.stdout
    assert account.changed == []
    assert not called(tmp_path)
    assert json.loads(run("stop", "--dry-run", "--json").stdout)["kept"] == list(names.PERSISTENT_STACKS)


def test_stop_during_a_release_is_refused_even_with_yes(run: Run, account: FakeAccount, tmp_path: Path) -> None:
    account.add_month()
    account.deployments = {"d-1": "Ready"}
    result = run("stop", "--yes")
    assert result.exit_code == ExitCode.REFUSED
    assert "a release is running" in result.stderr
    assert not called(tmp_path)


@pytest.mark.parametrize("arguments", [["stop"], ["pause"], ["stop", "--yes", "--json"]])
def test_what_is_refused_is_not_shown_as_a_plan(run: Run, account: FakeAccount, arguments: list[str]) -> None:
    """It would look as if it were about to happen; a dry run looks, and shows both."""
    account.add_month()
    account.database = {"DBInstanceStatus": "available"}
    account.services = [{"serviceName": "api", "status": "ACTIVE", "desiredCount": 1, "runningCount": 1}]
    account.deployments = {"d-ABC": "InProgress"}
    account.templates["ComputeStack"] = {"Resources": {}}
    result = run(*arguments)
    shown = "database: stop" if arguments == ["pause"] else "Kept: "
    assert result.exit_code == ExitCode.REFUSED
    assert "d-ABC" in result.stderr
    assert shown not in result.output
    looked = run(*arguments, "--dry-run")
    assert looked.exit_code == ExitCode.REFUSED
    assert shown in looked.output


def test_stop_ends_with_what_still_bills(run: Run, account: FakeAccount) -> None:
    account.add_stack("ArtifactStack")
    account.resources["ArtifactStack"] = [
        {
            "LogicalResourceId": "S",
            "PhysicalResourceId": "hannibal/db/password",
            "ResourceType": "AWS::SecretsManager::Secret",
            "ResourceStatus": "CREATE_COMPLETE",
        }
    ]
    destroyed(account)
    account.add_snapshot(f"{FINAL}new", days_old=-0.01)
    result = run("stop", text="nestjs-hannibal-3\n")
    assert result.exit_code == 0, result.output
    for part in (f"Data: {FINAL}new (available", "Still costs money", "hannibal/db/password", "up to 20 GiB"):
        assert part in result.stdout


def test_status_fits_on_one_screen(run: Run, account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    running(account).add_snapshot(f"{FINAL}1tz5hqx9rqz4p")
    result = run("status")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) <= 24
    assert max(len(line.rstrip()) for line in lines) <= 80
    for part in ("is running", "HEALTHY", "100 % of production", "db.example:5432", "repo/api:1", "1 OK"):
        assert part in result.stdout


def test_status_json_and_check(run: Run, account: FakeAccount) -> None:
    running(account)
    found = json.loads(run("status", "--json").stdout)
    assert found["status"]["month"]["word"] == "running"
    assert found["problems"] == []
    assert run("status", "--check").exit_code == 0
    account.alarms = [{"AlarmName": "loud", "StateValue": "ALARM", "StateReason": "crossed"}]
    assert run("status").exit_code == 0
    result = run("status", "--check")
    assert result.exit_code == ExitCode.UNHEALTHY
    assert "loud: crossed" in result.stderr


def test_snapshots_list_and_prune(run: Run, account: FakeAccount) -> None:
    # Whether the next month will have one, a month that runs decides at its end.
    assert "A start without one makes an empty database" in run("snapshots", "list").stdout
    for month in range(3):
        account.add_snapshot(f"{FINAL}{month}", days_old=month + 1, prunable=month == 2)
    assert "pruned" not in run("snapshots", "list").stdout
    dry = run("snapshots", "prune", "--keep", "1", "--dry-run")
    assert "nothing was changed" in dry.stdout
    assert run("snapshots", "prune", "--keep", "1", text="n\n").exit_code == ExitCode.REFUSED
    assert account.changed == []
    result = run("snapshots", "prune", "--keep", "1", "--yes", "--json")
    assert json.loads(result.stdout)["deleted"] == [f"{FINAL}2"]
    assert "1 old snapshot(s) stay: not tagged as prunable yet" in run("snapshots", "prune", "--keep", "1").stdout
    result = run("snapshots", "prune", "--keep", "1", "--untagged", "--yes", "--json")
    assert json.loads(result.stdout)["deleted"] == [f"{FINAL}1"]
    assert run("snapshots", "prune", "--keep", "0").exit_code == ExitCode.UNUSABLE_INPUT


def test_settings_are_shown_with_their_meaning(run: Run) -> None:
    result = run("settings")
    assert "database.snapshots_kept = 3 (default)" in result.stdout
    assert "Final snapshots that pruning leaves" in result.stdout
    assert "network.egress = public_ip\n" in result.stdout
    assert json.loads(run("settings", "--env", "prod", "--json").stdout)["environment"] == "prod"


def test_outputs_are_shown_with_their_description(run: Run, account: FakeAccount) -> None:
    assert "Nothing is deployed" in run("outputs").stdout
    account.add_stack(
        "NetworkStack", Outputs=[{"OutputKey": "VpcId", "OutputValue": "vpc-1", "Description": "The [VPC]"}]
    )
    result = run("outputs")
    for part in ("NetworkStack", "VpcId", "vpc-1", "The [VPC]"):
        assert part in result.stdout
    assert json.loads(run("outputs", "--json").stdout)["NetworkStack"][0]["value"] == "vpc-1"


def test_no_colour_where_no_terminal_is(run: Run, account: FakeAccount) -> None:
    running(account)
    assert "\x1b" not in run("status").output


def test_a_pipe_cuts_no_name(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    image = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/nestjs-hannibal-3@sha256:" + "0" * 64
    table = Table.grid()
    table.add_row(image)
    screen.out().print(table)
    assert capsys.readouterr().out.strip() == image
