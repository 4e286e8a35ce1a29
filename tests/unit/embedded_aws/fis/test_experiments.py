"""Experiments end once."""

from pathlib import Path
from typing import Any

import pytest

from embedded_aws.core.context import ServerContext
from embedded_aws.ecs import emulator as ecs
from embedded_aws.fis.experiments import Experiments
from embedded_aws.fis.templates import Templates
from tests.support.waiting import wait_for

TEMPLATE: dict[str, Any] = {
    "targets": {"tasks": {"resourceType": "aws:ecs:task", "selectionMode": "ALL", "resourceArns": ["task"]}},
    "actions": {"stop": {"actionId": "aws:ecs:stop-task", "targets": {"Tasks": "tasks"}}},
    "stopConditions": [{"source": "none"}],
    "roleArn": "role",
    "experimentOptions": {},
}


def test_an_experiment_that_is_stopped_in_its_last_action_stays_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = ServerContext(port=1, state_folder=tmp_path, region="ap-northeast-1", account="000000000000")
    templates = Templates(context)
    templates.kept["EXT1"] = TEMPLATE
    experiments = Experiments(templates, context)
    monkeypatch.setattr(ecs, "tasks", {"task": {"lastStatus": "RUNNING", "clusterArn": "cluster"}})
    monkeypatch.setattr(ecs, "call", lambda *_: experiments.stop(next(iter(experiments.kept))))
    ended: list[bool] = []
    monkeypatch.setattr(ServerContext, "changed", lambda _: ended.append(True))

    experiments.start("EXT1", {})

    wait_for(lambda: ended, "the experiment has ended")
    (experiment,) = experiments.kept.values()
    assert experiment["state"] == {"status": "stopped", "reason": "Experiment stopped by user."}
