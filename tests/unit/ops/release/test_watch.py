"""The end of a release, as far as the embedded AWS is too quick to show it; and where a rollback leads."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ops.release import watch as watching
from ops.release.deployment import DeploymentState, state_of
from ops.release.history import History, PastRelease, previous_image
from ops.release.record import Record
from ops.stacks.watch import Pace
from tests.support.fakes import NOW


def broken(*, rollback: str = "", automatic: bool = True) -> DeploymentState:
    info = {
        "deploymentId": "d-1",
        "status": "Stopped",
        "createTime": NOW,
        "rollbackInfo": {"rollbackDeploymentId": rollback},
        "autoRollbackConfiguration": {"enabled": automatic},
    }
    return state_of(cast("Any", info))


def waited(monkeypatch: pytest.MonkeyPatch, first: DeploymentState, later: list[DeploymentState]) -> tuple[str, int]:
    sleeps: list[float] = []
    monkeypatch.setattr(watching, "read_deployment", lambda *_: later.pop(0) if later else first)
    pace = Pace(seconds=3, sleep=sleeps.append)
    found = watching._with_rollback(cast("Any", SimpleNamespace(codedeploy=None)), first, pace)
    return found.rollback_id, len(sleeps)


def test_a_rollback_that_comes_a_moment_later_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, broken(), [broken(), broken(rollback="d-2")]) == ("d-2", 2)


def test_none_is_waited_for_where_none_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, broken(automatic=False), []) == ("", 0)
    monkeypatch.setattr(watching, "_ROLLBACK_SECONDS", 0.0)
    assert waited(monkeypatch, broken(), []) == ("", 0)


def past(image: str, result: str = "Succeeded", rolls_back: str = "") -> PastRelease:
    return PastRelease(
        deployment_id="d",
        image=image,
        revision="f:1",
        mode="canary",
        created=NOW,
        duration=timedelta(minutes=7),
        result=result,
        who="me",
        reason="",
        rolls_back=rolls_back,
    )


def record(image: str) -> Record:
    return Record(image=image, version=1, since=NOW, who="me")


@pytest.mark.parametrize(
    ("deployments", "records", "image"),
    [
        ([past("c"), past("b"), past("a")], [], "b"),
        ([past("x", "RolledBack"), past("c"), past("y", "Failed"), past("a")], [], "a"),
        ([past("b", rolls_back="d-0"), past("c")], [record("c"), record("z")], "z"),
        ([], [record("c"), record("b")], "b"),
        ([past("c")], [record("c")], None),
        ([past(""), past("a")], [], "a"),
    ],
)
def test_the_way_back_leads_to_the_last_other_image_that_served(
    deployments: list[PastRelease], records: list[Record], image: str | None
) -> None:
    history = History(deployments=tuple(deployments), records=tuple(records))
    assert previous_image(history, "c") == image
