"""A shell in a task: which task, and when not."""

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from installation.settings import Settings
from ops.errors import RefusedError, UnusableInputError
from ops.service.shell import PLUGIN, find_target, open_shell, require_plugin
from tests.support.aws import given
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount


def task(identifier: str, *, hours: int = 1, shells: bool = True, status: str = "RUNNING") -> dict[str, Any]:
    return {
        "taskArn": f"arn:aws:ecs:r:1:task/c/{identifier}",
        "lastStatus": status,
        "startedAt": NOW - timedelta(hours=hours),
        "enableExecuteCommand": shells,
        "containers": [{"name": "api", "runtimeId": f"{identifier}-1"}],
    }


def test_the_youngest_task_is_taken_unless_another_is_named(account: FakeAccount, settings: Settings) -> None:
    account.tasks = [task("old", hours=3), task("young"), task("starting", hours=0, status="PENDING")]
    assert find_target(account.aws(settings), None).runtime_id == "young-1"
    assert find_target(account.aws(settings), "ol").task_id == "old"
    with pytest.raises(UnusableInputError, match="no running task begins with x"):
        find_target(account.aws(settings), "x")


def test_without_exec_there_is_no_shell(account: FakeAccount, settings: Settings) -> None:
    account.tasks = [task("closed", shells=False)]
    with pytest.raises(RefusedError, match="without ECS Exec"):
        find_target(account.aws(settings), None)


def test_why_no_task_runs_is_said(account: FakeAccount, settings: Settings) -> None:
    with pytest.raises(RefusedError, match=r"no month is running.*`hannibal start`"):
        find_target(account.aws(settings), None)
    account.add_month()
    account.services = [{"status": "ACTIVE", "desiredCount": 0}]
    account.database = {"DBInstanceStatus": "stopped"}
    with pytest.raises(RefusedError, match=r"the month is paused.*`hannibal resume`"):
        find_target(account.aws(settings), None)
    account.services = [{"status": "ACTIVE", "desiredCount": 1}]
    with pytest.raises(RefusedError, match=r"no task is running.*`hannibal doctor ecs`"):
        find_target(account.aws(settings), None)


def test_a_missing_plugin_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError, match="is not installed"):
        require_plugin()


@pytest.mark.parametrize(
    ("version", "hidden"),
    [("1.2.497.0", False), ("1.2.498.0", True), ("1.2.707.0", True), ("1.2.463.0", False), ("", False)],
)
def test_the_plugin_gets_the_session_and_its_exit_code_counts(
    account: FakeAccount,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    version: str,
    hidden: bool,
) -> None:
    """A token among the arguments can be read by everybody on the machine."""
    plugin = tmp_path / PLUGIN
    plugin.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo {version}; exit; fi\n'
        f'printf "%s\\n" "$@" > "{tmp_path}/arguments"\n'
        f'printf "%s\\n" "$AWS_SSM_START_SESSION_RESPONSE" > "{tmp_path}/variable"\nexit 7\n'
    )
    plugin.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    session = {"sessionId": "s", "streamUrl": "wss://", "tokenValue": "t"}
    account.tasks = [task("young")]
    aws: Any = account.aws(settings)
    target = find_target(aws, None)
    aws.ecs = SimpleNamespace(execute_command=lambda **_: {"session": session})
    aws.ssm = SimpleNamespace(meta=SimpleNamespace(endpoint_url="https://ssm"))
    assert open_shell(aws, target, "/bin/sh", require_plugin()) == 7
    passed = (tmp_path / "arguments").read_text().split("\n")
    variable = (tmp_path / "variable").read_text().strip()
    assert passed[0] == "AWS_SSM_START_SESSION_RESPONSE" if hidden else json.loads(passed[0]) == session
    assert (json.loads(variable) if hidden else variable) == (session if hidden else "")
    assert passed[1:4] == ["ap-northeast-1", "StartSession", ""]
    assert json.loads(passed[4]) == {"Target": f"ecs:{settings.names.cluster}_young_young-1"}
    assert passed[5] == "https://ssm"


def test_an_agent_that_is_not_there_yet_is_told(account: FakeAccount, settings: Settings) -> None:
    def refuse(**_: Any) -> Any:
        raise client_error("TargetNotConnectedException", "agent not running")

    account.tasks = [task("young")]
    aws: Any = account.aws(settings)
    target = find_target(aws, None)
    aws.ecs = SimpleNamespace(execute_command=refuse)
    with pytest.raises(RefusedError, match="agent not running"):
        open_shell(given(cast("Any", aws), settings), target, "/bin/sh", "plugin")
