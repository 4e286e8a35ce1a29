"""What a rollback goes back to."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ops.errors import RefusedError
from ops.release import rollback
from ops.release.deployment import state_of
from ops.release.history import History, Release
from ops.release.revision import Revision
from tests.support.fakes import NOW

STOPPED = replace(
    state_of(cast("Any", {"deploymentId": "d-2", "createTime": NOW})), error_code="MANUAL_STOP", rollback_id="d-3"
)
AWS: Any = SimpleNamespace(names=SimpleNamespace(task_family="family", container="api"))


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Revision 1 has served before revision 2."""
    images = {"family:1": "api:1", "family:2": "api:2"}
    serving = SimpleNamespace(revision=Revision(arn="family:2", image="api:2"))
    monkeypatch.setattr(rollback, "read_serving", lambda _: serving)
    monkeypatch.setattr(rollback, "read_history", lambda *_, **__: History(deployments=(), records=()))
    monkeypatch.setattr(rollback, "earlier_revisions", lambda _: ("family:2", "family:1"))
    monkeypatch.setattr(rollback, "read_revision", lambda _, name: Revision(arn=name, image=images[name]))
    monkeypatch.setattr(rollback, "revision_differences", lambda *_: ())


@pytest.mark.usefixtures("before")
def test_a_rollback_that_is_run_again_after_its_stop_goes_no_further_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was killed after CodeDeploy had the stop: what was asked for is done."""
    monkeypatch.setattr(rollback, "newest_deployment", lambda _: STOPPED)
    with pytest.raises(RefusedError, match="d-2, was stopped and rolled back already"):
        rollback.rollback_target(AWS, None)
    assert rollback.rollback_target(AWS, "1").image == "api:1"


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(("differences", "like"), [(("memory",), "family:1"), ((), None)])
def test_an_earlier_configuration_of_the_same_image_is_gone_back_to(
    monkeypatch: pytest.MonkeyPatch, differences: Any, like: str | None
) -> None:
    monkeypatch.setattr(rollback, "newest_deployment", lambda _: None)
    monkeypatch.setattr(rollback, "read_revision", lambda _, name: Revision(arn=name, image="api:2"))
    monkeypatch.setattr(rollback, "recorded_image", lambda *_, **__: "api:0")
    monkeypatch.setattr(rollback, "revision_differences", lambda _, arn, other: differences if arn != other else ())
    target = rollback.rollback_target(AWS, None)
    assert (target.image, target.like) == ("api:2" if like else "api:0", like)


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    "newest", [None, replace(STOPPED, error_code="ALARM_ACTIVE"), replace(STOPPED, rollback_id="")]
)
def test_what_an_alarm_has_taken_back_is_gone_back_from(monkeypatch: pytest.MonkeyPatch, newest: Any) -> None:
    monkeypatch.setattr(rollback, "newest_deployment", lambda _: newest)
    assert rollback.rollback_target(AWS, None).image == "api:1"


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("watched", [False, True])
def test_a_rollback_that_was_killed_is_not_taken_back_by_its_repeat(
    monkeypatch: pytest.MonkeyPatch, *, watched: bool
) -> None:
    """What it has gone back to serves, and nobody has recorded it; the record may name that image all the same."""
    done = {"deploymentId": "d-2", "createTime": NOW, "completeTime": NOW, "status": "Succeeded"}
    newest = state_of(cast("Any", done | {"description": "rollback by somebody"}))
    since = NOW + timedelta(seconds=5 if watched else -5)
    monkeypatch.setattr(rollback, "newest_deployment", lambda _: newest)
    monkeypatch.setattr("ops.release.watch.read_release", lambda _: Release(image="api:2", version=1, since=since))
    with nullcontext() if watched else pytest.raises(RefusedError, match="d-2 was a rollback already"):
        rollback.rollback_target(AWS, None)
    assert rollback.rollback_target(AWS, "1").image == "api:1"
