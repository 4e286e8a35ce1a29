"""The end of a release, as far as the embedded AWS is too quick to show it; and where a rollback leads."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError

from ops.aws.polling import Polling
from ops.errors import FailedError
from ops.release import watch as watching
from ops.release.deployment import DeploymentState, state_of
from ops.release.history import History, PastRelease, Record, Release, earlier_revisions, recorded_image
from ops.release.revision import Revision
from ops.release.watch import Outcome
from tests.support.aws import aws_of, given
from tests.support.fake_clients import client_error
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
    polling = Polling(seconds=3, sleep=sleeps.append)
    found = watching._find_rollback(given(cast("Any", SimpleNamespace(codedeploy=None)), polling=polling), first)
    return found.rollback_id, len(sleeps)


def test_a_rollback_that_comes_a_moment_later_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, broken(), [broken(), broken(rollback="d-2")]) == ("d-2", 1)


def test_without_automatic_rollback_none_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, broken(automatic=False), []) == ("", 0)
    monkeypatch.setattr(watching, "_ROLLBACK_SECONDS", 0.0)
    assert waited(monkeypatch, broken(), []) == ("", 0)


def test_a_release_that_is_deleted_with_its_month_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_watch", Mock(side_effect=client_error("DeploymentDoesNotExistException")))
    with pytest.raises(FailedError, match="d-1 was deleted with its application: the month was ended"):
        watching.watch(aws_of(), "d-1", show=lambda _: None)
    monkeypatch.setattr(watching, "_watch", Mock(side_effect=client_error("ThrottlingException")))
    with pytest.raises(ClientError):
        watching.watch(aws_of(), "d-1", show=lambda _: None)


def past(revision: str, result: str = "Succeeded", *, rolls_back: str = "", replaced: str = "") -> PastRelease:
    return PastRelease(
        deployment_id="d",
        image="api",
        revision=revision,
        like="",
        replaced=replaced,
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
    ("deployments", "revisions"),
    [
        ([past("f:3"), past("f:2")], ["f:3", "f:2"]),
        (
            [past("f:5", "RolledBack"), past("f:3"), past("f:4", "Failed"), past("f:2", replaced="f:1")],
            ["f:3", "f:2", "f:1"],
        ),
        ([past("f:2", rolls_back="d-0"), past("f:3", replaced="f:2")], ["f:3", "f:2"]),
        ([past("f:4", replaced="f:3"), past("f:3", replaced="f:4")], ["f:4", "f:3"]),
        ([past(""), past("f:2")], ["f:2"]),
    ],
)
def test_a_rollback_leads_to_the_last_image_that_served(deployments: list[PastRelease], revisions: list[str]) -> None:
    assert list(earlier_revisions(History(deployments=tuple(deployments), records=()))) == revisions


def test_without_one_a_rollback_leads_to_the_last_other_image_of_the_record() -> None:
    history = History(deployments=(), records=(record("c"), record(""), record("b"), record("a")))
    assert recorded_image(history, current="c") == "b"
    assert recorded_image(History(deployments=(), records=(record("c"),)), current="c") is None


@pytest.mark.parametrize(("status", "outcome"), [("Succeeded", Outcome.ROLLED_BACK), ("Failed", Outcome.FAILED)])
def test_it_is_rolled_back_only_where_the_rollback_succeeded(
    monkeypatch: pytest.MonkeyPatch, status: str, outcome: Outcome
) -> None:
    later = {"deploymentId": "d-2", "status": status, "createTime": NOW, "completeTime": NOW + timedelta(minutes=3)}
    ends = {"d-1": broken(rollback="d-2"), "d-2": state_of(cast("Any", later))}

    def until_end(_aws: object, deployment_id: str, _show: object) -> Any:
        return SimpleNamespace(deployment=ends[deployment_id], events=())

    monkeypatch.setattr(watching, "_watch_to_end", until_end)
    monkeypatch.setattr(watching, "running_image", lambda _: "the image of before")
    result = watching._watch(aws_of(), "d-1", lambda _: None)
    assert (result.outcome, result.rollback_id) == (outcome, "d-2")
    assert result.duration == timedelta(minutes=3)


@pytest.mark.parametrize(
    ("description", "hours", "written"), [("rollback", -1, 1), ("rollback", 1, 0), ("release", -1, 0)]
)
def test_the_end_of_a_rollback_is_recorded_also_where_the_image_is_the_same(
    monkeypatch: pytest.MonkeyPatch, description: str, hours: int, written: int
) -> None:
    """By it a repeat knows that it was not killed."""
    info = {"deploymentId": "d-1", "createTime": NOW, "completeTime": NOW, "description": f"{description} by somebody"}
    records: list[str] = []
    before = Release(image="api:2", version=1, since=NOW + timedelta(hours=hours))
    monkeypatch.setattr(watching, "read_release", lambda _: before)
    monkeypatch.setattr(watching, "write_release", lambda _, image: records.append(image))
    monkeypatch.setattr(watching, "image_of", lambda *_: "api:2")
    monkeypatch.setattr(
        watching, "read_serving", lambda _: SimpleNamespace(revision=Revision(arn="f:1", image="api:2"))
    )
    monkeypatch.setattr(watching, "read_running_service", lambda *_: None)
    monkeypatch.setattr(watching, "deregister_old_revisions", lambda *_, **__: ())
    watching._conclude(aws_of(), state_of(cast("Any", info)))
    assert records == ["api:2"] * written
