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
from tests.support.fakes import NOW, FakeAccount, client_error


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
    assert find_target(account.aws(), settings.names, None).runtime_id == "young-1"
    assert find_target(account.aws(), settings.names, "ol").task_id == "old"
    with pytest.raises(UnusableInputError, match="no running task begins with x"):
        find_target(account.aws(), settings.names, "x")


def test_without_a_task_or_without_exec_there_is_no_shell(account: FakeAccount, settings: Settings) -> None:
    with pytest.raises(RefusedError, match="no task is running"):
        find_target(account.aws(), settings.names, None)
    account.tasks = [task("closed", shells=False)]
    with pytest.raises(RefusedError, match="without ECS Exec"):
        find_target(account.aws(), settings.names, None)


def test_a_missing_plugin_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError, match="is not installed"):
        require_plugin()


def test_the_plugin_gets_the_session_and_its_exit_code_counts(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plugin = tmp_path / PLUGIN
    plugin.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/arguments\nexit 7\n')
    plugin.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    session = {"sessionId": "s", "streamUrl": "wss://", "tokenValue": "t"}
    account.tasks = [task("young")]
    aws: Any = account.aws()
    target = find_target(aws, settings.names, None)
    aws.ecs = SimpleNamespace(execute_command=lambda **_: {"session": session})
    aws.ssm = SimpleNamespace(meta=SimpleNamespace(endpoint_url="https://ssm"))
    assert open_shell(aws, settings.names, target, "/bin/sh", require_plugin()) == 7
    given = (tmp_path / "arguments").read_text().split("\n")
    assert json.loads(given[0]) == session
    assert given[1:4] == ["ap-northeast-1", "StartSession", ""]
    assert json.loads(given[4]) == {"Target": f"ecs:{settings.names.cluster}_young_young-1"}
    assert given[5] == "https://ssm"


def test_an_agent_that_is_not_there_yet_is_told(account: FakeAccount, settings: Settings) -> None:
    def refuse(**_: Any) -> Any:
        raise client_error("TargetNotConnectedException", "agent not running")

    account.tasks = [task("young")]
    aws: Any = account.aws()
    target = find_target(aws, settings.names, None)
    aws.ecs = SimpleNamespace(execute_command=refuse)
    with pytest.raises(RefusedError, match="agent not running"):
        open_shell(cast("Any", aws), settings.names, target, "/bin/sh", "plugin")
