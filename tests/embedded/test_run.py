"""`hannibal run`: one-off tasks with their log, exit code and record."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from installation.settings.file import load_settings
from ops.errors import ExitCode
from tests.conftest import ROOT
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.embedded.running_service import client_error, control
from tests.support.python_program import write_python_program
from tests.support.waiting import LIMIT_SECONDS, wait_for

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    with running_month(tmp_path_factory.mktemp("run"), assembly("dev"), "--clock-factor", "120") as month:
        yield month


def service(month: RunningMonth) -> Any:
    return month.ecs.describe_services(cluster=month.names.cluster, services=[month.names.service])["services"][0]


def one_off(month: RunningMonth, status: str = "RUNNING") -> list[Any]:
    arns = month.ecs.list_tasks(cluster=month.names.cluster, desiredStatus=status)["taskArns"]
    tasks = month.ecs.describe_tasks(cluster=month.names.cluster, tasks=arns)["tasks"] if arns else []
    return [task for task in tasks if task["group"] == "hannibal"]


def test_a_command_shows_its_output_and_ends_with_its_exit_code(hannibal: Hannibal) -> None:
    """Without an engine the stand-in says that it is one."""
    result = hannibal("run", "--", "sh", "-c", "echo hello world")
    assert result.exit_code == 0, result.output
    first, *rest = result.stdout.splitlines()
    assert "no container engine runs this task" in first
    assert rest == ["hello world"]
    assert "Ended with exit code 0" in result.stderr
    assert hannibal("run", "--", "exit", "7").exit_code == 7


def test_the_task_has_the_services_database_and_variables(hannibal: Hannibal) -> None:
    made = hannibal("run", "--", "psql", "-c", "CREATE TABLE IF NOT EXISTS seeds (n int)", "-c", "SELECT 40 + 2")
    assert made.exit_code == 0, made.output
    assert "42" in made.stdout.splitlines()
    assert hannibal("run", "--", "psql", "-c", "SELECT FROM nowhere").exit_code == 1
    assert hannibal("run", "--", "printenv", "PORT").stdout.splitlines()[-1] == "3000"


def test_a_command_that_only_a_container_could_run_is_not_claimed_to_have_run(hannibal: Hannibal) -> None:
    result = hannibal("run", "--", "node", "dist/seed.js")
    assert result.exit_code == 0
    assert "did not run: node dist/seed.js" in result.stdout


def test_the_task_runs_where_the_service_runs(hannibal: Hannibal, month: RunningMonth) -> None:
    begun = hannibal("run", "--detach", "--json", "--", "sleep", "600")
    assert begun.exit_code == 0
    wait_for(lambda: [task["lastStatus"] for task in one_off(month)] == ["RUNNING"])
    (task,) = one_off(month)
    assert json.loads(begun.stdout)["arn"] == task["taskArn"]
    serving = service(month)
    assert task["taskDefinitionArn"] == serving["taskDefinition"]
    assert (task["startedBy"], task["capacityProviderName"]) == ("hannibal/run", "FARGATE")
    assert task["overrides"]["containerOverrides"] == [{"name": "api", "command": ["sleep", "600"]}]
    subnet = next(d["value"] for d in task["attachments"][0]["details"] if d["name"] == "subnetId")
    assert subnet in serving["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
    tags = month.ecs.list_tags_for_resource(resourceArn=task["taskArn"])["tags"]
    assert {"key": "Project", "value": month.names.project} in tags
    month.ecs.stop_task(cluster=month.names.cluster, task=task["taskArn"], reason="enough")
    wait_for(lambda: not one_off(month))


def test_ctrl_c_stops_the_task(month: RunningMonth) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.given_command", "run", "--", "sleep", "600"],
        cwd=ROOT,
        env=month.server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(lambda: [task["lastStatus"] for task in one_off(month)] == ["RUNNING"])
        (running,) = one_off(month)
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == ExitCode.CANCELLED, errors
    assert "was stopped" in errors
    assert not one_off(month)
    (stopped,) = (task for task in one_off(month, "STOPPED") if task["taskArn"] == running["taskArn"])
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "Ctrl-C")


def test_who_ran_what_stays_on_record(hannibal: Hannibal) -> None:
    hannibal("run", "--", "exit", "3")
    runs = json.loads(hannibal("runs", "--json").stdout)
    newest = runs[0]
    assert (newest["command"], newest["exit_code"], newest["purpose"]) == (["exit", "3"], 3, "run")
    assert newest["who"] == "arn:aws:iam::000000000000:root"
    assert newest["task_id"]
    assert "Essential container in task exited" in newest["reason"]
    reasons = [run["reason"] for run in runs if run["command"] == ["sleep", "600"]]
    assert "Ctrl-C" in reasons
    assert "node dist/seed.js" in hannibal("runs").stdout


def test_the_database_opens_to_psql_with_the_password_unseen(
    hannibal: Hannibal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any program in the place of psql: libpq takes all it needs from the variables."""
    psql = tmp_path / "psql"
    statement = "psycopg.connect('').execute('SELECT 6 * 7').fetchone()[0]"
    write_python_program(psql, f"import sys, psycopg\nsys.exit({statement})\n")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    settings = load_settings("dev")
    for allowed, code in ((True, 42), (False, ExitCode.REFUSED)):
        service = settings.service.model_copy(update={"execute_command": allowed})
        changed = settings.model_copy(update={"service": service})
        monkeypatch.setattr("installation.settings.file.load_settings", lambda _, changed=changed: changed)
        result = hannibal("db", "connect")
        assert result.exit_code == code, result.output
    assert "execute_command" in result.stderr
    assert "password" not in result.output.lower()


def test_another_image_runs_it_without_being_released(hannibal: Hannibal, month: RunningMonth) -> None:
    before = service(month)["taskDefinition"]
    active = month.ecs.list_task_definitions(familyPrefix=month.names.task_family)["taskDefinitionArns"]
    result = hannibal("run", "--image", "example/api:tried", "--json", "--", "true")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["exit_code"] == 0
    (run, *_) = json.loads(hannibal("runs", "--json").stdout)
    assert run["image"] == "example/api:tried"
    assert service(month)["taskDefinition"] == before
    assert month.ecs.list_task_definitions(familyPrefix=month.names.task_family)["taskDefinitionArns"] == active


def test_nothing_is_run_by_a_dry_run_or_without_a_command(hannibal: Hannibal) -> None:
    count = len(json.loads(hannibal("runs", "--json").stdout))
    dry = hannibal("run", "--dry-run", "--", "node", "x.js")
    assert dry.exit_code == 0
    assert "Run      node x.js" in dry.stderr
    assert json.loads(hannibal("run", "--dry-run", "--json", "--", "node", "x.js").stdout)["command"] == [
        "node",
        "x.js",
    ]
    assert hannibal("run").exit_code == ExitCode.UNUSABLE_INPUT
    # What a shell makes of the output of a build that failed.
    assert hannibal("run", "--image", "", "--", "node", "x.js").exit_code == ExitCode.UNUSABLE_INPUT
    assert len(json.loads(hannibal("runs", "--json").stdout)) == count


def test_a_task_that_cannot_start_has_no_exit_code(hannibal: Hannibal, month: RunningMonth) -> None:
    control(month.server, "POST", "faults", {"kind": "cannot_pull", "pattern": "example/api:unpullable"})
    try:
        result = hannibal("run", "--image", "example/api:unpullable", "--", "true")
    finally:
        control(month.server, "DELETE", "faults")
    assert result.exit_code == ExitCode.FAILED
    assert "the command did not run to an end: CannotPullContainerError" in result.stderr


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"cluster": "nowhere"}, "ClusterNotFoundException", "Cluster not found."),
        ({"taskDefinition": "nothing"}, "ClientException", "TaskDefinition not found."),
        ({"networkConfiguration": {}}, "InvalidParameterException", "Network Configuration must be provided"),
        (
            {"overrides": {"containerOverrides": [{"name": "web", "command": ["true"]}]}},
            "InvalidParameterException",
            "Override for container named web is not a container in the TaskDefinition.",
        ),
        (
            {"overrides": {"containerOverrides": [{"name": "api", "command": ["x" * 8192]}]}},
            "InvalidParameterException",
            "Container Overrides length must be at most 8192",
        ),
        ({"launchType": "FARGATE"}, "InvalidParameterException", "Specifying both a launch type and capacity"),
        ({"startedBy": "somebody@example"}, "InvalidParameterException", "startedBy"),
        ({"tags": [{"key": "aws:x", "value": "y"}]}, "InvalidParameterException", "aws: prefixed tag key names"),
    ],
)
def test_what_run_task_refuses(month: RunningMonth, change: dict[str, Any], code: str, message: str) -> None:
    found = client_error(lambda: month.ecs.run_task(**request(month) | change))
    assert found[0] == code
    assert message in found[1]


def test_a_token_starts_one_task(month: RunningMonth) -> None:
    asked = request(month) | {"clientToken": "once"}
    (first,) = month.ecs.run_task(**asked)["tasks"]
    (second,) = month.ecs.run_task(**asked)["tasks"]
    assert second["taskArn"] == first["taskArn"]
    with pytest.raises(month.ecs.exceptions.ConflictException) as conflict:
        month.ecs.run_task(**asked | {"startedBy": "another"})
    assert conflict.value.response["resourceIds"] == [first["taskArn"]]


def test_between_two_months_there_is_nothing_to_run_in(hannibal: Hannibal, month: RunningMonth) -> None:
    month.end_month()
    result = hannibal("run", "--", "true")
    assert result.exit_code == ExitCode.REFUSED
    assert "no month is running" in result.stderr
    assert json.loads(hannibal("runs", "--json").stdout)


def request(month: RunningMonth) -> dict[str, Any]:
    return {
        "cluster": month.names.cluster,
        "taskDefinition": month.names.task_family,
        "networkConfiguration": service(month)["networkConfiguration"],
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
        "overrides": {"containerOverrides": [{"name": "api", "command": ["true"]}]},
    }
