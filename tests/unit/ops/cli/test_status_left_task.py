"""A one-off task that a killed `hannibal run` has left is named: it runs on, costs money, and needs the database."""

import json

from ops.errors import ExitCode
from tests.support.fakes import FakeAccount
from tests.support.running_account import running
from tests.unit.ops.cli.conftest import Run

_STOP = "aws ecs stop-task --cluster nestjs-hannibal-3-cluster --task fedcba9876543210"


def test_the_task_is_named_and_a_pause_is_refused_while_it_runs(run: Run, account: FakeAccount) -> None:
    running(account)
    assert "one-off" not in run("status").stdout
    left = {
        "taskArn": "arn:aws:ecs:r:1:task/nestjs-hannibal-3-cluster/fedcba9876543210",
        "group": "hannibal",
        "startedBy": "hannibal/run",
        "lastStatus": "RUNNING",
        "overrides": {"containerOverrides": [{"name": "api", "command": ["node", "seed.js"]}]},
    }
    account.tasks.append(left)
    account.templates["ComputeStack"] = {"Resources": {}}
    shown = " ".join(run("status").stdout.split())
    assert "one-off task fedcba98 (`node seed.js`, started by hannibal/run)" in shown
    assert _STOP in shown
    (task,) = json.loads(run("status", "--json").stdout)["status"]["one_off"]
    assert task["command"] == ["node", "seed.js"]
    refused = run("pause", "--yes")
    assert refused.exit_code == ExitCode.REFUSED
    assert "would lose its database" in refused.output
    assert _STOP in " ".join(refused.output.split())
    assert account.changed == []
