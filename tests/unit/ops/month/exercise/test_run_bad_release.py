"""A bad release is rolled back at the exercise's end, unless CodeDeploy was faster."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from ops.month.exercise import run
from ops.month.exercise.faults import FaultMethod
from ops.release.watch import Outcome
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error


@pytest.mark.parametrize("ended", [False, True])
def test_a_release_that_its_alarm_has_ended_first_is_watched_all_the_same(
    monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    """Its rollback runs then, so that a release seems to run."""
    stopped: list[str] = []

    def stop(deploymentId: str, autoRollbackEnabled: bool) -> None:  # noqa: N803 - boto3's names
        if ended:
            raise client_error("DeploymentAlreadyCompletedException")
        assert autoRollbackEnabled
        stopped.append(deploymentId)

    result = SimpleNamespace(outcome=Outcome.ROLLED_BACK, code="ALARM_ACTIVE")
    monkeypatch.setattr(run, "plan_release", lambda *_: SimpleNamespace(migrate=("npm",)))
    monkeypatch.setattr(run, "replace", lambda plan, **_: plan)
    monkeypatch.setattr(run, "begin_release", lambda *_, **__: "d-1")
    monkeypatch.setattr(run, "watch_release", lambda *_, **__: result)
    notes: list[str] = []
    watch = cast("Any", SimpleNamespace(note=notes.append))
    with run._bad_release(
        aws_of(codedeploy=SimpleNamespace(stop_deployment=stop)),
        FaultMethod(way="command", image="bad:1"),
        watch,
        lambda: None,
    ):
        pass
    assert stopped == ([] if ended else ["d-1"])
    assert notes[-1] == "the release is rolled back (ALARM_ACTIVE)"
    assert ("the release is stopped, as `hannibal rollback` does" in notes) is not ended
