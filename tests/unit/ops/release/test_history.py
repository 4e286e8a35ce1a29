"""Whether the record of releases names what runs, as far as CodeDeploy still knows how it came to run."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ops.release import watch
from ops.release.history import Release
from ops.release.revision import Revision
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW

BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


def unrecorded(
    monkeypatch: pytest.MonkeyPatch, record: tuple[str, Any] | None, *, deployment: str = "d-1", **info: Any
) -> str | None:
    serving = SimpleNamespace(revision=Revision(arn="f:3", image="api:2"), deployment_id=deployment)
    monkeypatch.setattr(watch, "read_serving", lambda _: serving)
    found = Release(image=record[0], version=1, since=record[1]) if record else None
    monkeypatch.setattr(watch, "read_release", lambda _: found)

    def get_deployment(deploymentId: str) -> Any:  # noqa: N803 - boto3's name
        if not info:
            raise client_error("DeploymentDoesNotExistException", f"The deployment {deploymentId} could not be found")
        return {"deploymentInfo": {"deploymentId": deploymentId, "createTime": NOW, **info}}

    return watch.unrecorded_image(aws_of(codedeploy=SimpleNamespace(get_deployment=get_deployment)))


@pytest.mark.parametrize(
    ("record", "image"),
    [(("api:2", BEFORE), None), (("api:1", BEFORE), "api:2"), (("api:1", AFTER), None), (None, "api:2")],
)
def test_a_release_that_nobody_watched_is_not_recorded(
    monkeypatch: pytest.MonkeyPatch, record: tuple[str, Any] | None, image: str | None
) -> None:
    assert unrecorded(monkeypatch, record, status="Succeeded", completeTime=NOW) == image
    assert unrecorded(monkeypatch, record, status="InProgress") is None


@pytest.mark.parametrize("deployment", ["", "d-1"])
def test_what_codedeploy_has_forgotten_changes_no_record(monkeypatch: pytest.MonkeyPatch, deployment: str) -> None:
    """The application goes before the service, whose tasks end for minutes, or which cannot be deleted."""
    assert unrecorded(monkeypatch, ("api:1", BEFORE), deployment=deployment) is None
    assert unrecorded(monkeypatch, None, deployment=deployment) == "api:2"
